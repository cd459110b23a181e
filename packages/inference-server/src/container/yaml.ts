/** What a YAML text can be made of. */
export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/** Texts that need no quotes, whichever version of YAML reads them. */
const PLAIN = /^[A-Za-z/$][A-Za-z0-9_./-]*(?::[A-Za-z0-9_./-]+)*$/;

/** Words that YAML takes for something else than a text. */
const WORDS = /^(?:true|false|yes|no|on|off|y|n|null)$/i;

/** Writes a value as YAML in block style. Keys keep their order; an empty list or object is written as such. */
export function toYaml(value: { readonly [key: string]: YamlValue }): string {
  return `${linesOf(value).join('\n')}\n`;
}

function linesOf(value: YamlValue): string[] {
  if (Array.isArray(value)) {
    return (value as readonly YamlValue[]).flatMap((item) => nested('-', item, ' '));
  }
  if (typeof value === 'object') {
    return Object.entries(value as { readonly [key: string]: YamlValue }).flatMap(([key, item]) =>
      nested(`${scalar(key)}:`, item, '\n'),
    );
  }
  return [scalar(value)];
}

/** A value behind what leads to it: on the same line where it fits, else indented below. */
function nested(start: string, value: YamlValue, separator: ' ' | '\n'): string[] {
  if (typeof value !== 'object') {
    return [`${start} ${scalar(value)}`];
  }
  const lines = linesOf(value);
  const [first] = lines;
  if (first === undefined) {
    return [`${start} ${Array.isArray(value) ? '[]' : '{}'}`];
  }
  return separator === ' '
    ? [`${start} ${first}`, ...lines.slice(1).map((line) => `  ${line}`)]
    : [start, ...lines.map((line) => `  ${line}`)];
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') {
    return String(value);
  }
  if (PLAIN.test(value) && !WORDS.test(value)) {
    return value;
  }
  // A JSON text is a YAML text in double quotes, once nothing is left that YAML reads as the end of a line.
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

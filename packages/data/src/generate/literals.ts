/** A text as a literal of Python. The file is UTF-8, so letters of all scripts stand as they are. */
export function pythonText(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll(INVISIBLE, (character) => pythonEscape(character))}"`;
}

/** A list of texts in Python. */
export function pythonList(texts: readonly string[]): string {
  return `[${texts.map(pythonText).join(', ')}]`;
}

/** A text as a literal of SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an identifier of SQL. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A text as a literal of M, the language of Power Query.
 *
 * Source: "Power Query M language specification", lexical structure: `""` is a quote, `#(` begins an escape, and `#(#)`
 * stands for the `#` of one.
 */
export function mText(text: string): string {
  const escaped = text
    .replaceAll('#(', '#(#)(')
    .replaceAll('"', '""')
    .replaceAll(INVISIBLE, (character) => `#(${character.charCodeAt(0).toString(16).padStart(4, '0')})`);
  return `"${escaped}"`;
}

/** A list of texts in M. */
export function mList(texts: readonly string[]): string {
  return `{${texts.map(mText).join(', ')}}`;
}

/** Control characters, line separators and marks that nobody sees. All of them have one code unit. */
const INVISIBLE = /[\p{Cc}\u2028\u2029\ufeff\u200b-\u200f\u202a-\u202e\u2066-\u2069]/gu;

function pythonEscape(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

import { ValidationError } from '@azureml-ts/common';

/**
 * Writes a text as a literal of a query, so that nothing in it is read as a part of the query.
 *
 * @param text Any text.
 * @returns The literal with its double quotes.
 * @throws {@link ValidationError} `VALIDATION` when it is no text.
 * @example
 * ```ts
 * import { kqlText } from '@azureml-ts/insights';
 *
 * console.log(`traces | where message == ${kqlText('say "hello"')}`); // traces | where message == "say \"hello\""
 * ```
 *
 * Source: string literals of the Kusto Query Language.
 */
export function kqlText(text: string): string {
  return kqlTextOf(text, 'text');
}

/** As {@link kqlText}. @param path Name of what it is, for the error. @internal */
export function kqlTextOf(text: string, path: string): string {
  if (typeof text !== 'string') {
    throw new ValidationError({ path, expected: 'a text', received: text });
  }
  return `"${text.replace(ESCAPED, escapeOf)}"`;
}

/** Quotes and backslash, control characters, what ends a line in Kusto, and halves of characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const ESCAPED = /["\\]|[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]|\p{Surrogate}/gu;

const SHORT: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOf(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const DURATION = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration such as `30m`; `undefined` for any other text. @internal */
export function durationMs(text: string): number | undefined {
  const [, amount, unit = ''] = DURATION.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
}

/**
 * A duration as Kusto takes it.
 *
 * @throws {@link ValidationError} `VALIDATION` when it is none, or zero.
 * @internal
 */
export function kqlDuration(text: string, path: string): string {
  if (typeof text !== 'string' || !((durationMs(text) ?? 0) > 0)) {
    throw new ValidationError({ path, expected: 'a duration above 0 such as 30s, 5m, 1h or 7d', received: text });
  }
  return text;
}

/** A whole number within bounds, as a part of a query. @throws {@link ValidationError} `VALIDATION`. @internal */
export function kqlCount(value: number, path: string, largest: number): string {
  if (!Number.isInteger(value) || value < 1 || value > largest) {
    throw new ValidationError({ path, expected: `a whole number from 1 to ${largest}`, received: value });
  }
  return String(value);
}

/** A value of a cell as it is read. */
export type CellValue = string | number | bigint | boolean | Date | null;

/** The type that a column is declared to have. */
export type CellType = 'number' | 'string' | 'boolean' | 'date' | 'bigint';

/** Turns the text of a cell into its value; `undefined` when the text is not of the type. */
export type CellReader = (text: string) => CellValue | undefined;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const PLAIN_INTEGER = /^-?\d+$/;
const SPECIAL_NUMBERS = new Set(['NaN', 'Infinity', '-Infinity']);
const ISO_DATE = /^((?:\d{4}|[+-]\d{6})-(\d\d)-(\d\d))(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/**
 * Reads a cell whose type nobody declared.
 *
 * Only a text that JavaScript or the collector itself would write for a number becomes one, so that `00123`, `1.50`,
 * `+1` and integers too large to be exact stay as they are.
 */
export function inferCell(text: string): CellValue {
  if (text === '') {
    return null;
  }
  if (text === 'true' || text === 'false') {
    return text === 'true';
  }
  const code = text.charCodeAt(0);
  // Most texts are decided by their first character: a digit, a minus sign, or the I and N of the special numbers.
  if (!((code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x49 || code === 0x4e)) {
    return text;
  }
  const number = Number(text);
  if (String(number) === text) {
    return PLAIN_INTEGER.test(text) && !Number.isSafeInteger(number) ? text : number;
  }
  // A column declared float64 shows a point always: 5.0, -0.0.
  const whole = text.endsWith('.0') ? text.slice(0, -2) : '';
  return whole === '-0' || (whole !== '' && PLAIN_INTEGER.test(whole) && String(number) === whole) ? number : text;
}

/** Readers of declared types. An empty cell is `null`, except for `string`: there it is the empty text. */
export const CELL_READERS: Readonly<Record<CellType, CellReader>> = {
  string: (text) => text,
  number: (text) => (text === '' ? null : DECIMAL.test(text) || SPECIAL_NUMBERS.has(text) ? Number(text) : undefined),
  boolean: (text) => (text === '' ? null : text === 'true' ? true : text === 'false' ? false : undefined),
  bigint: (text) => (text === '' ? null : PLAIN_INTEGER.test(text) ? BigInt(text) : undefined),
  date: readDate,
};

/** ISO 8601 with a zone, or only a day, which is UTC. A time without zone would depend on the machine that reads it. */
function readDate(text: string): Date | null | undefined {
  if (text === '') {
    return null;
  }
  const parts = ISO_DATE.exec(text);
  const date = new Date(text);
  if (parts === null || Number.isNaN(date.getTime())) {
    return undefined;
  }
  // JavaScript takes February 30th for March 2nd.
  const day = new Date(`${parts[1]}T00:00:00Z`);
  return day.getUTCDate() === Number(parts[3]) ? date : undefined;
}

/** What the types are called in messages. */
export const CELL_TYPE_NAMES: Readonly<Record<CellType, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  bigint: 'a whole number',
  date: 'an ISO 8601 date with zone',
};

import { CELL_READERS, type CellType, type CellValue, inferCell } from './cell-types.ts';

/** How Python writes small and large numbers: shortest digits, and an exponent of two digits at least. */
const EXPONENT = /^(-?[1-9](?:\.\d*[1-9])?)e([+-]\d{2,3})$/;
const SPECIAL = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);
/** What is a value for JavaScript, and for Python nothing but a text. */
const TEXTS = new Set(['true', 'false', 'NaN', 'Infinity', '-Infinity']);
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?$/;
const UUID_END = /^(?:(.+)-)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/is;

/** Reads a cell that the Python package wrote, when nobody declared its type. */
export function inferPythonCell(text: string): CellValue {
  if (text === 'True' || text === 'False') {
    return text === 'True';
  }
  const special = SPECIAL.get(text);
  if (special !== undefined) {
    return special;
  }
  const exponent = EXPONENT.exec(text);
  if (exponent !== null) {
    const number = Number(text);
    const [digits, power] = number.toExponential().split('e');
    return digits === exponent[1] && Number(power) === Number(exponent[2]) ? number : text;
  }
  return TEXTS.has(text) ? text : inferCell(text);
}

/** Readers of declared types for cells that the Python package wrote. */
export const PYTHON_READERS: Readonly<Record<CellType, (text: string) => CellValue | undefined>> = {
  ...CELL_READERS,
  number: (text) => SPECIAL.get(text) ?? CELL_READERS.number(text),
  boolean: (text) => (text === 'True' ? true : text === 'False' ? false : CELL_READERS.boolean(text)),
  // Python writes times without zone; what the package writes itself is UTC, and so is this taken.
  date: (text) => CELL_READERS.date(text.replace(DATE_TIME, (_, day, time, zone) => `${day}T${time}${zone ?? 'Z'}`)),
};

/** What the caller's own id is in the correlation id of the Python package: what stands before its UUID. */
export function userIdOfPython(correlationId: string): string {
  return UUID_END.exec(correlationId)?.[1] ?? '';
}

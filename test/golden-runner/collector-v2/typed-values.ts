import { anyObject, strictList, strictText, UnreadableCase } from '../strict.ts';

/** A frame of pandas as a caller of ours has its rows. */
export interface Frame {
  /** Names of the columns, in order. */
  readonly names: readonly string[];
  /** Cells by column; those of floats as typed arrays. */
  readonly columns: readonly (unknown[] | Float64Array)[];
  readonly length: number;
}

/** An object of the caller's own class. */
export class ForeignObject {}

const FLOATS = /^float(16|32|64)$/i;

/** What a caller of ours has in place of a value of Python. */
export function scriptValue(typed: unknown): unknown {
  if (typeof typed !== 'object' || typed === null) {
    return typed;
  }
  const fields = anyObject(typed, 'a value');
  const type = strictText(fields['$type'], '$type');
  const text = () => strictText(fields['value'], 'value');
  if (/^u?int\d*$/.test(type)) {
    return integer(text());
  }
  switch (type) {
    case 'float64':
      return Number(text());
    case 'float32':
      return Math.fround(Number(text()));
    case 'bool':
      return fields['value'];
    case 'str':
      return strictList(fields['utf16'], 'utf16')
        .map((unit) => String.fromCharCode(Number.parseInt(String(unit), 16)))
        .join('');
    case 'NaT':
    case 'NA':
      return null;
    case 'Timestamp':
    case 'datetime':
    case 'date':
      return time(text());
    case 'Timedelta':
    case 'timedelta':
      return Number(BigInt(strictText(fields['nanoseconds'], 'nanoseconds')) / 1_000_000n);
    case 'time':
    case 'Decimal':
      return text();
    case 'bytes':
      return Buffer.from(strictText(fields['base64'], 'base64'), 'base64');
    case 'complex128':
      return { imag: Number(fields['imag']), real: Number(fields['real']) };
    case 'list':
    case 'tuple':
      return strictList(fields['items'], 'items').map(scriptValue);
    case 'dict':
      return Object.fromEntries(
        strictList(fields['items'], 'items').map((pair) => {
          const [key, value] = pair as [unknown, unknown];
          return [String(scriptValue(key)), scriptValue(value)];
        }),
      );
    case 'ndarray':
    case 'Series': {
      const items = strictList(fields['items'], 'items').map(scriptValue);
      return FLOATS.test(String(fields['dtype'])) ? Float64Array.from(items as number[]) : items;
    }
    case 'object':
      return new ForeignObject();
    default:
      throw new UnreadableCase(`a value is of a type that this runner does not know: ${type}`);
  }
}

/** Reads a data frame; `undefined` when a value is none. */
export function frameOf(typed: unknown): Frame | undefined {
  const fields = typeof typed === 'object' && typed !== null ? anyObject(typed, 'a value') : {};
  if (fields['$type'] !== 'DataFrame') {
    return undefined;
  }
  const names = strictList(fields['columns'], 'columns').map(nameOf);
  const dtypes = strictList(fields['dtypes'], 'dtypes').map(String);
  const rows = strictList(fields['rows'], 'rows').map((row) => strictList(row, 'a row').map(scriptValue));
  const columns = names.map((_, column) => {
    const cells = rows.map((row) => row[column]);
    return FLOATS.test(dtypes[column] ?? '')
      ? Float64Array.from(cells, (cell) => (cell ?? Number.NaN) as number)
      : cells;
  });
  return { names, columns, length: rows.length };
}

/** Names that are no texts are written as Python writes them. */
function nameOf(typed: unknown): string {
  const fields = typeof typed === 'object' && typed !== null ? anyObject(typed, 'a name') : {};
  if (fields['$type'] !== 'tuple') {
    return String(scriptValue(typed));
  }
  const parts = strictList(fields['items'], 'items').map((item) =>
    typeof item === 'string' ? `'${item}'` : String(scriptValue(item)),
  );
  return `(${parts.join(', ')}${parts.length === 1 ? ',' : ''})`;
}

function integer(digits: string): number | bigint {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}

/** A time without zone is one of UTC; what is below milliseconds is cut. */
function time(text: string): Date {
  const cut = text.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1');
  const isDay = /^\d{4}-\d\d-\d\d$/.test(cut);
  return new Date(isDay || /([+-]\d\d:?\d\d|Z)$/.test(cut) ? cut : `${cut}Z`);
}

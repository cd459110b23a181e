import { CORRELATION_COLUMNS } from '@azureml-ts/monitoring';
import { parse } from 'csv-parse/sync';

/** A stored row by the names of its columns. */
export type StoredRow = Readonly<Record<string, string>>;

/** Rows of one file, read by a reader that is not ours; throws when a line has not as many cells as the header. */
export function rowsOf(text: string): StoredRow[] {
  const rows = parse(text, { columns: true, record_delimiter: '\n' }) as StoredRow[];
  if (
    rows.some(
      (row) => Object.hasOwn(row, CORRELATION_COLUMNS[0]) && row[CORRELATION_COLUMNS[0]] === CORRELATION_COLUMNS[0],
    )
  ) {
    throw new Error('The file has its header twice.');
  }
  return rows;
}

/** Rows of all files, in the order of their names. */
export function allRows(files: ReadonlyMap<string, string>): StoredRow[] {
  return [...files.values()].flatMap(rowsOf);
}

/** One column of rows, in order. */
export function column(rows: readonly StoredRow[], name: string): string[] {
  return rows.map((row) => row[name] ?? '');
}

/** Values that are there more than once. */
export function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const value of values) {
    (seen.has(value) ? twice : seen).add(value);
  }
  return [...twice];
}

/** Values that are missing. */
export function missing(expected: Iterable<string>, found: readonly string[]): string[] {
  const there = new Set(found);
  return [...expected].filter((value) => !there.has(value));
}

/** Numbers that are not greater than the one before: an order that is not kept. */
export function misplaced(values: readonly number[]): number[] {
  return values.filter((value, index) => index > 0 && value <= (values[index - 1] ?? Number.NEGATIVE_INFINITY));
}

/** Texts of the whole numbers from `first` on. */
export function countUp(count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, index) => String(first + index));
}

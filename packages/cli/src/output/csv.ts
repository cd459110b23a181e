import { stringify } from 'csv-stringify/sync';
import type { Row } from './table.ts';

/** The same text as in a file of collected rows: quotes only where needed, also for a bare CR; dates as ISO 8601. */
const OPTIONS = {
  record_delimiter: '\n',
  quoted_match: /\r/,
  cast: {
    boolean: (value: boolean) => String(value),
    date: (value: Date) => (Number.isNaN(value.getTime()) ? '' : value.toISOString()),
  },
};

/** One line of CSV without line end: objects as JSON, nothing as empty. */
export function csvLine(values: readonly unknown[]): string {
  return stringify([values], OPTIONS).slice(0, -1);
}

/** The values of a row in the order of the columns. */
export function valuesOf(row: Row, columns: readonly string[]): unknown[] {
  return columns.map((name) => row[name]);
}

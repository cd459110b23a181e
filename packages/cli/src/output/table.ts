import { stripVTControlCharacters } from 'node:util';
import { harmlessLine } from '@azureml-ts/common';

/** Longest cell of a table of collected rows, in characters; JSON and CSV show the whole. */
const MAX_CELL = 60;

/** A row as an object; the names of all rows together are the columns. */
export type Row = Readonly<Record<string, unknown>>;

/** Options of {@link tableText}. */
export interface TableOptions {
  /** Whether the head is shown in bold. */
  readonly isColored: boolean;
  /** Longest cell, in characters; the rest of a longer one is left out. Default 60. */
  readonly maxCell?: number | undefined;
}

/**
 * Writes rows as a table: columns in the order in which they first appear, numbers to the right.
 *
 * @param rows The rows; none gives an empty text.
 * @param options How it looks.
 */
export function tableText(rows: readonly Row[], { isColored, maxCell = MAX_CELL }: TableOptions): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (names.length === 0) {
    return '';
  }
  const columns = names.map((name) => {
    const cells = rows.map((row) => cellText(row[name], maxCell));
    const head = shorten(name, maxCell);
    const width = Math.max(head.length, ...cells.map((cell) => cell.length));
    const isNumeric = rows.every(
      (row) => ['number', 'bigint', 'undefined'].includes(typeof row[name]) || row[name] === null,
    );
    return { name: head, cells, width, isNumeric };
  });
  const line = (cellOf: (column: (typeof columns)[number]) => string) =>
    columns
      .map((column) => (column.isNumeric ? cellOf(column).padStart(column.width) : cellOf(column).padEnd(column.width)))
      .join('  ')
      .trimEnd();
  const head = line((column) => column.name);
  const body = rows.map((_, index) => line((column) => column.cells[index] ?? ''));
  return [isColored ? `\u001b[1m${head}\u001b[22m` : head, ...body].map((text) => `${text}\n`).join('');
}

/** A value as one line of text that steers neither a terminal nor a build system. */
export function cellText(value: unknown, maxCell = Number.POSITIVE_INFINITY): string {
  if (value === undefined || value === null) {
    return '';
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  }
  return shorten(typeof value === 'object' ? (JSON.stringify(value) ?? '') : String(value), maxCell);
}

/** Such text is not ours: it must neither break the lines nor steer the terminal or the build system. */
function shorten(text: string, maxCell: number): string {
  const plain = harmlessLine(stripVTControlCharacters(text));
  return plain.length > maxCell ? `${plain.slice(0, maxCell - 3)}...` : plain;
}

import type { Cell } from '../format/csv-encode.ts';
import { pythonFloat } from './python-number.ts';
import { precisionOf, pythonTime } from './python-time.ts';

/** A column of a data frame that holds nothing but times has them padded to the finest unit in use. */
export function padTimes(rows: readonly Cell[][]): void {
  for (const { column, cells } of columnsOf(rows)) {
    const dates = cells.filter((cell) => cell instanceof Date);
    if (dates.length === 0 || dates.length < cells.length) {
      continue;
    }
    const precision = precisionOf(dates);
    for (const row of rows) {
      const cell = row[column];
      row[column] = cell instanceof Date ? pythonTime(cell, precision) : cell;
    }
  }
}

/** A column of a data frame that holds nothing but numbers, of which one is no integer, is one of floats: `1.0` beside `2.5`. */
export function pointFloats(rows: readonly Cell[][]): void {
  for (const { column, cells } of columnsOf(rows)) {
    if (cells.every(isInteger) || !cells.every((cell) => typeof cell === 'number')) {
      continue;
    }
    for (const row of rows) {
      const cell = row[column];
      row[column] = Number.isSafeInteger(cell) ? pythonFloat(cell as number) : cell;
    }
  }
}

/** `-0` is none: Python has no such integer. */
function isInteger(cell: Cell): boolean {
  return Number.isSafeInteger(cell) && !Object.is(cell, -0);
}

/** The columns of rows, without the cells that are empty. */
function* columnsOf(rows: readonly Cell[][]): Generator<{ readonly column: number; readonly cells: readonly Cell[] }> {
  const width = rows[0]?.length ?? 0;
  for (let column = 0; column < width; column += 1) {
    yield { column, cells: rows.map((row) => row[column]).filter((cell) => cell !== null && cell !== undefined) };
  }
}

/** A value that a cell of a collected row can hold. Objects become JSON text before they get here. */
export type Cell = string | number | bigint | boolean | null | undefined | Date;

// A bare CR is quoted too: readers take it for a line end.
const NEEDS_QUOTES = /[",\n\r]/;

/**
 * Text of one cell as it stands in the file.
 *
 * Strings are quoted only when they hold a comma, a quote, LF or CR; quotes are doubled. `null` and `undefined` are
 * empty; numbers have their shortest exact text, `NaN`, `Infinity` and `-Infinity` as JavaScript names them; booleans
 * are `true` and `false`; dates are ISO 8601 UTC with milliseconds, an invalid date is empty.
 *
 * Equal to csv-stringify with `record_delimiter: '\n'`, `quoted_match: /\r/` and a cast for each type.
 *
 * @param cell The value.
 */
export function encodeCell(cell: Cell): string {
  switch (typeof cell) {
    case 'string':
      return NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(cell);
    default:
      return cell instanceof Date && !Number.isNaN(cell.getTime()) ? cell.toISOString() : '';
  }
}

/**
 * One line of the file: the cells with commas between them, and LF at the end.
 *
 * @param cells The values of the row.
 */
export function encodeRow(cells: readonly Cell[]): string {
  let line = '';
  for (let column = 0; column < cells.length; column += 1) {
    line += column === 0 ? encodeCell(cells[column]) : `,${encodeCell(cells[column])}`;
  }
  return `${line}\n`;
}

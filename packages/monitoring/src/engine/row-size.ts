import type { Cell } from '../format/csv-encode.ts';

/**
 * About how many bytes rows will have as lines, never fewer than they take in memory as text.
 *
 * Exact enough for a limit: texts count three bytes a UTF-16 unit only when they are not plain ASCII, numbers their
 * longest usual text.
 */
export function estimateBytes(rows: readonly (readonly Cell[])[]): number {
  let bytes = 0;
  for (const row of rows) {
    for (const cell of row) {
      bytes += cellBytes(cell);
    }
  }
  return bytes;
}

function cellBytes(cell: Cell): number {
  switch (typeof cell) {
    case 'string':
      return (cell.length > 64 ? Buffer.byteLength(cell) : cell.length) + 1;
    case 'number':
      return 18;
    case 'bigint':
      return 24;
    case 'boolean':
      return 6;
    default:
      return cell instanceof Date ? 25 : 1;
  }
}

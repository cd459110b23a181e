import type { Cell } from '../format/csv-encode.ts';

/**
 * About how many bytes rows will have as lines.
 *
 * Exact enough for a limit: texts count their UTF-8 bytes, numbers their longest usual text; doubled quotes are left out.
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
      return Buffer.byteLength(cell) + 1;
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

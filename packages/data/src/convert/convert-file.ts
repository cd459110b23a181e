import { type Cell, CORRELATION_COLUMNS, encodeRows } from '@azureml-ts/monitoring/format';
import type { ColumnAccounts, RowHash } from './row-account.ts';
import { cellText } from './row-account.ts';
import type { RowCursor } from './row-cursor.ts';

const CALL: readonly string[] = CORRELATION_COLUMNS;

/** The columns of a documented file that a row goes to: its features, then those of the call. */
export function documentedColumns(keys: readonly string[], isDropped: (name: string) => boolean): string[] {
  return [...keys.filter((name) => !CALL.includes(name) && !isDropped(name)), ...CALL];
}

/**
 * The bytes of one documented file: a header, and the next rows as long as their columns are the same.
 *
 * @param cursor The rows; the first is there.
 * @param keys What the first row has, in order.
 * @param columns The columns to write.
 */
export async function* documentedBytes(
  cursor: RowCursor,
  keys: readonly string[],
  columns: readonly string[],
  hash: RowHash,
  accounts: ColumnAccounts,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield encodeRows([columns]);
  while ((await cursor.peek()) !== undefined) {
    const rows = cursor.take(keys);
    if (rows.length === 0) {
      return;
    }
    const lines: Cell[][] = [];
    for (const row of rows) {
      const texts = columns.map((name) => {
        const text = cellText(row[name]);
        accounts.see(name, row[name], text);
        return text;
      });
      hash.add(columns, texts);
      lines.push(texts);
    }
    yield encodeRows(lines);
  }
}

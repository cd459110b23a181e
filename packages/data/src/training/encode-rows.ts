import type { Column } from '../rows/column-batch.ts';
import { cellText, type TrainingCell } from './cell-column.ts';
import type { PlannedColumn } from './columns.ts';

/** The same text as in a file of collected rows: quotes only where needed, also for a bare CR. */
const CSV = { record_delimiter: '\n', quoted_match: /\r/ };

/** Writes rows as CSV with a header. */
export async function* encodeCsv(
  blocks: AsyncIterable<TrainingCell[][]>,
  columns: readonly PlannedColumn[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const { stringify } = await import('csv-stringify/sync');
  yield Buffer.from(stringify([columns.map(({ name }) => name)], CSV));
  for await (const rows of blocks) {
    yield Buffer.from(
      stringify(
        rows.map((row) => columns.map((column) => csvText(row[column.index] ?? null, column))),
        CSV,
      ),
    );
  }
}

function csvText(value: TrainingCell, { type, isWhole }: PlannedColumn): string | null {
  const text = cellText(value);
  // With a point in every cell or in none, a reader finds the same type in every part.
  return type === 'float64' && !isWhole && text !== null && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Gives rows column by column. */
export async function* encodeColumns(
  blocks: AsyncIterable<TrainingCell[][]>,
  columns: readonly PlannedColumn[],
): AsyncGenerator<{ readonly rowCount: number; readonly columns: readonly Column[] }, void, undefined> {
  for await (const rows of blocks) {
    yield {
      rowCount: rows.length,
      columns: columns.map((column) =>
        columnOf(
          column,
          rows.map((row) => row[column.index] ?? null),
        ),
      ),
    };
  }
}

function columnOf({ name, type }: PlannedColumn, cells: readonly TrainingCell[]): Column {
  if (type === 'string') {
    return { name, type, values: cells.map(cellText) };
  }
  const isNull = Uint8Array.from(cells, (cell) => (cell === null ? 1 : 0));
  const nulls = isNull.includes(1) ? isNull : undefined;
  switch (type) {
    case 'int64':
      return { name, type, values: BigInt64Array.from(cells, (cell) => (typeof cell === 'bigint' ? cell : 0n)), nulls };
    case 'boolean':
      return { name, type, values: Uint8Array.from(cells, (cell) => (cell === true ? 1 : 0)), nulls };
    case 'float64':
    case 'timestamp':
      return { name, type, values: Float64Array.from(cells, (cell) => (cell === null ? 0 : Number(cell))), nulls };
  }
}

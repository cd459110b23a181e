import { encodeRow } from '@azureml-ts/monitoring/format';
import type { Column } from '../rows/column-batch.ts';
import type { ColumnRows, ColumnSchema } from './column-schema.ts';

/** Writes rows as CSV with a header. All columns are texts: cells as they are stored. */
export async function* writeCsv(
  batches: AsyncIterable<ColumnRows>,
  schema: readonly ColumnSchema[],
): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(encodeRow(schema.map(({ name }) => name)));
  for await (const { rowCount, columns } of batches) {
    const cells = schema.map(({ name }) => columns.find((column) => column.name === name)?.values);
    let text = '';
    for (let row = 0; row < rowCount; row += 1) {
      text += encodeRow(cells.map((values) => values?.[row] ?? null));
    }
    yield Buffer.from(text);
  }
}

/** Writes rows as one JSON object a line. */
export async function* writeJsonLines(
  batches: AsyncIterable<ColumnRows>,
  schema: readonly ColumnSchema[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const keys = schema.map(({ name }, at) => `${at === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  for await (const { rowCount, columns } of batches) {
    const ordered = schema.map(({ name }) => columns.find((column) => column.name === name));
    let text = '';
    for (let row = 0; row < rowCount; row += 1) {
      for (const [at, column] of ordered.entries()) {
        text += (keys[at] as string) + (column === undefined ? 'null' : jsonValue(column, row));
      }
      text += '}\n';
    }
    yield Buffer.from(text);
  }
}

function jsonValue(column: Column, row: number): string {
  if (column.type === 'string') {
    return JSON.stringify(column.values[row] ?? null);
  }
  if (column.nulls?.[row] === 1) {
    return 'null';
  }
  switch (column.type) {
    case 'float64': {
      const value = column.values[row] as number;
      return Object.is(value, -0) ? '-0.0' : Number.isFinite(value) ? String(value) : `"${value}"`;
    }
    case 'int64':
      return String(column.values[row]);
    case 'boolean':
      return column.values[row] === 1 ? 'true' : 'false';
    case 'timestamp':
      return `"${new Date(column.values[row] as number).toISOString()}"`;
  }
}

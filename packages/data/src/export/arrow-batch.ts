import { AzuremlError } from '@azureml-ts/common';
import type { Data, DataType, RecordBatch, Schema } from 'apache-arrow';
import type { Column, ColumnType } from '../rows/column-batch.ts';
import { bitsOf, joined, joinedTexts, milliseconds, validity } from './arrow-values.ts';
import type { ColumnRows, ColumnSchema } from './column-schema.ts';

type Arrow = typeof import('apache-arrow');

/** Makes Arrow batches of one schema from batches of columns. */
export class ArrowBatches {
  /** The schema. */
  readonly schema: Schema;
  readonly #arrow: Arrow;
  readonly #columns: readonly ColumnSchema[];

  /**
   * @param arrow The package.
   * @param columns Names and types; every column may have nulls.
   */
  constructor(arrow: Arrow, columns: readonly ColumnSchema[]) {
    this.#arrow = arrow;
    this.#columns = columns;
    this.schema = new arrow.Schema(columns.map(({ name, type }) => new arrow.Field(name, this.#typeOf(type), true)));
  }

  /**
   * Puts batches under each other.
   *
   * @throws AzuremlError `COLUMN_TYPE_MISMATCH` when a column has another type than in the schema, `COLUMN_NOT_FOUND` when
   *   it is not in the schema.
   */
  gather(batches: readonly ColumnRows[]): RecordBatch {
    const { makeData, RecordBatch, Struct } = this.#arrow;
    const rowCount = batches.reduce((sum, batch) => sum + batch.rowCount, 0);
    const byName = batches.map((batch) => this.#checked(batch));
    const children = this.#columns.map(({ name, type }) =>
      this.#column(
        type,
        byName.map((columns) => columns.get(name)),
        batches.map((batch) => batch.rowCount),
        rowCount,
      ),
    );
    return new RecordBatch(
      this.schema,
      makeData({ type: new Struct(this.schema.fields), length: rowCount, nullCount: 0, children }),
    );
  }

  #checked({ columns }: ColumnRows): Map<string, Column> {
    const known = new Map(this.#columns.map(({ name, type }) => [name, type]));
    for (const { name, type } of columns) {
      const wanted = known.get(name);
      if (wanted !== type) {
        throw new AzuremlError(
          wanted === undefined ? 'COLUMN_NOT_FOUND' : 'COLUMN_TYPE_MISMATCH',
          wanted === undefined
            ? `The column "${name}" is not in the schema of the file. Add it to the schema, or leave it out of the rows.`
            : `The column "${name}" came with type ${type}, but the file has it as ${wanted}. Declare one type for it.`,
          { details: { column: name, type, ...(wanted === undefined ? {} : { expected: wanted }) } },
        );
      }
    }
    return new Map(columns.map((column) => [column.name, column]));
  }

  /** A column; a batch that lacks it has only nulls there. */
  #column(
    type: ColumnType,
    parts: readonly (Column | undefined)[],
    counts: readonly number[],
    rowCount: number,
  ): Data<DataType> {
    const { makeData } = this.#arrow;
    const { nullBitmap, nullCount } = validity(parts, counts, rowCount);
    const common = { length: rowCount, nullCount, nullBitmap };
    switch (type) {
      case 'string': {
        const { offsets, bytes } = joinedTexts(parts, counts, rowCount);
        return makeData({ ...common, type: new this.#arrow.Utf8(), valueOffsets: offsets, data: bytes });
      }
      case 'float64':
        return makeData({
          ...common,
          type: new this.#arrow.Float64(),
          data: joined(new Float64Array(rowCount), parts, counts, type),
        });
      case 'int64':
        return makeData({
          ...common,
          type: new this.#arrow.Int64(),
          data: joined(new BigInt64Array(rowCount), parts, counts, type),
        });
      case 'timestamp':
        return makeData({
          ...common,
          type: this.#typeOf('timestamp') as InstanceType<Arrow['TimestampMillisecond']>,
          data: milliseconds(joined(new Float64Array(rowCount), parts, counts, type), nullBitmap),
        });
      case 'boolean':
        return makeData({
          ...common,
          type: new this.#arrow.Bool(),
          data: bitsOf(joined(new Uint8Array(rowCount), parts, counts, type)),
        });
    }
  }

  #typeOf(type: ColumnType): DataType {
    const { Bool, Float64, Int64, TimestampMillisecond, Utf8 } = this.#arrow;
    switch (type) {
      case 'string':
        return new Utf8();
      case 'float64':
        return new Float64();
      case 'int64':
        return new Int64();
      case 'timestamp':
        return new TimestampMillisecond('UTC');
      case 'boolean':
        return new Bool();
    }
  }
}

import type { CollectedFile } from '../files/collected-file.ts';

/**
 * The type of a column of a batch.
 *
 * | type | values |
 * |---|---|
 * | `float64` | `Float64Array` |
 * | `int64` | `BigInt64Array` |
 * | `boolean` | `Uint8Array` of 0 and 1 |
 * | `timestamp` | `Float64Array` of milliseconds since 1970, UTC |
 * | `string` | an array of texts, `null` where there is nothing |
 */
export type ColumnType = 'float64' | 'int64' | 'boolean' | 'timestamp' | 'string';

interface TypedColumn<K extends ColumnType, V> {
  /** Name of the column. */
  readonly name: string;
  /** Its type; says what `values` is. */
  readonly type: K;
  /** One value a row. Where `nulls` has 1, the value means nothing. */
  readonly values: V;
  /** 1 for each row that has nothing here; left out when every row has something. A `string` column marks it by `null`. */
  readonly nulls?: Uint8Array | undefined;
}

/** One column of a batch. */
export type Column =
  | TypedColumn<'float64', Float64Array>
  | TypedColumn<'int64', BigInt64Array>
  | TypedColumn<'boolean', Uint8Array>
  | TypedColumn<'timestamp', Float64Array>
  | TypedColumn<'string', readonly (string | null)[]>;

/** Rows of one file, column by column. */
export interface ColumnBatch {
  /** The file that the rows stand in. */
  readonly file: CollectedFile;
  /** Number of rows. */
  readonly rowCount: number;
  /** The features in the order of the header, then the columns of the call. */
  readonly columns: readonly Column[];
}

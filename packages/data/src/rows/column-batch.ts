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

/** A column of values of one type. */
export interface TypedColumn<K extends ColumnType, V> {
  /** Name of the column. */
  readonly name: string;
  /** Its type; says what `values` is. */
  readonly type: K;
  /** One value a row. Where `nulls` has 1, the value means nothing. */
  readonly values: V;
  /** 1 for each row that has nothing here; left out when every row has something. A `string` column marks it by `null`. */
  readonly nulls?: Uint8Array | undefined;
}

/** Texts behind each other, as engines keep them: text `i` has the bytes from `offsets[i]` to `offsets[i + 1]`. */
export interface Utf8Texts {
  /** One more than there are rows, from 0. */
  readonly offsets: Int32Array;
  /** The bytes, as UTF-8. */
  readonly bytes: Uint8Array;
}

/** A column of texts. */
export interface TextColumn extends TypedColumn<'string', readonly (string | null)[]> {
  /** One text a row, `null` where there is nothing. In what {@link CollectedData.batches} gives, made when it is first asked for. */
  readonly values: readonly (string | null)[];
  /** The same as bytes; a text of none stands for `null`. Left out of columns that were made from texts. */
  readonly utf8?: Utf8Texts | undefined;
}

/** One column of a batch. */
export type Column =
  | TypedColumn<'float64', Float64Array>
  | TypedColumn<'int64', BigInt64Array>
  | TypedColumn<'boolean', Uint8Array>
  | TypedColumn<'timestamp', Float64Array>
  | TextColumn;

/** Rows of one file, column by column. */
export interface ColumnBatch {
  /** The file that the rows stand in. */
  readonly file: CollectedFile;
  /** Number of rows. */
  readonly rowCount: number;
  /** The features in the order of the header, then the columns of the call. */
  readonly columns: readonly Column[];
}

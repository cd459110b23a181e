import type { Cell } from '../format/csv-encode.ts';

/** A value of a feature as the caller has it. Objects and arrays are stored as their JSON text. */
export type FeatureValue = Cell | object;

/** One row by feature name. */
export type FeatureRecord = { readonly [feature: string]: FeatureValue };

/** A typed array of numbers or bigints. */
export type NumericArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/**
 * A tensor as ONNX Runtime has it (`data`, `dims`), of rank 1 or 2. With `type` `bool` its elements are stored as `true`
 * and `false`, with `float16` as the numbers that they mean; 4-bit integers are refused.
 */
export interface OnnxTensorLike {
  /** The values in row order. */
  readonly data: NumericArray | readonly (string | number | bigint | boolean)[];
  /** Length of each dimension. */
  readonly dims: readonly number[];
}

/** A tensor as TensorFlow.js has it (`shape`, `dataSync()`), of rank 1 or 2; with `dtype` `bool` of `true` and `false`. */
export interface TensorFlowTensorLike {
  /** Length of each dimension. */
  readonly shape: readonly number[];
  /** Returns the values in row order. */
  dataSync(): NumericArray | readonly string[];
}

/**
 * A table or record batch of Apache Arrow: rows by the names of its columns. Dates and timestamps are taken as `Date`
 * (parts of milliseconds are cut off), decimals as exact text, 64-bit integers as bigints, lists and structures as JSON text; columns of
 * bytes are refused.
 */
export interface ArrowTableLike {
  /** How many rows there are. */
  readonly numRows: number;
  /** Names and types of the columns. */
  readonly schema: { readonly fields: readonly { readonly name: string; readonly type: unknown }[] };
  /** The column at a position. */
  getChildAt(index: number): { get(row: number): unknown } | null;
}

/**
 * What `collect` takes.
 *
 * | shape | means |
 * |---|---|
 * | `[1, 2]`, typed array | one row; with exactly one feature, one row for each value |
 * | `{ a: 1, b: 2 }` | one row by name |
 * | `[[1, 2], [3, 4]]` | rows |
 * | `[{ a: 1 }, { a: 2 }]` | rows by name |
 * | `{ a: [1, 3], b: [2, 4] }` | columns |
 * | `{ data, dims }`, `{ shape, dataSync() }` | tensor of rank 1 (a row) or 2 (rows) |
 * | `{ label: tensor, shares: tensor }` | columns, as an ONNX session gives them: a tensor of shape `[n]` or `[n, 1]` is one, those of a tensor of shape `[n, k]` are `shares_0` to `shares_<k-1>` |
 * | `{ numRows, schema, getChildAt() }` | table or record batch of Apache Arrow |
 */
export type CollectInput =
  | readonly FeatureValue[]
  | readonly (readonly FeatureValue[])[]
  | FeatureRecord
  | readonly FeatureRecord[]
  // Records whose type is an interface have no index signature.
  | object
  | readonly object[]
  | { readonly [feature: string]: readonly FeatureValue[] | NumericArray }
  | NumericArray
  | readonly NumericArray[]
  | OnnxTensorLike
  | TensorFlowTensorLike
  | { readonly [feature: string]: OnnxTensorLike | TensorFlowTensorLike }
  | ArrowTableLike;

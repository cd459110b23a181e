import { ValidationError } from '@azureml-ts/common';
import { CORRELATION_COLUMNS } from '../format/columns.ts';
import { columnsOf, isArrowTable } from '../rows/arrow-table.ts';
import type {
  ArrowTableLike,
  FeatureRecord,
  FeatureValue,
  NumericArray,
  OnnxTensorLike,
  TensorFlowTensorLike,
} from '../rows/collect-input.ts';
import { isNumericArray, isPlainObject } from '../rows/input-kinds.ts';
import { asTensor } from '../rows/tensor.ts';
import { tensorColumns } from '../rows/tensor-columns.ts';
import type { Correlations } from './correlations.ts';

type Row = readonly FeatureValue[] | NumericArray;
type Columns = { readonly [feature: string]: Row };

/**
 * Adds the columns of a call to data that is collected later, in another request or process: labels, for example. A
 * collector that gets such data stores the rows under their own ids, on the day of their scoring.
 *
 * Within one process `collect(data, { correlations })` does the same.
 *
 * Source: `ModelDataCollector.add_correlations`; four columns instead of eight.
 *
 * @param data One row, rows, records, columns, a tensor of rank 1 or 2 or a table of Apache Arrow, as `collect` takes
 *   them; a flat array is one row. It is not changed.
 * @param correlations What `collect` returned; without it the data comes back as it is.
 * @returns A copy of the data with {@link CORRELATION_COLUMNS} at the end; a tensor as arrays, a table as columns. Ids that are missing are
 *   empty texts; the caller's own ids, when there is one for each row, go to their rows.
 * @throws ValidationError (`VALIDATION`) when the data is none of these, or has another number of rows than there are ids.
 * @example
 * ```ts
 * import { addCorrelations } from '@azureml-ts/monitoring';
 *
 * const correlations = { correlationId: 'fP2x-17', scoringTimestamp: '2026-01-02T03:04:05.678Z' };
 * console.log(addCorrelations({ label: 1 }, correlations)); // label, $aml_dc_correlation_id, ...
 * ```
 */
export function addCorrelations<T>(data: T, correlations: undefined | null): T;
/** Adds them to each row. */
export function addCorrelations(data: readonly Row[], correlations: Correlations | undefined | null): FeatureValue[][];
/** Adds them to each record. */
export function addCorrelations(
  data: readonly FeatureRecord[] | readonly object[],
  correlations: Correlations | undefined | null,
): Record<string, FeatureValue>[];
/** Adds them to one row. */
export function addCorrelations(data: Row, correlations: Correlations | undefined | null): FeatureValue[];
/** Adds them to the row or rows of a tensor. */
export function addCorrelations(
  data: OnnxTensorLike | TensorFlowTensorLike,
  correlations: Correlations | undefined | null,
): FeatureValue[] | FeatureValue[][];
/** Adds them as columns. */
export function addCorrelations(
  data: Columns | ArrowTableLike,
  correlations: Correlations | undefined | null,
): Record<string, FeatureValue[]>;
/** Adds them to one record. */
export function addCorrelations(
  data: FeatureRecord | object,
  correlations: Correlations | undefined | null,
): Record<string, FeatureValue>;
export function addCorrelations(data: unknown, correlations: Correlations | undefined | null): unknown {
  if (correlations === undefined || correlations === null) {
    return data;
  }
  if (isRow(data)) {
    if (data.length > 0 && Array.isArray(data)) {
      if (data.every(isRow)) {
        return (data as readonly Row[]).map((row, index) => [...row, ...valuesOf(correlations, index, data.length)]);
      }
      if (data.every(isPlainObject)) {
        return (data as readonly FeatureRecord[]).map((row, index) => named(row, correlations, index, data.length));
      }
    }
    return [...data, ...valuesOf(correlations, 0, 1)];
  }
  if (isPlainObject(data)) {
    if (isArrowTable(data)) {
      return addColumns(columnsOf(data) as Columns, correlations);
    }
    const tensor = asTensor(data);
    if (tensor !== undefined) {
      return addToTensor(tensor.values, tensor.dims, correlations);
    }
    const tensors = tensorColumns(data);
    if (tensors !== undefined) {
      return addColumns(tensors as Columns, correlations);
    }
    const columns = Object.values(data);
    return columns.length > 0 && columns.every(isRow)
      ? addColumns(data as Columns, correlations)
      : named(data as FeatureRecord, correlations, 0, 1);
  }
  throw new ValidationError({
    path: 'data',
    expected: 'a row, rows, records, { name: values[] }, a tensor of rank 1 or 2 or a table of Apache Arrow',
  });
}

function isRow(value: unknown): value is Row {
  return Array.isArray(value) || isNumericArray(value);
}

function valuesOf(correlations: Correlations, index: number, rowCount: number): string[] {
  const { correlationId, userCorrelationId: own, scoringTimestamp, requestId } = correlations;
  if (typeof own === 'object' && own.length !== rowCount) {
    throw new ValidationError({
      path: 'correlations.userCorrelationId',
      expected: `one id, or one for each of the ${rowCount} rows`,
      message: `There are ${own.length} correlation ids for ${rowCount} rows; pass the rows of the same call in one piece.`,
    });
  }
  return [correlationId, (typeof own === 'object' ? own[index] : own) ?? '', scoringTimestamp, requestId ?? ''];
}

function named(record: FeatureRecord, correlations: Correlations, index: number, rowCount: number): FeatureRecord {
  const values = valuesOf(correlations, index, rowCount);
  return { ...record, ...Object.fromEntries(CORRELATION_COLUMNS.map((name, column) => [name, values[column]])) };
}

function addColumns(columns: Columns, correlations: Correlations): Columns {
  const rowCount = Object.values(columns)[0]?.length ?? 0;
  const rows = Array.from({ length: rowCount }, (_, index) => valuesOf(correlations, index, rowCount));
  const added = CORRELATION_COLUMNS.map((name, column) => [name, rows.map((row) => row[column])]);
  return { ...columns, ...Object.fromEntries(added) };
}

function addToTensor(values: ArrayLike<unknown>, dims: readonly number[], correlations: Correlations): unknown {
  const [first = 0, width] = dims;
  if (dims.length < 1 || dims.length > 2 || values.length !== first * (width ?? 1)) {
    throw new ValidationError({
      path: 'data',
      expected: 'a tensor of rank 1 or 2 with as many values as its shape says',
      received: dims,
    });
  }
  const all = Array.from(values);
  if (width === undefined) {
    return [...all, ...valuesOf(correlations, 0, 1)];
  }
  return Array.from({ length: first }, (_, index) => [
    ...all.slice(index * width, (index + 1) * width),
    ...valuesOf(correlations, index, first),
  ]);
}

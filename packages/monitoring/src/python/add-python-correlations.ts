import { ValidationError } from '@azureml-ts/common';
import type { Correlations } from '../collector/correlations.ts';
import { columnsOf, isArrowTable } from '../rows/arrow-table.ts';
import { isFloatArray, isNumericArray, isPlainObject } from '../rows/input-kinds.ts';
import { asTensor } from '../rows/tensor.ts';
import { tensorColumns } from '../rows/tensor-columns.ts';
import { inOrder, PYTHON_COLUMNS } from './python-columns.ts';
import { type PythonCorrelations, readPythonCorrelations } from './python-correlations.ts';
import type { PythonIdentity } from './python-identity.ts';
import { PythonFloat } from './python-number.ts';

type Values = ArrayLike<unknown>;

/**
 * Appends the eight columns of a call to data, as the Python package does.
 *
 * @param data One row, rows, records, columns, a tensor or a table; it is not changed.
 * @param given What `collect` returned.
 * @param identity Stands for what correlations of another layout lack.
 */
export function addPythonCorrelations(
  data: unknown,
  given: Correlations | undefined | null,
  identity: PythonIdentity,
): unknown {
  if (given === undefined || given === null) {
    return data;
  }
  const correlations = readPythonCorrelations(given, identity);
  if (isValues(data)) {
    return addToArray(data, correlations);
  }
  if (isPlainObject(data)) {
    if (isArrowTable(data)) {
      return addToColumns(columnsOf(data), correlations);
    }
    const tensor = asTensor(data);
    if (tensor !== undefined) {
      return addToTensor(tensor.values, tensor.dims, correlations);
    }
    const tensors = tensorColumns(data);
    if (tensors !== undefined) {
      return addToColumns(tensors, correlations);
    }
    const columns = Object.values(data);
    return columns.length > 0 && columns.every(isValues)
      ? addToColumns(data as Readonly<Record<string, Values>>, correlations)
      : { ...data, ...named(correlations, 0, 1) };
  }
  throw notData();
}

function addToArray(data: Values, correlations: PythonCorrelations): unknown[] {
  if (Array.isArray(data) && data.length > 0) {
    if (data.every(isValues)) {
      return data.map((row: Values, index) => addToRow(row, correlations, index, data.length));
    }
    if (data.every(isPlainObject)) {
      return data.map((row: object, index) => ({ ...row, ...named(correlations, index, data.length) }));
    }
  }
  return addToRow(data, correlations, 0, 1);
}

/** Floats stay floats, also beside texts. */
function addToRow(row: Values, correlations: PythonCorrelations, index: number, rowCount: number): unknown[] {
  const values: unknown[] = isFloatArray(row)
    ? Array.from(row, (value) => (Number.isSafeInteger(value) ? new PythonFloat(value) : value))
    : Array.from(row);
  return [...values, ...cellsOf(correlations, index, rowCount)];
}

function addToColumns(columns: Readonly<Record<string, Values>>, correlations: PythonCorrelations): object {
  const rowCount = Object.values(columns)[0]?.length ?? 0;
  const rows = Array.from({ length: rowCount }, (_, index) => cellsOf(correlations, index, rowCount));
  const added = PYTHON_COLUMNS.map((name, column) => [name, rows.map((cells) => cells[column])] as const);
  return { ...columns, ...Object.fromEntries(added) };
}

function addToTensor(values: Values, dims: readonly number[], correlations: PythonCorrelations): unknown[] {
  const [first = 0, width] = dims;
  if (dims.length < 1 || dims.length > 2 || values.length !== first * (width ?? 1)) {
    throw notData();
  }
  if (width === undefined) {
    return addToRow(values, correlations, 0, 1);
  }
  return Array.from({ length: first }, (_, index) => {
    const [from, to] = [index * width, (index + 1) * width];
    const row = isNumericArray(values)
      ? values.subarray(from, to)
      : (Array.prototype.slice.call(values, from, to) as Values);
    return addToRow(row, correlations, index, first);
  });
}

function named(correlations: PythonCorrelations, index: number, rowCount: number): object {
  const cells = cellsOf(correlations, index, rowCount);
  return Object.fromEntries(PYTHON_COLUMNS.map((name, column) => [name, cells[column]]));
}

/** The values of a row: the caller's own ids, when there is one for each row, go to their rows. */
function cellsOf(correlations: PythonCorrelations, index: number, rowCount: number): (string | number)[] {
  const own = correlations.userCorrelationId;
  if (typeof own !== 'object') {
    return inOrder(correlations);
  }
  if (own.length !== rowCount) {
    throw new ValidationError({
      path: 'correlations.userCorrelationId',
      expected: `one id, or one for each of the ${rowCount} rows`,
      message: `There are ${own.length} correlation ids for ${rowCount} rows; pass the rows of the same call in one piece.`,
    });
  }
  return inOrder({ ...correlations, $aml_dc_correlation_id: `${own[index]}-${correlations.correlationId}` });
}

function isValues(value: unknown): value is Values {
  return Array.isArray(value) || isNumericArray(value);
}

function notData(): ValidationError {
  return new ValidationError({
    path: 'data',
    expected: 'a row, rows, records, { name: values[] }, a tensor of rank 1 or 2 or a table of Apache Arrow',
  });
}

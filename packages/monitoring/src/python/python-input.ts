import { type ArrowType, columnsOf, floatTypeOf, isArrowTable } from '../rows/arrow-table.ts';
import type { ArrowTableLike } from '../rows/collect-input.ts';
import { isFloatArray, isNumericArray, isPlainObject } from '../rows/input-kinds.ts';
import { InvalidRows } from '../rows/invalid-rows.ts';
import type { InputShape } from '../rows/shape-rows.ts';
import { asTensor } from '../rows/tensor.ts';
import { tensorColumns } from '../rows/tensor-columns.ts';
import { isPythonColumn, PYTHON_COLUMNS, type PythonCells } from './python-columns.ts';
import { readCells } from './python-correlations.ts';
import type { PythonIdentity } from './python-identity.ts';
import { PythonFloat } from './python-number.ts';

const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?$/;

/** What a call was given, as far as the layout needs to know it. */
export interface PythonInput {
  /** The input without the columns of the calls; floats of arrays that are taken apart are marked. */
  readonly input: unknown;
  /** Whether it is what a data frame is in Python: records or columns. */
  readonly isFrame: boolean;
  /** What the caller says it is. */
  readonly shape: InputShape;
  /** What the columns of the calls said, for each row; `undefined` when there are none. */
  readonly own: readonly PythonCells[] | undefined;
}

/**
 * Looks at what `collect` was given.
 *
 * @param given Anything.
 * @param shape What the caller says it is.
 * @param width Number of features, when it is fixed.
 * @param identity Stands for what the columns of a call lack.
 * @throws InvalidRows when rows have some of these columns, but no id or time of scoring.
 */
export function readPythonInput(
  given: unknown,
  shape: InputShape,
  width: number | undefined,
  identity: PythonIdentity,
): PythonInput {
  const input = withoutWrapping(given, shape);
  if (isNumericArray(input)) {
    return { input, isFrame: false, shape, own: undefined };
  }
  if (Array.isArray(input)) {
    return shape === 'columns'
      ? { input, isFrame: false, shape, own: undefined }
      : readArray(input, shape, width, identity);
  }
  if (!isPlainObject(input)) {
    return { input, isFrame: false, shape, own: undefined };
  }
  const values = Object.values(input);
  const areColumns = shape !== 'row' && values.length > 0 && values.every(isArray);
  return areColumns
    ? readColumns(input as Readonly<Record<string, ArrayLike<unknown>>>, identity)
    : readRecords([input], input, shape, identity);
}

/** A table becomes columns, a tensor an array of typed arrays, so that its floats are known as such. */
function withoutWrapping(given: unknown, shape: InputShape): unknown {
  if (!isPlainObject(given) || shape === 'row') {
    return given;
  }
  if (isArrowTable(given)) {
    return columnsOfTable(given);
  }
  const tensor = shape === 'columns' ? undefined : asTensor(given);
  if (tensor === undefined) {
    return (shape === 'rows' ? undefined : tensorColumns(given)) ?? given;
  }
  const { values, dims } = tensor;
  const [length = 0, width = 1] = dims;
  if (dims.length < 1 || dims.length > 2 || width < 1 || values.length !== length * width) {
    // What is wrong with it is told where all shapes are.
    return given;
  }
  const part = (from: number, to: number): unknown =>
    isNumericArray(values) ? values.subarray(from, to) : Array.prototype.slice.call(values, from, to);
  return dims.length === 1 ? part(0, length) : Array.from({ length }, (_, row) => part(row * width, (row + 1) * width));
}

function columnsOfTable(table: ArrowTableLike): Record<string, unknown[]> {
  const columns = columnsOf(table);
  for (const { name, type } of table.schema.fields as readonly {
    readonly name: string;
    readonly type: ArrowType;
  }[]) {
    const values = columns[name];
    const float = floatTypeOf(type);
    if (float !== undefined && values !== undefined) {
      columns[name] = values.map((value) =>
        typeof value === 'number' ? new PythonFloat(value, float.precision === 1) : value,
      );
    }
  }
  return columns;
}

function readArray(
  input: readonly unknown[],
  shape: InputShape,
  width: number | undefined,
  identity: PythonIdentity,
): PythonInput {
  const [first] = input;
  if (shape !== 'row' && isPlainObject(first)) {
    return readRecords(input, input, shape, identity);
  }
  if (shape !== 'row' && isArray(first)) {
    const isCorrelated = carriesCells(first, width);
    const own = isCorrelated ? input.map((row) => cellsOfRow(row, width, input.length, identity)) : undefined;
    return { input: isCorrelated ? input.map(withoutCells) : input, isFrame: false, shape, own };
  }
  return carriesCells(input, width)
    ? { input: [withoutCells(input)], isFrame: false, shape: 'rows', own: [cellsOfRow(input, width, 1, identity)] }
    : { input, isFrame: false, shape, own: undefined };
}

function readColumns(columns: Readonly<Record<string, ArrayLike<unknown>>>, identity: PythonIdentity): PythonInput {
  const entries = Object.entries(columns);
  const features = entries
    .filter(([name]) => !isPythonColumn(name))
    .map(([name, values]) => [name, isFloatArray(values) ? marked(values) : values] as const);
  let own: PythonCells[] | undefined;
  if (features.length < entries.length) {
    const length = Math.max(...entries.map(([, values]) => values.length));
    own = Array.from({ length }, (_, row) => readCells((name) => columns[name]?.[row], identity));
  }
  return { input: Object.fromEntries(features), isFrame: true, shape: 'columns', own };
}

function readRecords(
  records: readonly unknown[],
  input: unknown,
  shape: InputShape,
  identity: PythonIdentity,
): PythonInput {
  const isCorrelated = records.some((record) => isPlainObject(record) && Object.keys(record).some(isPythonColumn));
  if (!isCorrelated) {
    return { input, isFrame: true, shape, own: undefined };
  }
  const rows = records as readonly Readonly<Record<string, unknown>>[];
  return {
    input: rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !isPythonColumn(name)))),
    isFrame: true,
    shape: 'rows',
    own: rows.map((row) => readCells((name) => row[name], identity)),
  };
}

/** Floats of a column, which is taken apart: what is integral would pass for an integer. */
function marked(values: Float64Array | Float32Array): (number | PythonFloat)[] {
  const isSingle = values instanceof Float32Array;
  return Array.from(values, (value) =>
    isSingle || Number.isSafeInteger(value) ? new PythonFloat(value, isSingle) : value,
  );
}

/** Whether a row ends with the eight columns of a call. */
function carriesCells(row: ArrayLike<unknown>, width: number | undefined): boolean {
  const features = row.length - PYTHON_COLUMNS.length;
  if (features < 1 || (width !== undefined && features !== width)) {
    return false;
  }
  const [id, time, boundary, workspace, , , , request] = Array.prototype.slice.call(row, features) as unknown[];
  return (
    (typeof id === 'string' || typeof id === 'number') &&
    typeof time === 'string' &&
    TIME.test(time) &&
    /^(?:60|1440)$/.test(String(boundary)) &&
    typeof workspace === 'string' &&
    workspace.split('/').length === 3 &&
    typeof request === 'string'
  );
}

function cellsOfRow(row: unknown, width: number | undefined, rowCount: number, identity: PythonIdentity): PythonCells {
  if (!isArray(row) || !carriesCells(row, width)) {
    throw new InvalidRows(rowCount, 'some rows have the columns of a call, and others have not');
  }
  const start = row.length - PYTHON_COLUMNS.length;
  return readCells((name) => row[start + (PYTHON_COLUMNS as readonly string[]).indexOf(name)], identity);
}

function withoutCells(row: unknown): unknown[] {
  return Array.prototype.slice.call(row, 0, -PYTHON_COLUMNS.length);
}

function isArray(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || isNumericArray(value);
}

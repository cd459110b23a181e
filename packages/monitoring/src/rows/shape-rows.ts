import type { Cell } from '../format/csv-encode.ts';
import { isArrowTable, tableColumns } from './arrow-table.ts';
import { isRefusedBinary } from './binary.ts';
import type { ArrowTableLike, FeatureRecord, FeatureValue, NumericArray } from './collect-input.ts';
import { countRows } from './count-rows.ts';
import { isNumericArray, isPlainObject, isRow, nameOf } from './input-kinds.ts';
import { InvalidRows } from './invalid-rows.ts';
import type { RowSchema } from './row-schema.ts';
import { quoted, type RowSchemas, unknownFeature } from './row-schemas.ts';
import { asTensor } from './tensor.ts';
import { refuseTensors, tensorColumns } from './tensor-columns.ts';

/** Rows of one call, copied: later changes to the caller's objects do not reach them. */
export interface ShapedRows {
  /** Their columns. */
  readonly schema: RowSchema;
  /** The cells of each row, in column order. */
  readonly rows: Cell[][];
}

/** The shape that the caller says the input has; `auto` looks. */
export type InputShape = 'auto' | 'row' | 'rows' | 'columns';

/**
 * Turns what the caller gave into rows.
 *
 * @param input Anything; see {@link CollectInput} for what is taken.
 * @param schemas The collector's schemas.
 * @param shape What the caller says it is.
 * @throws InvalidRows when it is none of the shapes, or does not fit the features.
 */
export function shapeRows(input: unknown, schemas: RowSchemas, shape: InputShape = 'auto'): ShapedRows {
  try {
    return shapeFlat(input, schemas, shape) ?? shapeAny(input, schemas, shape);
  } catch (error) {
    if (error instanceof InvalidRows && error.rowCount !== undefined) {
      throw error;
    }
    // A getter or proxy of the caller's may throw anything: that too is bad input, not a failure of scoring.
    throw new InvalidRows(
      countRows(input, shape, schemas.width),
      error instanceof Error ? error.message : String(error),
    );
  }
}

/** The usual call of a scoring script, one row of plain values, without a look at anything else it could be. */
function shapeFlat(input: unknown, schemas: RowSchemas, shape: InputShape): ShapedRows | undefined {
  if (!Array.isArray(input) || input.length !== schemas.width || shape === 'rows') {
    return undefined;
  }
  const cells = shape === 'columns' ? undefined : schemas.copier.copyPrimitives(input);
  return cells === undefined ? undefined : { schema: schemas.ofWidth(input.length), rows: [cells] };
}

function shapeAny(input: unknown, schemas: RowSchemas, shape: InputShape): ShapedRows {
  if (isRefusedBinary(input)) {
    throw new InvalidRows(
      1,
      `binary data (${nameOf(input)}) is not a feature row; audio, images and video are not collected`,
    );
  }
  if (Array.isArray(input) || isNumericArray(input)) {
    return shape === 'columns' ? refuse(input) : shapeArray(input, schemas, shape);
  }
  if (isPlainObject(input)) {
    if (isArrowTable(input)) {
      return shapeTable(input, schemas, shape);
    }
    if (shape !== 'row' && shape !== 'columns') {
      const tensor = asTensor(input);
      if (tensor !== undefined) {
        return shapeTensor(tensor.values, tensor.dims, schemas);
      }
    }
    const values = Object.values(input);
    const areColumns = values.length > 0 && values.every((value) => Array.isArray(value) || isNumericArray(value));
    const tensors = areColumns || shape === 'row' || shape === 'rows' ? undefined : tensorColumns(input, values);
    if (tensors !== undefined) {
      return shapeColumns(tensors as Record<string, readonly FeatureValue[]>, schemas);
    }
    if (shape === 'columns' || (shape === 'auto' && areColumns)) {
      return areColumns ? shapeColumns(input as Record<string, readonly FeatureValue[]>, schemas) : refuse(input);
    }
    return shape === 'rows' ? refuse(input) : shapeRecords([input as FeatureRecord], schemas);
  }
  return refuse(input);
}

function refuse(input: unknown): never {
  throw new InvalidRows(
    1,
    `${nameOf(input)} is not a row, rows, columns, a table or a tensor of rank 1 or 2; pass an array, an array of arrays, records or { name: values[] }`,
  );
}

function shapeArray(input: readonly unknown[] | NumericArray, schemas: RowSchemas, shape: InputShape): ShapedRows {
  const { copier } = schemas;
  if (shape !== 'row' && input.length > 0) {
    const members = membersOf(input);
    if (members === 'arrays') {
      return shapeArrays(input as readonly (readonly unknown[])[], schemas);
    }
    if (members === 'records') {
      return shapeRecords(input as readonly FeatureRecord[], schemas);
    }
    if (members === 'mixed' || shape === 'rows') {
      throw new InvalidRows(
        input.length,
        members === 'mixed'
          ? 'rows must be all arrays or all records, without null among them; use collectRow for one row of nested values'
          : `rows must be arrays or records, but one is ${nameOf(Array.from(input as unknown[]).find((value) => !isRow(value)))}`,
      );
    }
  }
  if (input.length === 0 && shape !== 'row') {
    return { schema: schemas.ofWidth(schemas.width ?? 0), rows: [] };
  }
  if (schemas.width === 1 && shape === 'auto') {
    return {
      schema: schemas.ofWidth(1),
      rows: Array.from(input as ArrayLike<unknown>, (value) => copier.copy([value])),
    };
  }
  return { schema: checkedWidth(input.length, schemas, 1, 0), rows: [copier.copy(input)] };
}

/** One value that is no row makes the array a row itself: its other members are then nested values. */
function membersOf(input: readonly unknown[] | NumericArray): 'arrays' | 'records' | 'mixed' | 'values' {
  let arrays = 0;
  let missing = 0;
  for (const value of input) {
    if (value === null || value === undefined) {
      missing += 1;
    } else if (isRow(value)) {
      arrays += isPlainObject(value) ? 0 : 1;
    } else {
      return 'values';
    }
  }
  if (missing > 0) {
    // Nothing but holes is one row of nothing; rows with a hole among them are a mistake.
    return missing === input.length ? 'values' : 'mixed';
  }
  return arrays === input.length ? 'arrays' : arrays === 0 ? 'records' : 'mixed';
}

function shapeArrays(input: readonly (readonly unknown[])[], schemas: RowSchemas): ShapedRows {
  const width = input[0]?.length ?? 0;
  const schema = checkedWidth(width, schemas, input.length, 0);
  const rows = input.map((row, index) => {
    if (row.length !== width) {
      checkedWidth(row.length, schemas, input.length, index);
      throw new InvalidRows(input.length, `row ${index} has ${row.length} values, but the first row has ${width}`);
    }
    return (Array.isArray(row) ? schemas.copier.copyPrimitives(row) : undefined) ?? schemas.copier.copy(row);
  });
  return { schema, rows };
}

function shapeRecords(input: readonly FeatureRecord[], schemas: RowSchemas): ShapedRows {
  refuseTensors(input);
  const { schema, names } = schemas.ofKeys(Object.keys(input[0] ?? {}), input.length);
  const known = new Set(names);
  const rows = input.map((record, index) => {
    const keys = Object.keys(record);
    const unknownName = keys.find((name) => !known.has(name));
    if (unknownName !== undefined) {
      throw new InvalidRows(input.length, unknownFeature(`row ${index} has the feature`, unknownName, names));
    }
    if (keys.length === 0) {
      throw new InvalidRows(input.length, `row ${index} (${nameOf(record)}) has no features`);
    }
    // Only its own: a feature may be called like a member that every object has.
    return schemas.copier.copy(names.map((name) => (Object.hasOwn(record, name) ? record[name] : undefined)));
  });
  return { schema, rows };
}

function shapeColumns(input: Record<string, readonly FeatureValue[]>, schemas: RowSchemas): ShapedRows {
  const columns = Object.entries(input);
  const length = columns[0]?.[1].length ?? 0;
  const uneven = columns.find(([, values]) => values.length !== length);
  if (uneven !== undefined) {
    throw new InvalidRows(
      Math.max(...columns.map(([, values]) => values.length)),
      `column ${quoted(uneven[0])} has ${uneven[1].length} values, but ${quoted(columns[0]?.[0] ?? '')} has ${length}`,
    );
  }
  const { schema, names } = schemas.ofKeys(Object.keys(input), Math.max(1, length));
  const inOrder = names.map((name) => (Object.hasOwn(input, name) ? input[name] : undefined));
  const rows = Array.from({ length }, (_, row) => schemas.copier.copy(inOrder.map((values) => values?.[row])));
  return { schema, rows };
}

function shapeTable(table: ArrowTableLike, schemas: RowSchemas, shape: InputShape): ShapedRows {
  const columns = tableColumns(table);
  const { length } = columns;
  if (shape === 'row' && length !== 1) {
    throw new InvalidRows(length, `a table of ${length} rows is not one row; use collectRows`);
  }
  const { schema, names } = schemas.ofKeys(columns.names, Math.max(1, length));
  const places = names.map((name) => columns.names.indexOf(name));
  const rows = Array.from({ length }, (_, row) =>
    schemas.copier.copy(places.map((place) => (place < 0 ? undefined : columns.value(place, row)))),
  );
  return { schema, rows };
}

function shapeTensor(values: ArrayLike<unknown>, dims: readonly number[], schemas: RowSchemas): ShapedRows {
  const count = dims.reduce((product, length) => product * length, 1);
  if (dims.length < 1 || dims.length > 2) {
    throw new InvalidRows(1, `a tensor of rank ${dims.length} is not a row or rows; pass rank 1 or 2`);
  }
  if (count !== values.length) {
    throw new InvalidRows(1, `a tensor of shape [${dims.join(', ')}] needs ${count} values, but has ${values.length}`);
  }
  if (dims.length === 1) {
    return shapeArray(Array.from(values), schemas, 'auto');
  }
  const [length = 0, width = 0] = dims;
  const schema = checkedWidth(width, schemas, count === 0 ? 1 : length, 0);
  const rows = Array.from({ length }, (_, row) =>
    schemas.copier.copy(Array.from({ length: width }, (__, column) => values[row * width + column])),
  );
  return { schema, rows };
}

function checkedWidth(width: number, schemas: RowSchemas, rowCount: number, row: number): RowSchema {
  if (schemas.width !== undefined && schemas.width !== width) {
    throw new InvalidRows(rowCount, `row ${row} has ${width} values, but there are ${schemas.width} feature names`);
  }
  if (width === 0) {
    throw new InvalidRows(rowCount, `row ${row} has no values`);
  }
  return schemas.ofWidth(width);
}

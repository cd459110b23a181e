import { type ArrowType, holdsFloats, isArrowTable, tableColumns } from '../../rows/arrow-table.ts';
import { isRefusedBinary } from '../../rows/binary.ts';
import type { ArrowTableLike } from '../../rows/collect-input.ts';
import { isFloatArray, isNumericArray, isPlainObject, isRow, nameOf } from '../../rows/input-kinds.ts';
import { InvalidRows } from '../../rows/invalid-rows.ts';
import { quoted } from '../../rows/row-schemas.ts';
import { asTensor } from '../../rows/tensor.ts';
import { refuseTensors, tensorColumns } from '../../rows/tensor-columns.ts';
import { emptyFrame, type Frame } from './frame.ts';

/** Input that is of no shape that is collected. */
export class UnsupportedData extends InvalidRows {}

/**
 * Takes what the caller gave as rows with named columns. Nothing is copied yet.
 *
 * @param input One row, rows, records, columns, a tensor or a table.
 * @param names Names of the columns, where they are declared. Rows without names are numbered from 0.
 * @throws UnsupportedData when it is none of these; InvalidRows when it does not fit the names.
 */
export function readFrame(input: unknown, names: readonly string[] | undefined): Frame {
  if (isRefusedBinary(input)) {
    throw new UnsupportedData(
      1,
      `binary data (${nameOf(input)}) is no rows; audio, images and video are not collected`,
    );
  }
  if (Array.isArray(input)) {
    return ofArray(input, names);
  }
  if (isNumericArray(input)) {
    return ofValues(input, names);
  }
  if (!isPlainObject(input)) {
    throw new UnsupportedData(
      1,
      `${nameOf(input)} is not a row, rows, columns, a table or a tensor; pass an array, an array of arrays, records or { name: values[] }`,
    );
  }
  if (isArrowTable(input)) {
    return ofTable(input, names);
  }
  const tensor = asTensor(input);
  if (tensor !== undefined) {
    return ofTensor(tensor.values, tensor.dims, names);
  }
  const values = Object.values(input);
  if (values.length > 0 && values.every((column) => Array.isArray(column) || isNumericArray(column))) {
    return ofColumns(input as Readonly<Record<string, ArrayLike<unknown>>>, names);
  }
  const tensors = tensorColumns(input, values);
  return tensors === undefined ? ofRecords([input], names) : ofColumns(tensors, names);
}

function ofArray(input: readonly unknown[], names: readonly string[] | undefined): Frame {
  if (input.length === 0) {
    return emptyFrame(names ?? []);
  }
  let arrays = 0;
  let records = 0;
  for (const value of input) {
    if (Array.isArray(value) || isNumericArray(value)) {
      arrays += 1;
    } else if (isRow(value)) {
      records += 1;
    } else if (value !== null && value !== undefined) {
      // One value that is no row makes the array a row itself.
      return ofValues(input, names);
    }
  }
  if (arrays === input.length) {
    return ofRows(input as readonly ArrayLike<unknown>[], names);
  }
  if (records === input.length) {
    return ofRecords(input as readonly object[], names);
  }
  if (arrays + records === 0) {
    return ofValues(input, names);
  }
  throw new InvalidRows(input.length, 'rows must be all arrays or all records, without null among them');
}

/** One row; with exactly one column, one row for each value. */
function ofValues(values: ArrayLike<unknown>, names: readonly string[] | undefined): Frame {
  const isFloat = isFloatArray(values);
  if (names?.length === 1) {
    return { names, length: values.length, value: (row) => values[row], isFloat: () => isFloat };
  }
  const columns = namesFor(values.length, names, 1, 0);
  return { names: columns, length: 1, value: (_, column) => values[column], isFloat: () => isFloat };
}

function ofRows(rows: readonly ArrayLike<unknown>[], names: readonly string[] | undefined): Frame {
  const width = rows[0]?.length ?? 0;
  const columns = namesFor(width, names, rows.length, 0);
  const uneven = rows.findIndex((row) => row.length !== width);
  if (uneven >= 0) {
    throw new InvalidRows(
      rows.length,
      `row ${uneven} has ${rows[uneven]?.length} values, but the first row has ${width}`,
    );
  }
  const isFloat = rows.some(isFloatArray);
  return { names: columns, length: rows.length, value: (row, column) => rows[row]?.[column], isFloat: () => isFloat };
}

/** Records may have different names: what one lacks is empty there. */
function ofRecords(records: readonly object[], names: readonly string[] | undefined): Frame {
  refuseTensors(records);
  const columns = names ?? namesOf(records);
  if (names !== undefined) {
    const known = new Set(names);
    for (const [index, record] of records.entries()) {
      refuseUnknown(Object.keys(record), known, names, `row ${index}`, records.length);
    }
  }
  const value = (row: number, column: number): unknown => {
    const record = records[row] as Readonly<Record<string, unknown>>;
    const name = columns[column] as string;
    // Only its own: a column may be called like a member that every object has.
    return Object.hasOwn(record, name) ? record[name] : undefined;
  };
  return { names: columns, length: records.length, value, isFloat: () => false };
}

function namesOf(records: readonly object[]): string[] {
  if (records.length === 1) {
    return Object.keys(records[0] as object);
  }
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

function ofColumns(input: Readonly<Record<string, ArrayLike<unknown>>>, names: readonly string[] | undefined): Frame {
  const given = Object.entries(input);
  const length = given[0]?.[1].length ?? 0;
  const uneven = given.find(([, values]) => values.length !== length);
  if (uneven !== undefined) {
    throw new InvalidRows(
      Math.max(...given.map(([, values]) => values.length)),
      `column ${quoted(uneven[0])} has ${uneven[1].length} values, but ${quoted(given[0]?.[0] ?? '')} has ${length}`,
    );
  }
  if (names !== undefined) {
    refuseUnknown(Object.keys(input), new Set(names), names, 'the input', length);
  }
  const columns = names ?? Object.keys(input);
  const values = columns.map((name) => (Object.hasOwn(input, name) ? input[name] : undefined));
  const floats = values.map((column) => column !== undefined && isFloatArray(column));
  return {
    names: columns,
    length,
    value: (row, column) => values[column]?.[row],
    isFloat: (column) => floats[column] === true,
  };
}

function ofTable(table: ArrowTableLike, names: readonly string[] | undefined): Frame {
  const given = tableColumns(table);
  if (names !== undefined) {
    refuseUnknown(given.names, new Set(names), names, 'the table', given.length);
  }
  const columns = names ?? given.names;
  const places = columns.map((name) => given.names.indexOf(name));
  const floats = places.map((place) => holdsFloats(table.schema.fields[place]?.type as ArrowType | undefined));
  return {
    names: columns,
    length: given.length,
    value: (row, column) => {
      const place = places[column] ?? -1;
      return place < 0 ? undefined : given.value(place, row);
    },
    isFloat: (column) => floats[column] === true,
  };
}

function ofTensor(values: ArrayLike<unknown>, dims: readonly number[], names: readonly string[] | undefined): Frame {
  const count = dims.reduce((product, length) => product * length, 1);
  if (dims.length < 1 || dims.length > 2) {
    throw new UnsupportedData(1, `a tensor of rank ${dims.length} is not a row or rows; pass rank 1 or 2`);
  }
  if (count !== values.length) {
    throw new InvalidRows(1, `a tensor of shape [${dims.join(', ')}] needs ${count} values, but has ${values.length}`);
  }
  if (dims.length === 1) {
    return ofValues(values, names);
  }
  const [length = 0, width = 0] = dims;
  const isFloat = isFloatArray(values);
  return {
    names: namesFor(width, names, length, 0),
    length,
    value: (row, column) => values[row * width + column],
    isFloat: () => isFloat,
  };
}

const numbered: string[][] = [];

function namesFor(
  width: number,
  names: readonly string[] | undefined,
  rowCount: number,
  row: number,
): readonly string[] {
  if (names === undefined) {
    numbered[width] ??= Array.from({ length: width }, (_, index) => String(index));
    return numbered[width] as string[];
  }
  if (names.length !== width) {
    throw new InvalidRows(rowCount, `row ${row} has ${width} values, but there are ${names.length} columns`);
  }
  return names;
}

function refuseUnknown(
  keys: readonly string[],
  known: ReadonlySet<string>,
  names: readonly string[],
  what: string,
  rowCount: number,
): void {
  const unknown = keys.find((key) => !known.has(key));
  if (unknown !== undefined) {
    const shown = names.slice(0, 20).map(quoted).join(', ');
    throw new InvalidRows(rowCount, `${what} has the column ${quoted(unknown)}, which is not one of ${shown}`);
  }
}

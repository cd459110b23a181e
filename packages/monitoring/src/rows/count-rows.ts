import { isArrowTable } from './arrow-table.ts';
import { isNumericArray, isPlainObject, isRow } from './input-kinds.ts';
import type { InputShape } from './shape-rows.ts';
import { tensorShape } from './tensor.ts';
import { tensorRows } from './tensor-columns.ts';

/**
 * How many rows the caller meant, without copying any: exact for input that is rows, 1 for anything else.
 *
 * @param input What `collect` was given.
 * @param shape What the caller says it is.
 * @param width Number of features, when it is fixed.
 */
export function countRows(input: unknown, shape: InputShape, width: number | undefined): number {
  try {
    if (Array.isArray(input) || isNumericArray(input)) {
      if (shape === 'row') {
        return 1;
      }
      if (input.length === 0 || shape === 'rows' || areRows(input)) {
        return input.length;
      }
      return width === 1 ? input.length : 1;
    }
    if (!isPlainObject(input)) {
      return 1;
    }
    if (isArrowTable(input)) {
      return input.numRows;
    }
    if (shape === 'row') {
      return 1;
    }
    const tensor = shape === 'columns' ? undefined : tensorShape(input);
    if (tensor !== undefined) {
      const [length = 1, columns = 1] = tensor.dims;
      // What the shape says counts only when the values are there.
      const count = length * columns;
      const isThere = tensor.length === undefined ? Number.isSafeInteger(count) : count === tensor.length;
      const isWhole = tensor.dims.length <= 2 && isThere && columns > 0;
      return isWhole && (tensor.dims.length === 2 || width === 1) ? length : 1;
    }
    const values = Object.values(input);
    const tensors = tensorRows(values);
    if (tensors !== undefined) {
      return tensors;
    }
    const [first] = values;
    return values.every((value) => Array.isArray(value) || isNumericArray(value)) && first !== undefined
      ? (first as ArrayLike<unknown>).length
      : 1;
  } catch {
    // A getter or proxy of the caller's may throw anything.
    return 1;
  }
}

/** One value that is no row makes the array a row itself; holes say nothing. */
function areRows(input: ArrayLike<unknown>): boolean {
  let rows = 0;
  for (let index = 0; index < input.length; index += 1) {
    const value = input[index];
    if (value !== null && value !== undefined) {
      if (!isRow(value)) {
        return false;
      }
      rows += 1;
    }
  }
  return rows > 0;
}

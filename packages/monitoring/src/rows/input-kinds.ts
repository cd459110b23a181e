import { isRefusedBinary } from './binary.ts';
import type { NumericArray } from './collect-input.ts';

/** Whether a value is a typed array of numbers or bigints. */
export function isNumericArray(value: unknown): value is NumericArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && !isRefusedBinary(value);
}

/** Whether a value can be a record: an object that is neither an array nor one of the kinds with a meaning of their own. */
export function isPlainObject(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof Date) &&
    !(value instanceof Map) &&
    !(value instanceof Set) &&
    !(value instanceof Promise) &&
    !isRefusedBinary(value)
  );
}

/** Whether a value can be a row among others. */
export function isRow(value: unknown): boolean {
  return Array.isArray(value) || isNumericArray(value) || isPlainObject(value);
}

/**
 * Reads the shape of a tensor, without its values: those of TensorFlow.js may have to come from a graphics card.
 *
 * @returns Its dimensions, and how many values there are where that is known; `undefined` when it is no tensor.
 */
export function tensorShape(
  input: object,
): { readonly dims: readonly number[]; readonly length: number | undefined } | undefined {
  const value = input as { data?: unknown; dims?: unknown; shape?: unknown; dataSync?: unknown };
  if (isDimensions(value.dims) && (Array.isArray(value.data) || isNumericArray(value.data))) {
    return { dims: value.dims, length: value.data.length };
  }
  return isDimensions(value.shape) && typeof value.dataSync === 'function'
    ? { dims: value.shape, length: undefined }
    : undefined;
}

/** Reads a tensor with its values; `undefined` when it is none. */
export function asTensor(input: object): { values: ArrayLike<unknown>; dims: readonly number[] } | undefined {
  const shape = tensorShape(input);
  if (shape === undefined) {
    return undefined;
  }
  const value = input as { data: ArrayLike<unknown>; dataSync(): ArrayLike<unknown> };
  return { values: shape.length === undefined ? value.dataSync() : value.data, dims: shape.dims };
}

function isDimensions(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((length) => Number.isInteger(length) && length >= 0);
}

/** What kind of thing a value is, for messages. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : `a ${typeof value}`;
}

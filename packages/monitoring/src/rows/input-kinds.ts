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

/** Reads the two shapes of tensors; `undefined` when it is neither. */
export function asTensor(input: object): { values: ArrayLike<unknown>; dims: readonly number[] } | undefined {
  const value = input as { data?: unknown; dims?: unknown; shape?: unknown; dataSync?: unknown };
  if (isDimensions(value.dims) && (Array.isArray(value.data) || isNumericArray(value.data))) {
    return { values: value.data, dims: value.dims };
  }
  if (isDimensions(value.shape) && typeof value.dataSync === 'function') {
    return { values: value.dataSync() as ArrayLike<unknown>, dims: value.shape };
  }
  return undefined;
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

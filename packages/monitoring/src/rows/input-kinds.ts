import { types } from 'node:util';
import { isRefusedBinary } from './binary.ts';
import type { NumericArray } from './collect-input.ts';

/** Whether a value is a typed array of numbers or bigints. */
export function isNumericArray(value: unknown): value is NumericArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && !isRefusedBinary(value);
}

/** Whether a value is a typed array of floats, which engines of Node.js 22 have without those of half precision. */
export function isFloatArray(value: unknown): value is Float64Array | Float32Array {
  return (
    types.isFloat64Array(value) ||
    types.isFloat32Array(value) ||
    (ArrayBuffer.isView(value) && (value as Partial<Float64Array>)[Symbol.toStringTag] === ('Float16Array' as string))
  );
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
    !(value instanceof Number) &&
    !(value instanceof String) &&
    !(value instanceof Boolean) &&
    !isRefusedBinary(value)
  );
}

/** Whether a value can be a row among others. */
export function isRow(value: unknown): boolean {
  return Array.isArray(value) || isNumericArray(value) || isPlainObject(value);
}

/** What kind of thing a value is, for messages. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : `a ${typeof value}`;
}

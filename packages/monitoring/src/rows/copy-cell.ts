import { types } from 'node:util';
import type { Cell } from '../format/csv-encode.ts';
import { isRefusedBinary } from './binary.ts';
import { InvalidRows } from './invalid-rows.ts';
import { isTensorObject } from './tensor-columns.ts';

/**
 * Copies a value into a cell: primitives as they are, dates copied, objects as their JSON text at once, so that what the
 * caller does with them later does not reach the row.
 *
 * @throws InvalidRows when the value has no JSON text (a function, a symbol, a cycle, a throwing getter).
 */
export function copyCell(value: unknown): Cell {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      if (value === null) {
        return value;
      }
      if (value instanceof Date) {
        return new Date(value.getTime());
      }
      if (types.isBoxedPrimitive(value)) {
        return copyCell(value.valueOf());
      }
      refuseWithoutText(value);
      return jsonText(value);
    default:
      throw new InvalidRows(
        undefined,
        `a ${typeof value} cannot be a cell; pass text, a number, a boolean, a date or plain JSON`,
      );
  }
}

/**
 * Refuses an object that JSON would silently turn into `{}` or into a list of bytes.
 *
 * @throws InvalidRows when it is one.
 */
export function refuseWithoutText(value: object): void {
  if (isRefusedBinary(value)) {
    throw new InvalidRows(undefined, 'binary data cannot be a cell; audio, images and video are not collected');
  }
  if (typeof (value as { then?: unknown }).then === 'function') {
    throw new InvalidRows(undefined, 'a promise cannot be a cell; await it before it is collected');
  }
  if (isTensorObject(value)) {
    throw new InvalidRows(
      undefined,
      'a tensor cannot be a cell among others; collect it by itself, or an object of nothing but tensors by name',
    );
  }
  const prototype = Object.getPrototypeOf(value);
  const isPlain = Array.isArray(value) || prototype === Object.prototype || prototype === null;
  const hasText = typeof (value as { toJSON?: unknown }).toJSON === 'function' || Object.keys(value).length > 0;
  if (!isPlain && !hasText) {
    throw new InvalidRows(
      undefined,
      `a ${prototype?.constructor?.name ?? 'object'} cannot be a cell: its content has no JSON text; pass text, a number or plain JSON`,
    );
  }
}

function jsonText(value: object): string {
  try {
    const plain = ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float64Array) : value;
    const text = JSON.stringify(plain, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner));
    if (text !== undefined) {
      return text;
    }
  } catch (error) {
    throw new InvalidRows(undefined, `an object could not be turned into JSON text: ${(error as Error).message}`);
  }
  throw new InvalidRows(undefined, 'an object has no JSON text');
}

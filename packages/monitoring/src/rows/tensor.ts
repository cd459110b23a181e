import type { NumericArray } from './collect-input.ts';
import { isNumericArray } from './input-kinds.ts';
import { InvalidRows } from './invalid-rows.ts';

/** A tensor of ONNX Runtime or TensorFlow.js, by its members: neither package is loaded for it. */
interface TensorMembers {
  readonly data?: unknown;
  readonly dims?: unknown;
  readonly type?: unknown;
  readonly shape?: unknown;
  readonly dtype?: unknown;
  readonly dataSync?: unknown;
}

/** Where the elements of a tensor are not what they mean. Source: `Tensor.DataTypeMap` of onnxruntime-common 1.30. */
const MEANINGS: { readonly [type: string]: ((values: ArrayLike<unknown>) => ArrayLike<unknown>) | undefined } = {
  bool: (values) => Array.from(values, (value) => Boolean(value)),
  // Where the engine has no Float16Array, the bits come as integers.
  float16: (values) => (values instanceof Uint16Array ? Float64Array.from(values, halfPrecision) : values),
  int4: packed,
  uint4: packed,
};

/**
 * Reads the shape of a tensor, without its values: those of TensorFlow.js may have to come from a graphics card.
 *
 * @returns Its dimensions, and how many values there are where that is known; `undefined` when it is no tensor.
 */
export function tensorShape(
  input: object,
): { readonly dims: readonly number[]; readonly length: number | undefined } | undefined {
  const { dims, shape, dataSync } = input as TensorMembers;
  if (isDimensions(dims)) {
    const { data } = input as TensorMembers;
    if (Array.isArray(data) || isNumericArray(data)) {
      return { dims, length: (data as NumericArray).length };
    }
  }
  return isDimensions(shape) && typeof dataSync === 'function' ? { dims: shape, length: undefined } : undefined;
}

/**
 * Reads a tensor with its values; `undefined` when it is none.
 *
 * @throws InvalidRows when its elements are packed, two in a byte.
 */
export function asTensor(input: object): { values: ArrayLike<unknown>; dims: readonly number[] } | undefined {
  const shape = tensorShape(input);
  if (shape === undefined) {
    return undefined;
  }
  const tensor = input as { data: ArrayLike<unknown>; dataSync(): ArrayLike<unknown> } & TensorMembers;
  const values = shape.length === undefined ? tensor.dataSync() : tensor.data;
  const type = String(tensor.type ?? tensor.dtype);
  const meaning = Object.hasOwn(MEANINGS, type) ? MEANINGS[type] : undefined;
  return { values: meaning?.(values) ?? values, dims: shape.dims };
}

function isDimensions(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((length) => Number.isInteger(length) && length >= 0);
}

function packed(): never {
  throw new InvalidRows(1, 'a tensor of 4-bit integers has two values in a byte; cast it to int8 or uint8 first');
}

/** Source: IEEE 754, binary16. */
function halfPrecision(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

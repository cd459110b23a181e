import { AzuremlError } from '@azureml-ts/common';
import type { Column, ColumnType } from '../rows/column-batch.ts';
import { utf8Column } from './utf8-column.ts';

const TWO_32 = 4_294_967_296;

/** Which rows have something: a bit a row, or nothing when all have. */
export function validity(
  parts: readonly (Column | undefined)[],
  counts: readonly number[],
  rowCount: number,
): { nullBitmap: Uint8Array | null; nullCount: number } {
  const bitmap = new Uint8Array((rowCount + 7) >> 3).fill(255);
  let nullCount = 0;
  let row = 0;
  const clear = (at: number) => {
    bitmap[at >> 3] = (bitmap[at >> 3] ?? 0) & ~(1 << (at & 7));
    nullCount += 1;
  };
  for (const [index, part] of parts.entries()) {
    const count = counts[index] ?? 0;
    if (part === undefined) {
      for (let at = 0; at < count; at += 1) {
        clear(row + at);
      }
    } else if (part.type === 'string' && part.utf8 !== undefined) {
      const { offsets } = part.utf8;
      for (let at = 0; at < count; at += 1) {
        if (offsets[at] === offsets[at + 1]) {
          clear(row + at);
        }
      }
    } else if (part.type === 'string') {
      const { values } = part;
      for (let at = 0; at < count; at += 1) {
        if (values[at] === null) {
          clear(row + at);
        }
      }
    } else if (part.nulls !== undefined) {
      const { nulls } = part;
      for (let at = 0; at < count; at += 1) {
        if (nulls[at] === 1) {
          clear(row + at);
        }
      }
    }
    row += count;
  }
  return nullCount === 0 ? { nullBitmap: null, nullCount } : { nullBitmap: bitmap, nullCount };
}

/** Puts the texts of several batches under each other; those that came as bytes stay bytes. */
export function joinedTexts(
  parts: readonly (Column | undefined)[],
  counts: readonly number[],
  rowCount: number,
): { readonly offsets: Int32Array; readonly bytes: Uint8Array } {
  const texts = parts.map((part, index) => {
    const count = counts[index] ?? 0;
    return part?.type !== 'string'
      ? { offsets: new Int32Array(count + 1), bytes: new Uint8Array() }
      : (part.utf8 ?? utf8Column([part.values], count));
  });
  const [only] = texts;
  if (only !== undefined && texts.length === 1) {
    return only;
  }
  const offsets = new Int32Array(rowCount + 1);
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + lengthOf(text), 0));
  let row = 0;
  let used = 0;
  for (const text of texts) {
    for (let at = 1; at < text.offsets.length; at += 1) {
      offsets[row + at] = used + (text.offsets[at] as number);
    }
    bytes.set(text.bytes.subarray(0, lengthOf(text)), used);
    row += text.offsets.length - 1;
    used += lengthOf(text);
  }
  return { offsets, bytes };
}

function lengthOf({ offsets }: { readonly offsets: Int32Array }): number {
  return offsets.at(-1) ?? 0;
}

/** Puts the values of several batches under each other. */
export function joined<T extends Float64Array | BigInt64Array | Uint8Array>(
  target: T,
  parts: readonly (Column | undefined)[],
  counts: readonly number[],
  type: ColumnType,
): T {
  const [only] = parts;
  if (parts.length === 1 && only?.type === type) {
    return only.values as T;
  }
  let row = 0;
  for (const [index, part] of parts.entries()) {
    if (part?.type === type) {
      // Both are arrays of one kind, because the types are equal.
      (target as Float64Array).set(part.values as Float64Array, row);
    }
    row += counts[index] ?? 0;
  }
  return target;
}

/** Milliseconds as whole numbers of 64 bits, written as halves: making a bigint of each would take most of the time. */
export function milliseconds(values: Float64Array, nullBitmap: Uint8Array | null): BigInt64Array {
  const result = new BigInt64Array(values.length);
  const halves = new Int32Array(result.buffer);
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0;
    if (Number.isFinite(value)) {
      const high = Math.floor(value / TWO_32);
      // Little end first, as Arrow has it; Node runs on no other machine.
      halves[2 * at] = Math.floor(value - high * TWO_32);
      halves[2 * at + 1] = high;
    } else if (nullBitmap === null || ((nullBitmap[at >> 3] ?? 0) & (1 << (at & 7))) !== 0) {
      throw new AzuremlError(
        'COLUMN_TYPE_MISMATCH',
        `A timestamp must be a number of milliseconds, but is ${value}. Mark a row that has none as null.`,
      );
    }
  }
  return result;
}

export function bitsOf(values: Uint8Array): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (let at = 0; at < values.length; at += 1) {
    if (values[at] === 1) {
      bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
    }
  }
  return bits;
}

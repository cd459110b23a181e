/** Texts that are encoded together when all of them are ASCII. */
const BLOCK = 256;
/** A UTF-16 unit takes at most so many bytes. */
const MAX_UNIT_BYTES = 3;

/** The texts of a column as one run of UTF-8, as Arrow has them. */
export interface Utf8Column {
  /** Where each text begins, and at last where the last one ends. */
  readonly offsets: Int32Array;
  /** The bytes. */
  readonly bytes: Uint8Array;
}

/**
 * Encodes texts; `null` takes no bytes. A lone surrogate becomes U+FFFD.
 *
 * A call of the encoder costs more than the few bytes of a text: texts are joined, and where as many bytes come out as
 * units went in, all were ASCII and their lengths are known.
 */
export function utf8Column(parts: readonly (readonly (string | null)[])[], rowCount: number): Utf8Column {
  const offsets = new Int32Array(rowCount + 1);
  let bytes = Buffer.allocUnsafe(Math.max(1024, rowCount * 16));
  let used = 0;
  let row = 0;
  for (const values of parts) {
    for (let from = 0; from < values.length; from += BLOCK) {
      const block = values.length <= BLOCK ? values : values.slice(from, from + BLOCK);
      // `join` takes null for an empty text.
      const text = block.join('');
      const needed = used + text.length * MAX_UNIT_BYTES;
      if (needed > bytes.length) {
        const larger = Buffer.allocUnsafe(Math.max(needed, bytes.length * 2));
        bytes.copy(larger, 0, 0, used);
        bytes = larger;
      }
      const written = bytes.write(text, used);
      if (written === text.length) {
        for (const value of block) {
          used += value === null ? 0 : value.length;
          row += 1;
          offsets[row] = used;
        }
      } else {
        for (const value of block) {
          used += value === null ? 0 : bytes.write(value, used);
          row += 1;
          offsets[row] = used;
        }
      }
    }
  }
  return { offsets, bytes: bytes.subarray(0, used) };
}

import type { EncodedLines } from '../format/encode-rows.ts';

/** Text in ASCII as the bytes of a slice. */
export function asciiLines(text: string, rowCount: number): EncodedLines {
  // Not from the pool: what a slice holds must not keep the memory of others.
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 0, 'latin1');
  return { pieces: [bytes], byteLength: bytes.length, rowCount };
}

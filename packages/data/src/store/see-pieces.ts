import { createHash } from 'node:crypto';

/** Bytes that were read. */
export interface SeenBytes {
  /** Path in the store. */
  readonly path: string;
  /** How many. */
  readonly bytes: number;
  /** SHA-256 over them, lower-case hexadecimal. */
  readonly sha256: string;
}

/** Passes the bytes of a file on, and sums them up; `done` is told when all of them were taken. */
export async function* seePieces(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  done: (seen: SeenBytes) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    bytes += piece.length;
    yield piece;
  }
  done({ path, bytes, sha256: hash.digest('hex') });
}

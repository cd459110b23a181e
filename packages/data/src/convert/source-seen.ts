import { createHash } from 'node:crypto';
import type { FileStore } from '../store/file-store.ts';

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

/** The same store, which tells of each file that is read from it to its end. */
export function seeingStore(store: FileStore, done: (seen: SeenBytes) => void): FileStore {
  return {
    place: store.place,
    name: store.name,
    rangeBytes: store.rangeBytes,
    list: (...given) => store.list(...given),
    folders: (...given) => store.folders(...given),
    remove: (...given) => store.remove(...given),
    urlOf: (path) => store.urlOf(path),
    read: (path, ...given) => seePieces(path, store.read(path, ...given), done),
  };
}

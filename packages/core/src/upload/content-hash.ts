import { createHash } from 'node:crypto';
import type { ContentFile } from './content-file.ts';

/** A file whose bytes are known. */
export interface HashedFile extends ContentFile {
  /** SHA-256 of its bytes, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Files with the hash of their paths and bytes. */
export interface HashedContent {
  /** SHA-256, 64 hexadecimal digits. */
  readonly hash: string;
  /** The files, in the order of their paths. */
  readonly files: readonly HashedFile[];
}

/**
 * Reads a content once: its hash is of the paths and the bytes of its files, and of nothing else, so that the same files have
 * the same hash on every machine.
 *
 * @param files The files, in any order.
 * @param abortSignal Ends the reading.
 */
export async function hashedContent(files: readonly ContentFile[], abortSignal?: AbortSignal): Promise<HashedContent> {
  const whole = createHash('sha256');
  const hashed: HashedFile[] = [];
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const own = createHash('sha256');
    let size = 0;
    for await (const piece of file.open()) {
      abortSignal?.throwIfAborted();
      own.update(piece);
      size += piece.length;
    }
    const sha256 = own.digest('hex');
    // The length of the path makes it impossible that two lists of files give the same text.
    whole.update(`${Buffer.byteLength(file.path)} ${file.path} ${sha256}\n`);
    hashed.push({ path: file.path, size, sha256, open: () => file.open() });
  }
  return { hash: whole.digest('hex'), files: hashed };
}

import { createHash } from 'node:crypto';
import type { ContentFile } from './content-file.ts';

/**
 * Hash of a content: of the paths and the bytes of its files, and of nothing else, so that the same files have the same
 * hash on every machine.
 *
 * @param files The files, in any order.
 * @param abortSignal Ends the reading.
 * @returns 64 hexadecimal digits (SHA-256).
 */
export async function contentHash(files: readonly ContentFile[], abortSignal?: AbortSignal): Promise<string> {
  const whole = createHash('sha256');
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const own = createHash('sha256');
    for await (const piece of file.open()) {
      abortSignal?.throwIfAborted();
      own.update(piece);
    }
    // The length of the path makes it impossible that two lists of files give the same text.
    whole.update(`${Buffer.byteLength(file.path)} ${file.path} ${own.digest('hex')}\n`);
  }
  return whole.digest('hex');
}

import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 1_048_576;
/** Longest start of the bytes that is looked for before the whole is compared. */
const HEAD_BYTES = 512;

/** Whether a file holds these bytes at a position. */
export async function hasBytesAt(handle: FileHandle, position: number, bytes: Uint8Array): Promise<boolean> {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, bytes.length));
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(chunk.length, bytes.length - done);
    const { bytesRead } = await handle.read(chunk, 0, length, position + done);
    if (bytesRead === 0 || !chunk.subarray(0, bytesRead).equals(bytes.subarray(done, done + bytesRead))) {
      return false;
    }
    done += bytesRead;
  }
  return true;
}

/** Whether a file holds these bytes anywhere from a position on. */
export async function hasBytesFrom(handle: FileHandle, from: number, bytes: Uint8Array): Promise<boolean> {
  const head = Buffer.from(bytes.subarray(0, HEAD_BYTES));
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES + head.length);
  for (let at = from; ; at += CHUNK_BYTES) {
    // Chunks overlap, so that a start on the border of two is seen.
    const length = await fill(handle, chunk, at);
    const seen = chunk.subarray(0, length);
    for (let hit = seen.indexOf(head); hit !== -1 && hit < CHUNK_BYTES; hit = seen.indexOf(head, hit + 1)) {
      if (await hasBytesAt(handle, at + hit, bytes)) {
        return true;
      }
    }
    if (length < chunk.length) {
      return false;
    }
  }
}

async function fill(handle: FileHandle, chunk: Buffer, position: number): Promise<number> {
  let length = 0;
  while (length < chunk.length) {
    const { bytesRead } = await handle.read(chunk, length, chunk.length - length, position + length);
    if (bytesRead === 0) {
      break;
    }
    length += bytesRead;
  }
  return length;
}

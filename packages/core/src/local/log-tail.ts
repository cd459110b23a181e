import { type FileHandle, open } from 'node:fs/promises';
import { ValidationError } from '@azureml-ts/common';

const CHUNK_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** Most that is read of a log, in bytes: 16 MiB. */
export const MAX_LOG_BYTES = 16 * 1024 * 1024;

/** The end of a file. */
export interface LogTail {
  /** The lines, as they are in the file. */
  readonly text: string;
  /** Bytes before `text` that were asked for too, but had no room; then `text` may begin inside a line. */
  readonly leftOut: number;
}

/**
 * Checks how many lines a caller wants.
 *
 * @throws {@link ValidationError} `VALIDATION` when it is no integer from 0.
 */
export function checkNumLines(numLines: number): number {
  if (!Number.isSafeInteger(numLines) || numLines < 0) {
    throw new ValidationError({ path: 'numLines', expected: 'an integer from 0', received: numLines });
  }
  return numLines;
}

/**
 * Reads the last lines of a file, from its end, so that the size of the file does not matter. No character is split.
 *
 * @param file The file; a missing one has no lines.
 * @param numLines How many lines, at least 0. A last line without line end counts.
 * @param maxBytes How many bytes at most. Default {@link MAX_LOG_BYTES}.
 */
export async function readLogTail(file: string, numLines: number, maxBytes = MAX_LOG_BYTES): Promise<LogTail> {
  checkNumLines(numLines);
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return { text: '', leftOut: 0 };
    }
    throw error;
  }
  try {
    const { size } = await handle.stat();
    const { start, leftOut } = await tailStart(handle, size, numLines, maxBytes);
    const bytes = await readExactly(handle, start, size - start);
    return { text: bytes.toString('utf8'), leftOut };
  } finally {
    await handle.close();
  }
}

/**
 * Finds where the last lines of an open file begin.
 *
 * @param handle The file.
 * @param size Where it ends.
 * @param numLines How many lines, at least 0.
 * @param maxBytes How many bytes at most.
 * @returns Where they begin, and how many bytes before that were asked for too but have no room.
 */
export async function tailStart(
  handle: FileHandle,
  size: number,
  numLines: number,
  maxBytes = MAX_LOG_BYTES,
): Promise<{ start: number; leftOut: number }> {
  if (numLines === 0) {
    return { start: size, leftOut: 0 };
  }
  const first = Math.max(0, size - maxBytes);
  let lines = 0;
  for (let end = size; end > first; ) {
    const start = Math.max(first, end - CHUNK_BYTES);
    const chunk = await readExactly(handle, start, end - start);
    // The line feed that ends the file ends its last line; every other one starts a line.
    for (let at = chunk.length - (end === size ? 2 : 1); at >= 0; at -= 1) {
      if (chunk[at] === LINE_FEED) {
        lines += 1;
        if (lines === numLines) {
          return { start: start + at + 1, leftOut: 0 };
        }
      }
    }
    end = start;
  }
  if (first === 0) {
    return { start: 0, leftOut: 0 };
  }
  const start = first + characterStart(await readExactly(handle, first, 4));
  return { start, leftOut: start };
}

/** Where the first whole character begins: what continues one that began before is at most three bytes. */
function characterStart(bytes: Buffer): number {
  let at = 0;
  while (at < 3 && ((bytes[at] ?? 0) & 0xc0) === 0x80) {
    at += 1;
  }
  return at;
}

/** Reads bytes of an open file; fewer only where it ends. */
export async function readExactly(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) {
      break;
    }
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

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
 * Reads the last lines of a file, from its end, so that the size of the file does not matter. No character is split.
 *
 * @param file The file; a missing one has no lines.
 * @param numLines How many lines, at least 0. A last line without line end counts.
 * @param maxBytes How many bytes at most. Default {@link MAX_LOG_BYTES}.
 */
export async function readLogTail(file: string, numLines: number, maxBytes = MAX_LOG_BYTES): Promise<LogTail> {
  if (!Number.isSafeInteger(numLines) || numLines < 0) {
    throw new ValidationError({ path: 'numLines', expected: 'an integer from 0', received: numLines });
  }
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
    return await tail(handle, numLines, maxBytes);
  } finally {
    await handle.close();
  }
}

async function tail(handle: FileHandle, numLines: number, maxBytes: number): Promise<LogTail> {
  const { size } = await handle.stat();
  const first = Math.max(0, size - maxBytes);
  const chunks: Buffer[] = [];
  let lines = 0;
  for (let end = size; end > first && numLines > 0; ) {
    const start = Math.max(first, end - CHUNK_BYTES);
    const chunk = await readExactly(handle, start, end - start);
    // The line feed that ends the file ends its last line; every other one starts a line.
    for (let at = chunk.length - (end === size ? 2 : 1); at >= 0; at -= 1) {
      if (chunk[at] === LINE_FEED) {
        lines += 1;
        if (lines === numLines) {
          return { text: textOf([chunk.subarray(at + 1), ...chunks]), leftOut: 0 };
        }
      }
    }
    chunks.unshift(chunk);
    end = start;
  }
  if (first === 0 || numLines === 0) {
    return { text: textOf(chunks), leftOut: 0 };
  }
  const bytes = Buffer.concat(chunks);
  const begin = characterStart(bytes);
  return { text: textOf([bytes.subarray(begin)]), leftOut: first + begin };
}

/** Where the first whole character begins: what continues one that began before is at most three bytes. */
function characterStart(bytes: Buffer): number {
  let at = 0;
  while (at < 3 && ((bytes[at] ?? 0) & 0xc0) === 0x80) {
    at += 1;
  }
  return at;
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}

async function readExactly(handle: FileHandle, position: number, length: number): Promise<Buffer> {
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

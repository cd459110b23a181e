import { type FileHandle, open } from 'node:fs/promises';
import { ValidationError } from '@azureml-ts/common';

const CHUNK_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/**
 * Reads the last lines of a file, from its end, so that the size of the file does not matter. Cut only at line feeds,
 * so no character is ever split.
 *
 * @param file The file; a missing one has no lines.
 * @param numLines How many lines, at least 0. A last line without line end counts.
 * @returns The lines, as they are in the file.
 */
export async function readLogTail(file: string, numLines: number): Promise<string> {
  if (!Number.isSafeInteger(numLines) || numLines < 0) {
    throw new ValidationError({ path: 'numLines', expected: 'an integer from 0', received: numLines });
  }
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return '';
    }
    throw error;
  }
  try {
    return await tail(handle, numLines);
  } finally {
    await handle.close();
  }
}

async function tail(handle: FileHandle, numLines: number): Promise<string> {
  const { size } = await handle.stat();
  const chunks: Buffer[] = [];
  let lines = 0;
  for (let end = size; end > 0 && numLines > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const chunk = await readExactly(handle, start, end - start);
    // The line feed that ends the file ends its last line; every other one starts a line.
    for (let at = chunk.length - (end === size ? 2 : 1); at >= 0; at -= 1) {
      if (chunk[at] === LINE_FEED) {
        lines += 1;
        if (lines === numLines) {
          return Buffer.concat([chunk.subarray(at + 1), ...chunks]).toString('utf8');
        }
      }
    }
    chunks.unshift(chunk);
    end = start;
  }
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

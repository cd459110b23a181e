import { createHash } from 'node:crypto';
import type { DataFileName } from '../format/blob-path.ts';
import type { BatchSchema, RowBatch } from './row-sink.ts';

/** The file that takes over when this one takes no more. */
export function nextPart(name: DataFileName): DataFileName {
  return { ...name, part: (name.part ?? 1) + 1 };
}

/** The file to try when the header of this one does not fit: first that of the schema, then its next parts. */
export function otherName(name: DataFileName, schema: BatchSchema): DataFileName {
  if (name.schema !== undefined) {
    return nextPart(name);
  }
  return name.instance === undefined ? { schema: schema.hash } : { instance: name.instance, schema: schema.hash };
}

/** What is appended at a position: the first rows bring the header along, so that nobody ever sees rows without it. */
export function bytesAt(position: number, batch: RowBatch): Buffer {
  const { header } = batch.schema;
  return position === 0 && header.length > 0 ? Buffer.concat([header, batch.bytes]) : batch.bytes;
}

/** What tells one file of rows from others within a store. */
export function fileText(batch: RowBatch): string {
  const { files, hash } = batch.schema;
  return `${files.folder(batch)}${files.name}/${hash}`;
}

/** Hash of bytes that rows of two calls never share, because each carries its id: 18 bytes, so Base64 needs no padding. */
export function contentId(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest().subarray(0, 18).toString('base64');
}

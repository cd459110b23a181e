import { crc32 } from 'node:zlib';
import type { JsonValue } from '@azureml-ts/common';
import type { DataFileName } from '../format/blob-path.ts';
import type { RowBatch } from './row-sink.ts';

/** What a sink is about to do with a batch, as it stands in the journal. */
export interface SinkIntent {
  /** What is appended to. */
  readonly kind: 'append-blob' | 'block-blob' | 'python-block' | 'file';
  /** The file. */
  readonly name: DataFileName;
  /** Where the bytes begin in it; 0 for block blobs, which find a block by its id. */
  readonly position: number;
  /** Bytes of the header that go before those of the batch. */
  readonly headerBytes: number;
  /** State of the blob that the step is bound to; `undefined` when it must not exist yet. */
  readonly etag?: string | undefined;
  /** Id of the block that holds the batch, where it does not follow from its bytes. */
  readonly blockId?: string | undefined;
}

const VERSION = 1;
const KINDS = new Set<unknown>(['append-blob', 'block-blob', 'python-block', 'file']);

/** Makes the value that is kept beside the batch. */
export function encodeIntent(intent: SinkIntent, batch: RowBatch): JsonValue {
  const { kind, name, position, headerBytes, etag, blockId } = intent;
  return {
    v: VERSION,
    kind,
    // Only what is there: JSON has no `undefined`.
    name: JSON.parse(JSON.stringify(name)) as JsonValue,
    position,
    headerBytes,
    etag: etag ?? null,
    ...(blockId === undefined ? {} : { blockId }),
    // An intent tells nothing about any other batch.
    length: batch.bytes.length,
    crc32: crc32(batch.bytes),
  };
}

/** Reads a kept value; `undefined` when there is none, when it is of another kind of sink, or about other bytes. */
export function decodeIntent(value: JsonValue | undefined, batch: RowBatch): SinkIntent | undefined {
  const fields = (typeof value === 'object' ? value : null) as Readonly<Record<string, unknown>> | null;
  if (fields === null || fields['v'] !== VERSION || !KINDS.has(fields['kind'])) {
    return undefined;
  }
  const { kind, name, position, headerBytes, etag, blockId, length } = fields;
  const isWhole =
    isCount(position) && isCount(headerBytes) && typeof name === 'object' && name !== null && !Array.isArray(name);
  if (!isWhole || length !== batch.bytes.length || fields['crc32'] !== crc32(batch.bytes)) {
    return undefined;
  }
  return {
    kind: kind as SinkIntent['kind'],
    name: nameOf(name as Readonly<Record<string, unknown>>),
    position: position as number,
    headerBytes: headerBytes as number,
    etag: typeof etag === 'string' ? etag : undefined,
    ...(typeof blockId === 'string' ? { blockId } : {}),
  };
}

function nameOf({ schema, part, instance }: Readonly<Record<string, unknown>>): DataFileName {
  return {
    ...(typeof instance === 'string' ? { instance } : {}),
    ...(typeof schema === 'string' ? { schema } : {}),
    ...(typeof part === 'number' ? { part } : {}),
  };
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

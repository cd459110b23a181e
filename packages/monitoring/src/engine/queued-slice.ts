import { types } from 'node:util';
import type { JsonValue } from '@azureml-ts/common';
import type { RowBatch } from '../sinks/row-sink.ts';
import type { BatchKey, EncodedSlice } from './batch.ts';

/** A slice in the queue, and whether it survives the end of the process. */
export interface QueuedSlice {
  /** The lines. */
  readonly slice: EncodedSlice;
  /** Whether the journal has it. */
  isDurable: boolean;
  /** Which calls of the writer's own numbers it holds. */
  readonly runs: readonly CallRun[];
  /** Whether nobody else has its pieces, so that their memory can be given back. */
  readonly ownsPieces?: boolean | undefined;
}

/** Calls with numbers one after the other. */
export interface CallRun {
  /** Number of the first. */
  readonly first: number;
  /** Number of the last. */
  readonly last: number;
  /** Their rows. */
  readonly rowCount: number;
}

/** No calls with numbers of this writer. */
export const NO_RUNS: readonly CallRun[] = [];

/** What is given to the store in one piece; the same slices until the store has answered. */
export interface Front {
  /** Its slices. */
  readonly entries: readonly QueuedSlice[];
  /** What the sink gets. */
  readonly batch: RowBatch;
  /** Number of the first slice. */
  readonly first: number;
  /** Number of the last slice. */
  readonly last: number;
  /** What the sink said that it is about to do. */
  intent: JsonValue | undefined;
}

/** Rows and bytes that left the queue. */
export interface Leaving {
  /** How many rows. */
  readonly rowCount: number;
  /** How many bytes. */
  readonly byteLength: number;
  /** Which calls they were of. */
  readonly runs: readonly CallRun[];
}

/**
 * Puts slices together into one batch.
 *
 * The pieces are let go: the slices become parts of the batch, so that no byte is held twice. Those that nobody else has
 * give their memory back.
 *
 * @param key Which file.
 * @param entries The slices, in order.
 * @param intent What another process was about to do with them.
 */
export function composeFront(key: BatchKey, entries: readonly QueuedSlice[], intent: JsonValue | undefined): Front {
  const { stream, day, hour, schema } = key;
  const bytes = Buffer.concat(entries.flatMap(({ slice }) => slice.pieces));
  for (const { slice, ownsPieces } of entries) {
    if (ownsPieces === true) {
      slice.pieces.forEach(giveBack);
    }
  }
  let offset = 0;
  const parts = entries.map(({ slice, isDurable, runs }) => {
    const piece = bytes.subarray(offset, offset + slice.byteLength);
    offset += slice.byteLength;
    return { slice: { ...slice, pieces: [piece] }, isDurable, runs };
  });
  return {
    entries: parts,
    batch: { stream, day, hour, schema, bytes, rowCount: sizeOf(parts).rowCount },
    first: parts[0]?.slice.sequence ?? 0,
    last: parts.at(-1)?.slice.sequence ?? 0,
    intent,
  };
}

/** Rows and bytes of slices together. */
export function sizeOf(entries: readonly QueuedSlice[]): Leaving {
  let rowCount = 0;
  let byteLength = 0;
  for (const { slice } of entries) {
    rowCount += slice.rowCount;
    byteLength += slice.byteLength;
  }
  return { rowCount, byteLength, runs: entries.flatMap(({ runs }) => runs) };
}

/**
 * Frees memory at once. Pieces have waited for long, so that only a collection of the whole heap would find them; and
 * their bytes count for V8, which at some thousand rows a second would begin one every second or two.
 */
function giveBack({ buffer, byteLength }: Buffer): void {
  // A small piece can be part of the pool.
  if (types.isArrayBuffer(buffer) && buffer.byteLength === byteLength) {
    buffer.transfer(0);
  }
}

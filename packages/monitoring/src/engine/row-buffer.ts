import type { Cell } from '../format/csv-encode.ts';
import { type Batch, type BatchKey, keyText } from './batch.ts';
import { encodeRows } from './slice-encoder.ts';

/** Rows that wait as cells before the call that fills a slice turns them into bytes. */
const SLICE_ROWS = 256;

/** Most bytes of one append by estimate: the service takes 100 MiB, and quotes can make lines longer than estimated. */
export const MAX_APPEND_BYTES = 48 * 1_048_576;

interface OpenBatch {
  readonly key: BatchKey;
  readonly encoded: Buffer[];
  encodedBytes: number;
  encodedRows: number;
  slice: Cell[][];
  sliceBytes: number;
}

/**
 * Collects rows into batches, one open batch for each file.
 *
 * Rows of one call are never divided between two batches: together they are one append, so nothing of another writer can
 * come between them.
 */
export class RowBuffer {
  readonly #open = new Map<string, OpenBatch>();
  readonly #maxBatchBytes: number;

  /** @param maxBatchBytes A batch is finished by the call that reaches this size. */
  constructor(maxBatchBytes: number) {
    this.#maxBatchBytes = maxBatchBytes;
  }

  /** Rows in open batches. */
  get rowCount(): number {
    let count = 0;
    for (const batch of this.#open.values()) {
      count += batch.encodedRows + batch.slice.length;
    }
    return count;
  }

  /** Bytes in open batches; rows that are not encoded yet count with their estimate. */
  get bytes(): number {
    let bytes = 0;
    for (const batch of this.#open.values()) {
      bytes += batch.encodedBytes + batch.sliceBytes;
    }
    return bytes;
  }

  /**
   * Adds the rows of one call.
   *
   * @param key Which file they belong to.
   * @param rows Complete rows; the buffer keeps them.
   * @param estimatedBytes About how many bytes they will be.
   * @returns The batches that this call finished.
   */
  add(key: BatchKey, rows: readonly Cell[][], estimatedBytes: number): Batch[] {
    const text = keyText(key);
    let batch = this.#open.get(text);
    const finished: Batch[] = [];
    if (batch !== undefined && batch.encodedBytes + batch.sliceBytes + estimatedBytes > MAX_APPEND_BYTES) {
      finished.push(seal(batch));
      this.#open.delete(text);
      batch = undefined;
    }
    if (batch === undefined) {
      batch = { key, encoded: [], encodedBytes: 0, encodedRows: 0, slice: [], sliceBytes: 0 };
      this.#open.set(text, batch);
    }
    const bytesPerRow = estimatedBytes / Math.max(1, rows.length);
    for (const row of rows) {
      batch.slice.push(row);
      batch.sliceBytes += bytesPerRow;
      if (batch.slice.length >= SLICE_ROWS) {
        encodeSlice(batch);
      }
    }
    if (batch.encodedBytes + batch.sliceBytes >= this.#maxBatchBytes) {
      this.#open.delete(text);
      finished.push(seal(batch));
    }
    return finished;
  }

  /** Whether rows wait as cells. */
  get hasCells(): boolean {
    return [...this.#open.values()].some((batch) => batch.slice.length > 0);
  }

  /** Turns waiting cells into bytes. */
  encode(): void {
    for (const batch of this.#open.values()) {
      encodeSlice(batch);
    }
  }

  /** Finishes every open batch, oldest first. */
  takeAll(): Batch[] {
    const batches = [...this.#open.values()].map(seal);
    this.#open.clear();
    return batches;
  }
}

function encodeSlice(batch: OpenBatch): void {
  if (batch.slice.length === 0) {
    return;
  }
  const bytes = encodeRows(batch.slice);
  batch.encoded.push(bytes);
  batch.encodedBytes += bytes.length;
  batch.encodedRows += batch.slice.length;
  batch.slice = [];
  batch.sliceBytes = 0;
}

function seal(batch: OpenBatch): Batch {
  encodeSlice(batch);
  return { key: batch.key, bytes: Buffer.concat(batch.encoded), rowCount: batch.encodedRows };
}

import type { Batch } from '../engine/batch.ts';

/** What a sink tells of one append. */
export interface AppendOptions {
  /** Ends a call that hangs. What it did by then is unknown, and the sink finds out before it appends again. */
  readonly abortSignal: AbortSignal;
}

/** Where finished batches go: each implementation knows one kind of storage. */
export interface RowSink {
  /**
   * Stores a batch exactly once, after those of the same key that were stored before.
   *
   * Resolves when the storage has acknowledged it. When it rejects, the batch may be given again, unchanged, and is
   * still stored once.
   */
  append(batch: Batch, options: AppendOptions): Promise<void>;
}

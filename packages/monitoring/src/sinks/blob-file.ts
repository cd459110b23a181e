import type { AppendContext, AppendOutcome, RowBatch } from './row-sink.ts';

/** Rows of one day and one schema on their way to blobs. */
export interface BlobFile {
  /** See {@link RowSink.append}. */
  append(batch: RowBatch, context: AppendContext): Promise<AppendOutcome>;
}

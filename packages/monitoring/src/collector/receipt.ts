import type { Correlations } from './correlations.ts';
import type { DroppedRows } from './statistics.ts';

/** Options of one `collect` call. */
export interface CollectOptions {
  /** The caller's own id: one for all rows, or one for each row. At most 256 characters, no control characters. */
  readonly correlationId?: string | readonly string[] | undefined;
  /** What another collector's call returned, to tie these rows to those. */
  readonly correlations?: Correlations | undefined;
}

/** What became of one `collect` call; a call is taken or dropped as a whole. */
export interface CollectReceipt {
  /** Rows that were taken: copied, in memory, on their way to the store. */
  readonly accepted: number;
  /** Rows that were not. */
  readonly rejected: number;
  /** Why not. */
  readonly reason?: keyof DroppedRows | undefined;
  /** Hand this to the call that collects the other side. Also there for rows that were not taken. */
  readonly correlations: Correlations;
}

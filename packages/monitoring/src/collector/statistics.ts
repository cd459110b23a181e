/** Rows that were not stored, by reason. */
export interface DroppedRows {
  /** Collection was switched off. */
  readonly disabled: number;
  /** Left out by `samplingRate`. */
  readonly sampled: number;
  /** The buffer was full. */
  readonly bufferFull: number;
  /** They were not rows, or did not fit the features; an input of unknown shape counts 1. */
  readonly invalid: number;
  /** They could not be stored before the collector closed, or storage is not configured. */
  readonly failed: number;
  /** They came after `close()`. */
  readonly closed: number;
}

/**
 * What became of the rows of a collector. Always `collected = stored + pending + all dropped`.
 */
export interface CollectorStats {
  /** Rows that `collect` was given. */
  readonly collected: number;
  /** Rows that the store has acknowledged. */
  readonly stored: number;
  /** Rows that wait: in memory, in the journal, or both. */
  readonly pending: number;
  /** Bytes that these take in memory. */
  readonly pendingBytes: number;
  /** Rows that are not stored and will not be. */
  readonly dropped: DroppedRows;
  /** Rows taken over from processes that died; they are in none of the other counts. */
  readonly recovered: { readonly stored: number; readonly pending: number };
  /** Where accepted rows are kept until they are stored; `off`: in memory only. */
  readonly journal: 'disk' | 'memory' | 'off';
  /** When the store last acknowledged rows. */
  readonly lastStoredAt: Date | undefined;
  /** The last trouble, in words, without secrets. */
  readonly lastError: string | undefined;
}

/** Counts rows. */
export class Statistics {
  collected = 0;
  stored = 0;
  lastStoredAt: Date | undefined;
  lastError: string | undefined;
  readonly dropped: { -readonly [reason in keyof DroppedRows]: DroppedRows[reason] } = {
    disabled: 0,
    sampled: 0,
    bufferFull: 0,
    invalid: 0,
    failed: 0,
    closed: 0,
  };

  /** Counts rows that are dropped as they come. */
  refuse(reason: keyof DroppedRows, rowCount: number): void {
    this.collected += rowCount;
    this.dropped[reason] += rowCount;
  }

  /** A copy with what waits. */
  snapshot(waiting: Pick<CollectorStats, 'pending' | 'pendingBytes' | 'recovered' | 'journal'>): CollectorStats {
    return {
      collected: this.collected,
      stored: this.stored,
      ...waiting,
      dropped: { ...this.dropped },
      lastStoredAt: this.lastStoredAt,
      lastError: this.lastError,
    };
  }
}

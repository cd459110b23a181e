/** Options of `close()`. */
export interface CloseOptions {
  /** Longest time, in milliseconds; `Infinity` for no limit. Default 30,000 for `flush()`, 10,000 for `close()`. */
  readonly timeoutMs?: number | undefined;
  /** Ends the attempt early. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** Options of `flush()`. */
export interface FlushOptions extends CloseOptions {
  /**
   * What the rows have reached when the promise resolves: `stored` (default): the store has acknowledged them; `journal`:
   * they survive the end of the process.
   */
  readonly until?: 'journal' | 'stored' | undefined;
}

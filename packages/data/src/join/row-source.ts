import type { SourceWatch } from './source-watch.ts';

/** One reading of joined rows. */
export interface RowRun<R, S> {
  /** The rows; nothing is read before the first is asked for. */
  readonly rows: AsyncGenerator<R, void, undefined>;
  /** The counts so far. */
  summary(): S;
}

/** Joined rows that can be read again and again. */
export interface RowSource<R, S> {
  /** Starts to read. */
  start(watch?: SourceWatch): RowRun<R, S>;
  /** How the rows come about, for a manifest: plain JSON. */
  readonly description: Readonly<Record<string, string | null>>;
}

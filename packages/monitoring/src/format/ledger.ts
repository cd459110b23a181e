import { dayPrefix, type StreamIdentity, type UtcDay } from './blob-path.ts';

/**
 * Name of the ledger in the folder of a day. Readers of rows use `data*.csv` and do not meet it; Spark passes over names
 * that start with an underscore even when it reads whole folders.
 */
export const LEDGER_FILE_NAME = '_ledger.jsonl';

/** Why calls have no rows in the files: a run of call numbers with one reason. */
export interface LedgerGap {
  /**
   * The reason, as in the collector's statistics; `ownIds`: the rows are stored, under ids that they brought
   * along; `empty`, `aborted`: a call without rows, and one whose caller gave up waiting.
   */
  readonly reason: string;
  /** First call number of the run; the calls are `<writer>-<first>` to `<writer>-<last>`. */
  readonly first: number;
  /** Last call number of the run. */
  readonly last: number;
  /** Rows of these calls. */
  readonly rows: number;
}

/**
 * One line of the ledger: what became of the rows of one writer and one day so far. Entries are cumulative: of one
 * writer, one day and one kind the entry with the highest `entry` counts.
 */
export interface LedgerEntry {
  /** Version of the format. */
  readonly version: 1;
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** UTC day of the scoring. */
  readonly day: UtcDay;
  /** The writer that took the rows: the part of their correlation ids before the last dash, where they have their own. */
  readonly writer: string;
  /**
   * `open`: the writer goes on; `closed`: it ended, and these are all its rows of the day; `recovered`: the writer died,
   * and what its journal held is counted by whoever took it over.
   */
  readonly kind: 'open' | 'closed' | 'recovered';
  /** Number of the entry of this writer, from 1; of kind `recovered`: milliseconds since 1970. */
  readonly entry: number;
  /** When it was written, ISO 8601 UTC. */
  readonly at: string;
  /** Highest call number that the writer has given so far; `undefined` when unknown. */
  readonly lastCall?: number | undefined;
  /** Rows that were given to the collector. */
  readonly collected: number;
  /** Rows that the store has acknowledged. */
  readonly stored: number;
  /** Rows that wait. */
  readonly pending: number;
  /** Rows that were dropped, by reason; only reasons that occurred. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Which calls of the writer's own numbers were dropped, except those left out by sampling. */
  readonly gaps: readonly LedgerGap[];
  /** Runs that are not listed in `gaps`, because there were too many; their rows are in `dropped` all the same. */
  readonly moreGaps?: number | undefined;
  /** Share of the calls that is kept: which ones follows from their ids. */
  readonly samplingRate: number;
  /**
   * Of the rows that were taken, those under ids of other calls: the predictions of a request, labels. All others have ids
   * of this writer. `undefined` when unknown.
   */
  readonly otherIds?: number | undefined;
  /**
   * Which columns the rows that were taken have: the first eight hexadecimal digits of the SHA-256 of the header with its
   * line end, or of `<n> unnamed features`. `undefined` when unknown.
   */
  readonly schemas?: readonly string[] | undefined;
}

/** Path of the ledger of a day in the container. */
export function ledgerPath(stream: StreamIdentity, day: UtcDay): string {
  return dayPrefix(stream, day) + LEDGER_FILE_NAME;
}

/** The line of an entry, with its line end. */
export function encodeLedgerEntry(entry: LedgerEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

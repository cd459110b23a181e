import type { JsonValue } from '@azureml-ts/common';
import type { BatchKey, EncodedSlice } from '../engine/batch.ts';
import type { StreamIdentity } from '../format/blob-path.ts';

/** What a journal keeps about the rows of a writer and a day, for the ledger of a writer that died. */
export interface JournalCounters {
  /** Rows of the day that were given to the collector so far. */
  readonly collected: number;
  /** Those that were dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Highest call number so far. */
  readonly lastCall: number;
}

/** Counts of a day that no entry of the ledger has yet. */
export interface DayCounters extends JournalCounters {
  /** UTC day of the scoring. */
  readonly day: string;
}

/** What became of a slice that was given to the journal. */
export type JournalWrite =
  /** It survives the end of the process. */
  | 'durable'
  /** It is in memory only: no journal, no room, or the disk refused. */
  | 'memory'
  /** The folder was taken over by another process; see {@link RowJournal.settleTaken}. */
  | 'taken';

/** Keeps what is known of the slices of one file, for the queue that stores them. */
export interface FileLog {
  /**
   * Keeps what is about to be done with the slices `first` to `last`, durably.
   *
   * @throws AzuremlError `JOURNAL_TAKEN` when another process has taken the folder over: nothing may be sent then.
   */
  intend(first: number, last: number, intent: JsonValue): Promise<void>;
  /** The slices up to this one are stored, or given up for good; what they took on disk is let go. */
  acknowledge(through: number): Promise<void>;
  /** These slices are given up before their turn: nobody may store them any more. */
  skip(first: number, last: number): Promise<void>;
}

/** Slices of one file that a dead process left behind. */
export interface AbandonedFile extends FileLog {
  /** Which file. */
  readonly key: BatchKey;
  /** Rows that are not acknowledged. */
  readonly rowCount: number;
  /** What the dead process was about to do, and with which slices. */
  readonly intent: { readonly first: number; readonly last: number; readonly value: JsonValue } | undefined;
  /** The slices that are not acknowledged, in order, read piece by piece. */
  slices(): AsyncIterable<EncodedSlice>;
}

/** A journal that was taken over from a dead process. */
export interface AbandonedJournal {
  /** The writer that left it behind. */
  readonly writer: string;
  /** What its rows are called; `undefined` when that cannot be read any more. */
  readonly stream: StreamIdentity | undefined;
  /** Its files with slices that are not acknowledged. */
  readonly files: readonly AbandonedFile[];
  /** Latest counters by day. */
  readonly counters: ReadonlyMap<string, JournalCounters>;
  /** The store will never take these rows of a day; noted with the slices that they were in. */
  refuse(day: string, rowCount: number): void;
  /**
   * Removes the folder when everything is acknowledged; else leaves it to others at once.
   *
   * @param keepCounters Whether the ledger lacks the counters: then the folder is left to others with them.
   */
  release(keepCounters?: boolean): Promise<void>;
}

/** The journal of one collector, as the engine uses it. */
export interface Journal {
  /** `disk` while slices are durable; `memory` while the folder or the disk refuses. */
  readonly state: 'disk' | 'memory';
  /** Frames a slice; synchronous, because it also runs when the process exits. Never throws. */
  write(key: BatchKey, slice: EncodedSlice, counters: JournalCounters): JournalWrite;
  /**
   * The log of one file.
   *
   * @param key Which file.
   * @param counters What to keep of the counts of its day until the ledger has them; nothing when left out.
   */
  file(key: BatchKey, counters?: () => JournalCounters): FileLog;
  /** How often counts were noted so far. */
  readonly notes: number;
  /** The ledger has the counts of a day that were noted by then, where {@link Journal.notes} was `through`. Never throws. */
  accounted(day: string, through: number): void;
  /**
   * After `taken` or `JOURNAL_TAKEN`: finds out which slices the new owner has, and starts a folder of its own anew.
   *
   * @returns By {@link keyText}: the last slice that the new owner has read. Later ones are still ours, and are to be
   *   written again.
   */
  settleTaken(): Promise<ReadonlyMap<string, number>>;
  /** Takes over what dead processes left for the same storage. */
  claim(): Promise<readonly AbandonedJournal[]>;
  /** Leaves what is not acknowledged to others, at once and synchronously: the process exits. Never throws. */
  release(): void;
  /** Ends the journal: its folder is removed when everything is acknowledged, else released. */
  close(): Promise<void>;
}

import type { JsonValue } from '@azureml-ts/common';
import type { StreamIdentity, UtcDay } from '../format/blob-path.ts';
import type { FileLayout } from '../format/file-layout.ts';
import type { LedgerEntry } from '../format/ledger.ts';

/** The columns of a batch and the files that take them, as a sink needs to know them. */
export interface BatchSchema {
  /** Names of the features in column order; `undefined` when rows came as arrays and nobody named them. */
  readonly names: readonly string[] | undefined;
  /** The file's first line with its line end; empty without names. */
  readonly header: Uint8Array;
  /** Eight hexadecimal digits that tell this header from others. */
  readonly hash: string;
  /** How many bytes from the start of a file {@link BatchSchema.fitsStart} needs at most. */
  readonly probeBytes: number;
  /** Whether rows of this schema may follow in a file whose first {@link BatchSchema.probeBytes} are these. */
  fitsStart(start: Uint8Array): boolean;
  /** How the files are laid out. */
  readonly files: FileLayout;
}

/** Finished lines of one file: whole calls, in order. Given again after a failure, the bytes are the same. */
export interface RowBatch {
  /** What the rows are called: everything in their path but the date. */
  readonly stream: StreamIdentity;
  /** UTC day of their scoring. */
  readonly day: UtcDay;
  /** UTC hour of their scoring, two digits, in layouts with a folder an hour. */
  readonly hour?: string | undefined;
  /** Their columns. */
  readonly schema: BatchSchema;
  /** The lines as UTF-8. */
  readonly bytes: Buffer;
  /** How many rows they are. */
  readonly rowCount: number;
}

/** What a sink is given with a batch. */
export interface AppendContext {
  /** Ends a call that hangs. What it did by then is unknown, and the sink finds out before it appends again. */
  readonly abortSignal: AbortSignal;
  /**
   * What the sink last said through {@link AppendContext.intend} about this very batch: in an earlier try, or in the
   * process that wrote the batch and died. `undefined` when it said nothing, so nothing can have been written.
   */
  readonly intent: JsonValue | undefined;
  /**
   * Keeps, beside the batch in the journal, what the sink is about to do. Called before every step whose outcome may
   * stay unknown; the step is taken when the promise has resolved. When it rejects, the sink must not go on: another
   * process has taken the batch over.
   */
  intend(intent: JsonValue): Promise<void>;
}

/** What a sink may tell of a successful append. */
export interface AppendOutcome {
  /** Blocks that the file has now, of all writers, and those that it can have: the flush interval adapts to them. */
  readonly blocks?: { readonly used: number; readonly limit: number } | undefined;
  /** Rows of the batch that the store will never take, where it takes rows one by one: they are counted as `failed`. */
  readonly refused?: { readonly rowCount: number; readonly error: unknown } | undefined;
}

/** What a sink is given with an entry of the ledger. */
export interface RecordContext {
  /** Ends a call that hangs. */
  readonly abortSignal: AbortSignal;
  /** How the files of the rows are laid out. Default: as documented. */
  readonly files?: FileLayout | undefined;
}

/**
 * Where collected rows go. Implement it to store them elsewhere; `MemorySink` is one to test with.
 *
 * One sink can get batches of several files at the same time, but never two of the same file.
 */
export interface RowSink {
  /** Where rows go, for messages and as the address that journals are kept by: stable, without secrets. */
  readonly name: string;
  /**
   * Longest time for one append, in milliseconds. Default 30,000. Longer for a store that takes rows one by one and has
   * limits of its own.
   */
  readonly appendTimeoutMs?: number | undefined;
  /**
   * Stores a batch exactly once, after those of the same file that were given before.
   *
   * Resolves when the storage has acknowledged it. When it rejects, the same batch is given again later, perhaps by
   * another process, and must still be stored once. An error with `retryable: false` or `statusCode: 413` says that the
   * batch itself can never be stored (413), or that trying again soon makes no sense.
   */
  append(batch: RowBatch, context: AppendContext): Promise<AppendOutcome | undefined>;
  /** Stores an entry of the ledger at least once; entries are cumulative, so that one too many does no harm. */
  record?(entry: LedgerEntry, options: RecordContext): Promise<void>;
}

import { type Clock, deadline, runQuietly, sleep, type TimerHandle, waitAtMost } from '@azureml-ts/common';
import { describeFailure } from '../engine/store-failure.ts';
import { type StreamIdentity, utcDay } from '../format/blob-path.ts';
import type { LedgerEntry } from '../format/ledger.ts';
import type { Journal } from '../journal/journal-types.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import type { DayAccount, LedgerBook } from './ledger-book.ts';

/** How often a day's account is written while it changes, in milliseconds. */
const WRITE_EVERY_MS = 300_000;
/** Longest time for one entry, in milliseconds. */
const RECORD_TIMEOUT_MS = 10_000;
/** How often an entry is tried that fails in passing. */
const MAX_TRIES = 5;
/** Time before the second try, in milliseconds; doubled for each further one. */
const RETRY_AFTER_MS = 50;

/** Parts of {@link LedgerWriter}. */
export interface LedgerWriterOptions {
  /** Where entries go. */
  readonly sink: RowSink;
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** The writer whose rows are accounted for. */
  readonly writer: string;
  /** Share of the calls that is kept. */
  readonly samplingRate: number;
  /** The accounts. */
  readonly book: LedgerBook;
  /** Keeps the counts until an entry has them, if anything does. */
  readonly journal: Journal | undefined;
  /** Highest call number so far. */
  readonly lastCall: () => number;
  /** The time. */
  readonly clock: Clock;
  /** An entry could not be written; it is tried again with the next. */
  readonly onFailure: (error: unknown) => void;
}

/** Writes the accounts of a collector beside its data: soon after a day's first rows, from time to time, and at the end. */
export class LedgerWriter {
  readonly #options: LedgerWriterOptions;
  readonly #written = new Set<string>();
  #entries = 0;
  #timer: TimerHandle | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;
  readonly #stopping = new AbortController();

  /** @param options Its parts. */
  constructor(options: LedgerWriterOptions) {
    this.#options = options;
  }

  /** Rows of a day were stored: its first entry is written at once, later ones with time. */
  changed(account: DayAccount): void {
    account.isChanged = true;
    if (this.#isClosed || this.#options.sink.record === undefined) {
      return;
    }
    if (!this.#written.has(account.day)) {
      this.#written.add(account.day);
      void this.#write('open');
    } else if (this.#timer === undefined) {
      this.#timer = this.#options.clock.setTimeout(() => {
        this.#timer = undefined;
        void this.#write('open');
      }, WRITE_EVERY_MS);
    }
  }

  /** Writes what has changed as the last word of this writer. */
  async close(abortSignal: AbortSignal): Promise<void> {
    if (this.#isClosed) {
      return;
    }
    this.#end();
    const written = this.#write('closed', abortSignal);
    // An entry that is under way has more time than the end has.
    await waitAtMost(written, 'The ledger', { abortSignal }).catch((error: unknown) => this.#options.onFailure(error));
  }

  /** Ends what is under way. */
  stop(): void {
    this.#end();
    this.#stopping.abort(new Error('The collector was closed'));
  }

  /** Writes one entry. */
  async record(entry: Omit<LedgerEntry, 'version' | 'at'>, abortSignal?: AbortSignal): Promise<void> {
    const at = new Date(this.#options.clock.now()).toISOString();
    const limit = deadline(RECORD_TIMEOUT_MS, abortSignal, this.#stopping.signal);
    try {
      for (let tries = 1; !(await this.#tryRecord({ version: 1, ...entry, at }, limit.signal, tries)); tries += 1) {
        await sleep(RETRY_AFTER_MS * 2 ** (tries - 1), { abortSignal: limit.signal, keepAlive: true });
      }
    } finally {
      limit.clear();
    }
  }

  /**
   * Tells whether the entry is written; `false` when it is worth another try. The last word of a writer, and what is said
   * of a dead one, have no later entry that makes up for them, and an entry that is there twice does no harm.
   */
  async #tryRecord(entry: LedgerEntry, abortSignal: AbortSignal, tries: number): Promise<boolean> {
    try {
      const recorded = runQuietly(() => this.#options.sink.record?.(entry, { abortSignal }));
      await waitAtMost(Promise.resolve(recorded), 'The entry of the ledger', { abortSignal });
      return true;
    } catch (error) {
      if (tries === MAX_TRIES || abortSignal.aborted || !describeFailure(error).retryable) {
        throw error;
      }
      return false;
    }
  }

  #end(): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) {
      this.#options.clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  /** One after the other, so that entries are in order. */
  #write(kind: LedgerEntry['kind'], abortSignal?: AbortSignal): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeChanged(kind, abortSignal));
    return this.#writing;
  }

  async #writeChanged(kind: LedgerEntry['kind'], abortSignal: AbortSignal | undefined): Promise<void> {
    const { book, journal, clock, onFailure } = this.#options;
    const today = utcDay(clock.now());
    for (const account of book.all()) {
      // A day that is over and has nothing that waits is as good as closed; late rows make another entry.
      const isOver = kind === 'closed' || (account.day !== today && account.pending === 0);
      if (!account.isChanged && (!isOver || account.isClosed)) {
        continue;
      }
      account.isChanged = false;
      account.isClosed = isOver;
      const notes = journal?.notes ?? 0;
      try {
        await this.record(this.#entryOf(account, isOver ? 'closed' : 'open'), abortSignal);
        journal?.accounted(account.day, notes);
      } catch (error) {
        account.isChanged = true;
        onFailure(error);
      }
    }
  }

  #entryOf(account: DayAccount, kind: LedgerEntry['kind']): Omit<LedgerEntry, 'version' | 'at'> {
    this.#entries += 1;
    const { stream, writer, samplingRate, lastCall } = this.#options;
    const { day, collected, stored, pending, dropped, gaps, moreGaps, otherIds, schemas } = account;
    return {
      stream,
      day,
      writer,
      kind,
      entry: this.#entries,
      lastCall: lastCall(),
      collected,
      stored,
      pending,
      // Copies: a sink takes its time to write them.
      dropped: { ...dropped },
      gaps: gaps.map((gap) => ({ ...gap })),
      ...(moreGaps === 0 ? {} : { moreGaps }),
      samplingRate,
      otherIds,
      schemas: [...schemas],
    };
  }
}

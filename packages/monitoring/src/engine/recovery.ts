import { type Clock, runQuietly, sleep, type TimerHandle, waitAtMost } from '@azureml-ts/common';
import type { UtcDay } from '../format/blob-path.ts';
import type { AbandonedFile, AbandonedJournal, Journal } from '../journal/journal-types.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import type { EncodedSlice } from './batch.ts';
import { FileQueue, isTaken } from './file-queue.ts';
import { NO_RUNS, type QueuedSlice } from './queued-slice.ts';
import { RetrySchedule } from './retry-schedule.ts';
import { describeFailure, type StoreFailure } from './store-failure.ts';

/** How often it is looked whether other processes have died, in milliseconds. */
const LOOK_EVERY_MS = 30_000;
/** How long stopping waits for an append that does not answer to its abort, in milliseconds. */
const LAST_APPEND_MS = 1_000;

/** Settings of {@link Recovery}. */
export interface RecoveryOptions {
  /** Where abandoned journals are found. */
  readonly journal: Journal;
  /** Where rows go. */
  readonly sink: RowSink;
  /** Size of a batch, in bytes. */
  readonly maxBatchBytes: number;
  /** The time. */
  readonly clock: Clock;
  /** Random number from 0 to 1, for jitter. */
  readonly random: () => number;
  /** An append failed; the rows are kept. */
  readonly onFailure: (failure: StoreFailure, error: unknown) => void;
  /** The store will never take these rows. */
  readonly onRefused: (rowCount: number, failure: StoreFailure, error: unknown) => void;
  /**
   * Everything of a journal is stored, but for the rows that the store will never take. Whoever is told releases it.
   *
   * @param stored Rows that were stored, by day.
   */
  readonly onRecovered: (journal: AbandonedJournal, stored: ReadonlyMap<UtcDay, number>) => void;
}

/** Rows of one file that a dead process left behind, on their way. */
interface Abandoned {
  readonly file: AbandonedFile;
  readonly queue: FileQueue;
  readonly slices: AsyncIterator<EncodedSlice>;
  next: EncodedSlice | undefined;
  isRead: boolean;
}

/** Stores what processes that died have left in their journals: read piece by piece, in the order of each file. */
export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #retries: RetrySchedule;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #impatience = new AbortController();
  #hopeless = new AbortController();
  #looking: Promise<void> | undefined;
  #hasLooked = false;
  #timer: TimerHandle | undefined;
  #stored = 0;
  #pending = 0;

  /** @param options Settings. */
  constructor(options: RecoveryOptions) {
    this.#options = options;
    this.#retries = new RetrySchedule(options.clock, options.random);
  }

  /** Rows of dead processes that this one has stored. */
  get stored(): number {
    return this.#stored;
  }

  /** Rows of dead processes that this one has taken over and not stored yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Looks for what others left, now and from time to time. */
  look(): Promise<void> {
    const looking =
      this.#looking ??
      runQuietly(() => this.#look())
        .catch((error: unknown) => this.#options.onFailure(describeFailure(error), error))
        .finally(() => {
          this.#looking = undefined;
        });
    this.#looking = looking;
    return looking;
  }

  /**
   * Waits until everything that was found is stored, or until the store refuses some of it for longer than a moment.
   *
   * @param limit Ends the wait.
   * @returns Why not; empty when everything is.
   */
  async flush(limit: AbortSignal): Promise<unknown[]> {
    this.#hopeless = new AbortController();
    const either = AbortSignal.any([limit, this.#hopeless.signal]);
    try {
      const looking = this.#hasLooked ? (this.#looking ?? Promise.resolve()) : this.look();
      await waitAtMost(looking, 'The look for journals', { abortSignal: limit });
      this.#impatience.abort();
      this.#impatience = new AbortController();
      await waitAtMost(Promise.all(this.#running), 'The recovery', { abortSignal: either });
      return [];
    } catch (error) {
      return [error];
    }
  }

  /** Stops; what is not stored stays in the journals and is left to others. */
  async stop(): Promise<void> {
    this.#closing.abort(new Error('The collector was closed'));
    if (this.#timer !== undefined) {
      this.#options.clock.clearTimeout(this.#timer);
    }
    // A sink that does not answer to its abort must not hold up the end; what it does then is noted in the journal.
    const ended = Promise.allSettled([this.#looking, ...this.#running]);
    await waitAtMost(ended, 'The recovery', { timeoutMs: LAST_APPEND_MS }).catch(() => undefined);
  }

  async #look(): Promise<void> {
    if (this.#closing.signal.aborted) {
      return;
    }
    const found = await this.#options.journal.claim();
    this.#hasLooked = true;
    for (const journal of found) {
      const run = this.#recover(journal).finally(() => this.#running.delete(run));
      this.#running.add(run);
    }
    if (!this.#closing.signal.aborted) {
      this.#timer = this.#options.clock.setTimeout(() => void this.look(), LOOK_EVERY_MS);
    }
  }

  async #recover(journal: AbandonedJournal): Promise<void> {
    const stored = new Map<UtcDay, number>();
    const files = journal.files.map((file) => this.#open(journal, file, stored));
    const results = await Promise.all(files.map((abandoned) => this.#storeAll(abandoned)));
    if (results.every((isStored) => isStored)) {
      this.#options.onRecovered(journal, stored);
    } else {
      await journal.release(true).catch(() => undefined);
    }
  }

  #open(journal: AbandonedJournal, file: AbandonedFile, stored: Map<UtcDay, number>): Abandoned {
    const { day } = file.key;
    this.#pending += file.rowCount;
    const queue = new FileQueue({
      key: file.key,
      sink: this.#options.sink,
      log: file,
      maxBatchBytes: this.#options.maxBatchBytes,
      events: {
        onStored: ({ rowCount }, outcome) => {
          const { rowCount: refused = 0, error } = outcome?.refused ?? {};
          this.#pending -= rowCount;
          this.#stored += rowCount - refused;
          stored.set(day, (stored.get(day) ?? 0) + rowCount - refused);
          if (refused > 0) {
            journal.refuse(day, refused);
            this.#options.onRefused(refused, describeFailure(error), error);
          }
        },
        onRefused: ({ rowCount }, error) => {
          this.#pending -= rowCount;
          journal.refuse(day, rowCount);
          this.#options.onRefused(rowCount, describeFailure(error), error);
        },
        onDropped: () => undefined,
        onLogFailed: () => undefined,
      },
    });
    return { file, queue, slices: file.slices()[Symbol.asyncIterator](), next: undefined, isRead: false };
  }

  /** Tells whether everything was stored; `false` when closed before, or when another process took it. */
  async #storeAll(abandoned: Abandoned): Promise<boolean> {
    const { queue } = abandoned;
    const { signal } = this.#closing;
    try {
      await this.#begin(abandoned);
      for (;;) {
        await this.#fill(abandoned);
        if (queue.isEmpty) {
          return true;
        }
        queue.makeDue();
        await this.#tryOnce(queue);
        signal.throwIfAborted();
      }
    } catch (error) {
      if (isTaken(error)) {
        this.#pending -= queue.rowCount;
      }
      if (!signal.aborted) {
        this.#options.onFailure(describeFailure(error), error);
      }
      return false;
    }
  }

  /** After a failure it waits before it returns, unless somebody is in a hurry. */
  async #tryOnce(queue: FileQueue): Promise<void> {
    const { signal } = this.#closing;
    try {
      await queue.drain(signal);
    } catch (error) {
      if (isTaken(error) || signal.aborted) {
        throw error;
      }
      const failure = describeFailure(error);
      this.#options.onFailure(failure, error);
      if (!failure.retryable) {
        this.#hopeless.abort(error);
      }
      const impatient = AbortSignal.any([signal, this.#impatience.signal]);
      await sleep(this.#retries.delayMs(queue, failure), { abortSignal: impatient, clock: this.#options.clock }).catch(
        () => undefined,
      );
    }
  }

  /** The batch that the dead process was about to store comes first, exactly as it was. */
  async #begin(abandoned: Abandoned): Promise<void> {
    const { intent } = abandoned.file;
    if (intent === undefined) {
      return;
    }
    const entries: QueuedSlice[] = [];
    for (;;) {
      const slice = await this.#read(abandoned);
      if (slice === undefined || slice.sequence > intent.last) {
        abandoned.next = slice;
        break;
      }
      entries.push({ slice, isDurable: true, runs: NO_RUNS });
    }
    if (entries.length > 0 && (entries[0]?.slice.sequence ?? 0) >= intent.first) {
      abandoned.queue.begin(entries, intent.value);
    } else {
      for (const entry of entries) {
        abandoned.queue.push(entry);
      }
    }
  }

  async #fill(abandoned: Abandoned): Promise<void> {
    while (abandoned.queue.byteLength < this.#options.maxBatchBytes) {
      const slice = await this.#read(abandoned);
      if (slice === undefined) {
        return;
      }
      abandoned.queue.push({ slice, isDurable: true, runs: NO_RUNS });
    }
  }

  async #read(abandoned: Abandoned): Promise<EncodedSlice | undefined> {
    const { next } = abandoned;
    if (next !== undefined) {
      abandoned.next = undefined;
      return next;
    }
    if (abandoned.isRead) {
      return undefined;
    }
    const result = await abandoned.slices.next();
    abandoned.isRead = result.done === true;
    return result.done === true ? undefined : result.value;
  }
}

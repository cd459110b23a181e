import { deadline, isAzuremlError, type JsonValue, statusOf } from '@azureml-ts/common';
import type { FileLog } from '../journal/journal-types.ts';
import type { AppendOutcome, RowSink } from '../sinks/row-sink.ts';
import type { BatchKey } from './batch.ts';
import { composeFront, type Front, type Leaving, NO_RUNS, type QueuedSlice, sizeOf } from './queued-slice.ts';

/** Longest time for one append, in milliseconds: the client's own time limit does not end a call that hangs. */
const APPEND_TIMEOUT_MS = 30_000;

/** Answers after which the same batch can never be stored. */
const NEVER = new Set<number | undefined>([413]);

/** What happens to slices on their way to the store. Told before the journal notes it, and the counts with it. */
export interface FileQueueEvents {
  /** The store has acknowledged them. */
  onStored(leaving: Leaving, outcome: AppendOutcome | undefined): void;
  /** The store will never take them, whatever the time: they are given up, so that those behind them are not. */
  onRefused(leaving: Leaving, error: unknown): void;
  /** They were given up before their turn. */
  onDropped(leaving: Leaving): void;
  /** The journal could not note that slices are stored: harmless now, found out again after a restart. */
  onLogFailed(error: unknown): void;
}

/** Parts of {@link FileQueue}. */
export interface FileQueueOptions {
  /** Which file. */
  readonly key: BatchKey;
  /** Where batches go. */
  readonly sink: RowSink;
  /** What is known of the slices on disk. */
  readonly log: FileLog | undefined;
  /** Size at which a batch is complete, in bytes. */
  readonly maxBatchBytes: number;
  /** Who wants to know. */
  readonly events: FileQueueEvents;
}

/**
 * Encoded slices of one file, stored one batch after the other, so that rows keep their order. Files have queues of
 * their own: one that fails does not delay another.
 */
export class FileQueue {
  readonly #options: FileQueueOptions;
  #entries: QueuedSlice[] = [];
  #front: Front | undefined;
  #dueThrough = 0;
  #draining: Promise<void> | undefined;
  #rowCount = 0;
  #byteLength = 0;
  #takesOne = false;
  /** Appends that failed since the last one that succeeded. */
  failures = 0;

  /** @param options Its parts. */
  constructor(options: FileQueueOptions) {
    this.#options = options;
  }

  /** Which file. */
  get key(): BatchKey {
    return this.#options.key;
  }

  /** Rows that are not acknowledged. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Their bytes. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Rows that only memory has. */
  get volatileRows(): number {
    let count = 0;
    for (const entries of [this.#front?.entries ?? [], this.#entries]) {
      for (const { slice, isDurable } of entries) {
        count += isDurable ? 0 : slice.rowCount;
      }
    }
    return count;
  }

  /** Whether everything is stored. */
  get isEmpty(): boolean {
    return this.#front === undefined && this.#entries.length === 0;
  }

  /** Whether an append runs. */
  get isBusy(): boolean {
    return this.#draining !== undefined;
  }

  /** Whether a batch waits that is complete or whose time has come. */
  get isDue(): boolean {
    return (
      this.#front !== undefined ||
      (this.#entries[0] !== undefined &&
        (this.#entries[0].slice.sequence <= this.#dueThrough || this.#byteLength >= this.#options.maxBatchBytes))
    );
  }

  /** Number of the oldest slice that is not on its way; `undefined` when all are. */
  get oldest(): number | undefined {
    return this.#entries[0]?.slice.sequence;
  }

  /** The slices that are not on their way or stored, oldest first. */
  get entries(): readonly QueuedSlice[] {
    return [...(this.#front?.entries ?? []), ...this.#entries];
  }

  /** Puts a slice at the end. */
  push(entry: QueuedSlice): void {
    this.#entries.push(entry);
    this.#count(entry, 1);
  }

  /** Has the first slices stored as the batch that another process began to store. */
  begin(entries: readonly QueuedSlice[], intent: JsonValue): void {
    for (const entry of entries) {
      this.#count(entry, 1);
    }
    this.#front = composeFront(this.#options.key, entries, intent);
  }

  /** Everything that is in the queue now shall be stored without waiting for more. */
  makeDue(): void {
    this.#dueThrough = this.#entries.at(-1)?.slice.sequence ?? this.#dueThrough;
  }

  /**
   * Stores what is due. A second call while the first runs joins it.
   *
   * @param abortSignal Ends the work; the append that runs is ended too.
   * @returns Rejects with the first failure; what is not stored stays in the queue.
   */
  drain(abortSignal: AbortSignal | undefined): Promise<void> {
    this.#draining ??= this.#store(abortSignal).finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  /** Gives up the oldest slice that is not on its way; tells whether there was one. */
  dropOldest(): boolean {
    const entry = this.#entries.shift();
    if (entry === undefined) {
      return false;
    }
    const { log, events } = this.#options;
    this.#count(entry, -1);
    const { sequence, rowCount, byteLength } = entry.slice;
    events.onDropped({ rowCount, byteLength, runs: entry.runs });
    if (entry.isDurable) {
      log?.skip(sequence, sequence).catch(events.onLogFailed);
    }
    return true;
  }

  /** Takes out what another process has taken over: its slices up to this one. No append may run. */
  handOver(through: number): Leaving {
    const before = { rowCount: this.#rowCount, byteLength: this.#byteLength };
    const kept = this.entries.filter(({ slice, isDurable }) => !isDurable || slice.sequence > through);
    this.#front = undefined;
    this.#entries = kept;
    this.#rowCount = 0;
    this.#byteLength = 0;
    for (const entry of kept) {
      this.#count(entry, 1);
    }
    return {
      rowCount: before.rowCount - this.#rowCount,
      byteLength: before.byteLength - this.#byteLength,
      runs: NO_RUNS,
    };
  }

  /** Gives up everything, also what is on its way. */
  abandon(): readonly QueuedSlice[] {
    const entries = this.entries;
    this.#front = undefined;
    this.#entries = [];
    this.#rowCount = 0;
    this.#byteLength = 0;
    return entries;
  }

  async #store(abortSignal: AbortSignal | undefined): Promise<void> {
    while (this.isDue) {
      const front = this.#front ?? this.#take();
      this.#front = front;
      const limit = deadline(this.#options.sink.appendTimeoutMs ?? APPEND_TIMEOUT_MS, abortSignal);
      let outcome: AppendOutcome | undefined;
      try {
        outcome = await this.#append(front, limit.signal);
      } catch (error) {
        if (NEVER.has(statusOf(error)) && front === this.#front) {
          this.#refuse(front, error);
          continue;
        }
        this.failures += 1;
        throw error;
      } finally {
        limit.clear();
      }
      if (this.#front !== front) {
        // Somebody has given the queue up meanwhile and counted what is in it.
        return;
      }
      this.failures = 0;
      this.#takesOne = false;
      this.#leave(front, (leaving) => this.#options.events.onStored(leaving, outcome));
    }
  }

  #append(front: Front, abortSignal: AbortSignal): Promise<AppendOutcome | undefined> {
    const { sink, log } = this.#options;
    return sink.append(front.batch, {
      abortSignal,
      intent: front.intent,
      intend: async (intent) => {
        // Slices that only memory has are gone with the process, and what was about to be done with them too.
        if (front.entries[0]?.isDurable === true) {
          await log?.intend(front.first, front.last, intent);
        }
        front.intent = intent;
      },
    });
  }

  /** A batch that is too large because of many slices is tried again slice by slice. */
  #refuse(front: Front, error: unknown): void {
    if (front.entries.length > 1) {
      this.#entries.unshift(...front.entries);
      this.#front = undefined;
      this.#takesOne = true;
      this.#dueThrough = Math.max(this.#dueThrough, front.last);
      return;
    }
    this.#leave(front, (leaving) => this.#options.events.onRefused(leaving, error));
  }

  #leave(front: Front, tell: (leaving: Leaving) => void): void {
    const { log, events } = this.#options;
    this.#front = undefined;
    for (const entry of front.entries) {
      this.#count(entry, -1);
    }
    tell(sizeOf(front.entries));
    // Of slices that only memory had, only the counts are noted.
    log?.acknowledge(front.entries[0]?.isDurable === true ? front.last : 0).catch(events.onLogFailed);
  }

  #take(): Front {
    const limit = this.#takesOne ? 0 : this.#options.maxBatchBytes;
    const isDurable = this.#entries[0]?.isDurable;
    let count = 0;
    let bytes = 0;
    // What the journal has and what it has not are never in one batch: after a crash only the first comes again.
    for (const entry of this.#entries) {
      if ((count > 0 && bytes >= limit) || entry.isDurable !== isDurable) {
        break;
      }
      count += 1;
      bytes += entry.slice.byteLength;
    }
    return composeFront(this.#options.key, this.#entries.splice(0, count), undefined);
  }

  #count({ slice }: QueuedSlice, sign: 1 | -1): void {
    this.#rowCount += sign * slice.rowCount;
    this.#byteLength += sign * slice.byteLength;
  }
}

/** Whether an error says that another process has taken the journal over. */
export function isTaken(error: unknown): boolean {
  return isAzuremlError(error, 'JOURNAL_TAKEN');
}

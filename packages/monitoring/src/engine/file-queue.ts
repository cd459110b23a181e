import { deadline, statusOf } from '@azureml-ts/common';
import type { RowSink } from '../sinks/row-sink.ts';
import type { Batch } from './batch.ts';

/** Longest time for one append, in milliseconds: the client's own time limit does not end a call that hangs. */
const APPEND_TIMEOUT_MS = 30_000;

/** What happens to batches on their way to the store. */
export interface FileQueueEvents {
  /** The store has acknowledged a batch. */
  onStored(batch: Batch): void;
  /** The store will never take a batch, whatever the time: it is given up, so that those behind it are not. */
  onRefused(batch: Batch, error: unknown): void;
}

/** Answers after which the same batch can never be stored. */
const NEVER = new Set<number | undefined>([413]);

/**
 * Finished batches of one file, stored one after the other, so that rows keep their order. Files have queues of their
 * own: one that fails does not delay another.
 */
export class FileQueue {
  readonly #batches: Batch[] = [];
  readonly #sink: RowSink;
  readonly #events: FileQueueEvents;
  #draining: Promise<void> | undefined;
  /** Appends that failed since the last one that succeeded. */
  failures = 0;

  /**
   * @param sink Where batches go.
   * @param events Who wants to know.
   */
  constructor(sink: RowSink, events: FileQueueEvents) {
    this.#sink = sink;
    this.#events = events;
  }

  /** Whether everything is stored. */
  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  /** Whether an append runs. */
  get isBusy(): boolean {
    return this.#draining !== undefined;
  }

  /** Puts a batch at the end. */
  push(batch: Batch): void {
    this.#batches.push(batch);
  }

  /** Gives up what is not stored. */
  abandon(): Batch[] {
    return this.#batches.splice(0);
  }

  /**
   * Stores batches until none is left. A second call while the first runs joins it.
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

  async #store(abortSignal: AbortSignal | undefined): Promise<void> {
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      const limit = deadline(APPEND_TIMEOUT_MS, abortSignal);
      try {
        await this.#sink.append(batch, { abortSignal: limit.signal });
      } catch (error) {
        if (NEVER.has(statusOf(error))) {
          if (this.#batches[0] === batch) {
            this.#batches.shift();
            this.#events.onRefused(batch, error);
          }
          continue;
        }
        this.failures += 1;
        throw error;
      } finally {
        limit.clear();
      }
      this.failures = 0;
      // Someone may have given the queue up meanwhile; what is stored is stored all the same.
      if (this.#batches[0] === batch) {
        this.#batches.shift();
        this.#events.onStored(batch);
      }
    }
  }
}

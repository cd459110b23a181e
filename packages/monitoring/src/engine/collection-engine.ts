import { AzuremlError, type Clock, deadline, sleep, type TimerHandle, waitAtMost } from '@azureml-ts/common';
import type { Cell } from '../format/csv-encode.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import { type Batch, type BatchKey, keyText } from './batch.ts';
import { FileQueue } from './file-queue.ts';
import { RetrySchedule } from './retry-schedule.ts';
import { RowBuffer } from './row-buffer.ts';
import { describeFailure, type StoreFailure } from './store-failure.ts';

/** How long rows wait as cells at most. */
const ENCODE_AFTER_MS = 100;
/** How long closing waits for an append that does not answer to its abort. */
const LAST_APPEND_MS = 1_000;

/** Settings of {@link CollectionEngine}. */
export interface EngineOptions {
  /** Where batches go. */
  readonly sink: RowSink;
  /** Longest time that a row waits before it is sent, in milliseconds. */
  readonly flushIntervalMs: number;
  /** Size that finishes a batch, in bytes. */
  readonly maxBatchBytes: number;
  /** Most bytes that wait in memory. */
  readonly maxBufferBytes: number;
  /** The time. */
  readonly clock: Clock;
  /** Random number from 0 to 1, for jitter. */
  readonly random: () => number;
  /** Rows were acknowledged by the store. */
  readonly onStored: (rowCount: number) => void;
  /** The store will never take these rows; they are given up. */
  readonly onRefused: (rowCount: number, failure: StoreFailure, error: unknown) => void;
  /** An append failed; the rows are kept. */
  readonly onFailure: (failure: StoreFailure, error: unknown) => void;
}

/**
 * The way of a row from `collect` to the store: buffered as cells, encoded in slices, batched by size and time, stored
 * file by file, tried again until it succeeds or the collector closes.
 */
export class CollectionEngine {
  readonly #options: EngineOptions;
  readonly #buffer: RowBuffer;
  readonly #queues = new Map<string, FileQueue>();
  readonly #retries: RetrySchedule;
  readonly #closing = new AbortController();
  #queuedRows = 0;
  #queuedBytes = 0;
  #timer: TimerHandle | undefined;
  #encodeTimer: TimerHandle | undefined;
  readonly #waitingForRoom = new Set<() => void>();

  /** @param options Settings. */
  constructor(options: EngineOptions) {
    this.#options = options;
    this.#buffer = new RowBuffer(options.maxBatchBytes);
    this.#retries = new RetrySchedule(options.clock, options.random);
  }

  /** Rows that are not acknowledged yet. */
  get pendingRows(): number {
    return this.#queuedRows + this.#buffer.rowCount;
  }

  /** Bytes that these rows take. */
  get pendingBytes(): number {
    return Math.round(this.#queuedBytes + this.#buffer.bytes);
  }

  /** Whether so many more bytes fit in memory. */
  hasRoom(bytes: number): boolean {
    return this.pendingBytes + bytes <= this.#options.maxBufferBytes;
  }

  /** Takes the rows of one call; the caller has asked {@link hasRoom}. */
  add(key: BatchKey, rows: readonly Cell[][], estimatedBytes: number): void {
    if (rows.length === 0) {
      return;
    }
    const finished = this.#buffer.add(key, rows, estimatedBytes);
    for (const batch of finished) {
      this.#enqueue(batch);
    }
    if (finished.length > 0) {
      this.#drainInBackground();
    }
    this.#startTimer();
    this.#encodeSoon();
  }

  /** Waits until something was stored, or the engine stops; starts storing now. */
  async waitForRoom(abortSignal: AbortSignal | undefined): Promise<void> {
    abortSignal?.throwIfAborted();
    const room = Promise.withResolvers<void>();
    this.#waitingForRoom.add(room.resolve);
    try {
      this.#seal();
      this.#drainInBackground();
      await waitAtMost(room.promise, 'Room in the buffer', { abortSignal });
    } finally {
      this.#waitingForRoom.delete(room.resolve);
    }
  }

  /**
   * Stores everything that was added so far, trying again after passing faults.
   *
   * @param limit Ends the attempts, for example at a time limit.
   * @returns Why files could not be stored; empty when everything is.
   */
  async flush(limit: AbortSignal): Promise<unknown[]> {
    const either = deadline(undefined, limit, this.#closing.signal);
    this.#seal();
    const outcomes = await Promise.all(
      [...this.#queues.values()]
        .filter((queue) => !queue.isEmpty)
        .map((queue) => this.#drainOrTryAgain(queue, either.signal)),
    );
    either.clear();
    for (const queue of this.#queues.values()) {
      if (!queue.isEmpty) {
        this.#retryLater(queue, undefined);
      }
    }
    return outcomes.filter((error) => error !== undefined);
  }

  /** Stops for good and gives up what is not stored. */
  async stop(): Promise<number> {
    this.#closing.abort(new AzuremlError('COLLECTOR_CLOSED', 'The collector was closed.'));
    for (const timer of [this.#timer, this.#encodeTimer]) {
      if (timer !== undefined) {
        this.#options.clock.clearTimeout(timer);
      }
    }
    this.#retries.clear();
    this.#tellRoom();
    this.#seal();
    // An append that runs ends with the abort above, and only then is it known what was stored. A file system that hangs
    // cannot be aborted.
    const running = [...this.#queues.values()].filter((queue) => queue.isBusy).map((queue) => queue.drain(undefined));
    await waitAtMost(Promise.allSettled(running), 'The last append', { timeoutMs: LAST_APPEND_MS }).catch(
      () => undefined,
    );
    return this.abandon();
  }

  /** Gives up what is not stored, at once. */
  abandon(): number {
    this.#seal();
    let rows = 0;
    for (const queue of this.#queues.values()) {
      for (const batch of queue.abandon()) {
        rows += batch.rowCount;
        this.#queuedRows -= batch.rowCount;
        this.#queuedBytes -= batch.bytes.length;
      }
    }
    return rows;
  }

  async #drainOrTryAgain(queue: FileQueue, abortSignal: AbortSignal): Promise<unknown> {
    for (;;) {
      let failure: unknown;
      try {
        // The queue may be busy on behalf of somebody with more time.
        await waitAtMost(queue.drain(abortSignal), 'The flush', { abortSignal });
        if (queue.isEmpty) {
          return undefined;
        }
        continue;
      } catch (error) {
        failure = error;
      }
      const known = describeFailure(failure);
      if (!abortSignal.aborted) {
        this.#options.onFailure(known, failure);
      }
      if (abortSignal.aborted || !known.retryable) {
        return failure;
      }
      try {
        await sleep(this.#retries.delayMs(queue, known), { abortSignal, clock: this.#options.clock, keepAlive: true });
      } catch {
        return failure;
      }
    }
  }

  #enqueue(batch: Batch): void {
    const text = keyText(batch.key);
    let queue = this.#queues.get(text);
    if (queue === undefined) {
      queue = new FileQueue(this.#options.sink, {
        onStored: (stored) => {
          this.#release(stored);
          this.#options.onStored(stored.rowCount);
        },
        onRefused: (refused, error) => {
          this.#release(refused);
          this.#options.onRefused(refused.rowCount, describeFailure(error), error);
        },
      });
      this.#queues.set(text, queue);
    }
    queue.push(batch);
    this.#queuedRows += batch.rowCount;
    this.#queuedBytes += batch.bytes.length;
  }

  #seal(): void {
    for (const batch of this.#buffer.takeAll()) {
      this.#enqueue(batch);
    }
  }

  #release(batch: Batch): void {
    this.#queuedRows -= batch.rowCount;
    this.#queuedBytes -= batch.bytes.length;
    this.#tellRoom();
  }

  #tellRoom(): void {
    for (const tell of this.#waitingForRoom) {
      tell();
    }
    this.#waitingForRoom.clear();
  }

  #startTimer(): void {
    if (this.#timer !== undefined || this.#closing.signal.aborted) {
      return;
    }
    const { clock, flushIntervalMs, random } = this.#options;
    // Jitter, so that writers which were started together do not append together.
    this.#timer = clock.setTimeout(
      () => {
        this.#timer = undefined;
        this.#seal();
        this.#drainInBackground();
      },
      flushIntervalMs * (0.9 + 0.2 * random()),
    );
  }

  /** Cells can hold on to the texts that they were cut from; bytes hold on to nothing. */
  #encodeSoon(): void {
    if (this.#encodeTimer === undefined && !this.#closing.signal.aborted && this.#buffer.hasCells) {
      this.#encodeTimer = this.#options.clock.setTimeout(() => {
        this.#encodeTimer = undefined;
        this.#buffer.encode();
      }, ENCODE_AFTER_MS);
    }
  }

  #drainInBackground(): void {
    for (const [text, queue] of this.#queues) {
      if (queue.isEmpty) {
        // A day that has passed leaves nothing behind.
        this.#queues.delete(text);
      } else if (!this.#retries.has(queue)) {
        queue.drain(this.#closing.signal).catch((error: unknown) => {
          if (!this.#closing.signal.aborted) {
            const failure = describeFailure(error);
            this.#options.onFailure(failure, error);
            this.#retryLater(queue, failure);
          }
        });
      }
    }
  }

  #retryLater(queue: FileQueue, failure: StoreFailure | undefined): void {
    if (!this.#closing.signal.aborted) {
      this.#retries.later(queue, failure, () => this.#drainInBackground());
    }
  }
}

import { type Clock, deadline, runQuietly, sleep, waitAtMost } from '@azureml-ts/common';
import { type FileQueue, isTaken } from './file-queue.ts';
import { RetrySchedule } from './retry-schedule.ts';
import { describeFailure, type StoreFailure } from './store-failure.ts';

/** Parts of {@link Delivery}. */
export interface DeliveryOptions {
  /** Fires when the engine stops. */
  readonly closing: AbortSignal;
  /** The time. */
  readonly clock: Clock;
  /** Random number from 0 to 1, for jitter. */
  readonly random: () => number;
  /** An append failed; the rows are kept. */
  readonly onFailure: (failure: StoreFailure, error: unknown) => void;
  /** Another process has taken the journal over; resolves when it is known which rows are still ours. */
  readonly onTaken: () => Promise<void>;
  /** While that is being found out: nothing may be sent before. */
  readonly settling: () => Promise<void> | undefined;
}

/** A queue that is being stored for those who wait for it. */
interface Run {
  readonly ended: Promise<void>;
  readonly giveUp: AbortController;
  waiting: number;
}

/** Brings queues to the store: in the background file by file, or all of them within a limit. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #retries: RetrySchedule;
  readonly #runs = new Map<FileQueue, Run>();

  /** @param options Its parts. */
  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#retries = new RetrySchedule(options.clock, options.random);
  }

  /** Stores what is due in the background, outside the request that happened to give the occasion. */
  start(queue: FileQueue): void {
    const { closing, onFailure, onTaken, settling } = this.#options;
    if (!queue.isDue || queue.isBusy || this.#retries.has(queue) || closing.aborted || settling() !== undefined) {
      return;
    }
    runQuietly(() => queue.drain(closing)).catch((error: unknown) => {
      if (closing.aborted) {
        return;
      }
      if (isTaken(error)) {
        void onTaken();
        return;
      }
      const failure = describeFailure(error);
      onFailure(failure, error);
      this.#retryLater(queue, failure);
    });
  }

  /**
   * Stores everything that is in the queues now, trying again after passing faults.
   *
   * @param queues The queues.
   * @param limit Ends the attempts, for example at a time limit.
   * @returns Why files could not be stored; empty when everything is.
   */
  async flush(queues: readonly FileQueue[], limit: AbortSignal): Promise<unknown[]> {
    const either = deadline(undefined, limit, this.#options.closing);
    const waiting = queues.filter((queue) => !queue.isEmpty);
    const outcomes = await Promise.all(
      waiting.map((queue) => runQuietly(() => this.#storeOrTryAgain(queue, either.signal))),
    );
    either.clear();
    for (const queue of waiting.filter(({ isDue }) => isDue)) {
      this.#retryLater(queue, undefined);
    }
    return outcomes.filter((error) => error !== undefined);
  }

  /** Tries nothing again. */
  stop(): void {
    this.#retries.clear();
  }

  async #storeOrTryAgain(queue: FileQueue, abortSignal: AbortSignal): Promise<unknown> {
    const { clock, onFailure, onTaken, settling } = this.#options;
    const through = queue.entries.at(-1)?.slice.sequence ?? 0;
    for (;;) {
      await settling();
      try {
        queue.makeDue();
        await this.#drain(queue, abortSignal);
        if ((queue.entries[0]?.slice.sequence ?? Number.POSITIVE_INFINITY) > through) {
          return undefined;
        }
      } catch (error) {
        if (isTaken(error) && !abortSignal.aborted) {
          await onTaken();
          continue;
        }
        const failure = describeFailure(error);
        if (!abortSignal.aborted) {
          onFailure(failure, error);
        }
        if (abortSignal.aborted || !failure.retryable) {
          return error;
        }
        try {
          await sleep(this.#retries.delayMs(queue, failure), { abortSignal, clock, keepAlive: true });
        } catch {
          return error;
        }
      }
    }
  }

  /**
   * Waits for a queue to be stored. The append that runs is ended when the last of those who wait for it gives up: a
   * short flush does not end that of a longer one, and a call that hangs does not hold up the next flush.
   */
  async #drain(queue: FileQueue, abortSignal: AbortSignal): Promise<void> {
    const run = this.#runs.get(queue) ?? this.#begin(queue);
    run.waiting += 1;
    try {
      await waitAtMost(run.ended, 'The flush', { abortSignal });
    } finally {
      run.waiting -= 1;
      if (run.waiting === 0 && abortSignal.aborted) {
        run.giveUp.abort(abortSignal.reason);
      }
    }
  }

  #begin(queue: FileQueue): Run {
    const giveUp = new AbortController();
    const either = deadline(undefined, this.#options.closing, giveUp.signal);
    const ended = queue.drain(either.signal).finally(() => {
      either.clear();
      this.#runs.delete(queue);
    });
    const run = { ended, giveUp, waiting: 0 };
    this.#runs.set(queue, run);
    return run;
  }

  #retryLater(queue: FileQueue, failure: StoreFailure | undefined): void {
    if (!this.#options.closing.aborted) {
      this.#retries.later(queue, failure, () => this.start(queue));
    }
  }
}

import { backoffDelayMs, type Clock, type TimerHandle } from '@azureml-ts/common';
import type { FileQueue } from './file-queue.ts';
import type { StoreFailure } from './store-failure.ts';

/** Longest wait between tries, whatever the service asks for. */
const MAX_RETRY_DELAY_MS = 300_000;

/** When the files that failed are tried again: each by itself, later with each failure. */
export class RetrySchedule {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #timers = new Map<FileQueue, TimerHandle>();

  /**
   * @param clock The time.
   * @param random Random number from 0 to 1, for jitter.
   */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Whether a file waits for its next try. */
  has(queue: FileQueue): boolean {
    return this.#timers.has(queue);
  }

  /** Has a file tried again, unless it waits already. */
  later(queue: FileQueue, failure: StoreFailure | undefined, tryAgain: () => void): void {
    if (!this.#timers.has(queue)) {
      const timer = this.#clock.setTimeout(
        () => {
          this.#timers.delete(queue);
          tryAgain();
        },
        this.delayMs(queue, failure),
      );
      this.#timers.set(queue, timer);
    }
  }

  /** How long to wait after a failure: what the service asks for, else doubling with jitter. */
  delayMs(queue: FileQueue, failure: StoreFailure | undefined): number {
    const backoff = backoffDelayMs(Math.max(1, queue.failures), { random: this.#random });
    return Math.min(MAX_RETRY_DELAY_MS, Math.max(failure?.retryAfterMs ?? 0, backoff));
  }

  /** Tries nothing again. */
  clear(): void {
    for (const timer of this.#timers.values()) {
      this.#clock.clearTimeout(timer);
    }
    this.#timers.clear();
  }
}

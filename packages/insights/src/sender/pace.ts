import { backoffDelayMs } from '@azureml-ts/common';
import type { Delivery } from './delivery.ts';

/** A service that says "at once" is not asked in a tight loop either. */
const MIN_WAIT_MS = 100;

/** When the service may be asked again. @internal */
export class Pace {
  #failures = 0;
  #era = 0;
  #until = 0;
  /** When it was last looked at. */
  #seenAt = 0;
  /** Whether the wait was the service's wish, rather than our own caution. */
  #isWished = false;

  /** How often in a row it failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Batches that began in the same era fail together: that is one failure. */
  get era(): number {
    return this.#era;
  }

  /** Until when it is left alone. A clock that is set back meanwhile makes the wait no longer. */
  untilFrom(now: number): number {
    if (now < this.#seenAt) {
      this.#until -= this.#seenAt - now;
    }
    this.#seenAt = now;
    return this.#until;
  }

  /** Sets our own caution aside, for somebody who waits. */
  hurry(): void {
    if (!this.#isWished) {
      this.#until = 0;
    }
  }

  /** @param era When the delivery began. */
  note(delivery: Delivery, era: number, now: number): void {
    const { retry, reason, retryAfterMs } = delivery;
    const isOver = this.untilFrom(now) <= now;
    if (retry.size === 0 || reason === 'too large' || reason === 'one faulty') {
      this.#failures = 0;
      if (!this.#isWished || isOver) {
        this.#until = 0;
        this.#isWished = false;
      }
      return;
    }
    if (era === this.#era) {
      this.#failures += 1;
      this.#era += 1;
    }
    const isWished = retryAfterMs !== undefined;
    const until = now + Math.max(MIN_WAIT_MS, retryAfterMs ?? backoffDelayMs(this.#failures));
    // What the service wished a moment ago still holds when another batch fails without a wish.
    if (isWished || !this.#isWished || isOver) {
      this.#until = until;
      this.#isWished = isWished;
    }
  }
}

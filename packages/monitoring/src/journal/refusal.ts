import type { Clock } from '@azureml-ts/common';

/** After a disk refused, how long until it is asked again, in milliseconds. */
const RETRY_MS = 10_000;

/** Keeps a disk that refuses from being asked at every slice. */
export class Refusal {
  readonly #clock: Clock;
  #begunAt: number | undefined;

  /** @param clock The time. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the disk has refused a moment ago. */
  get isFresh(): boolean {
    if (this.#begunAt === undefined) {
      return false;
    }
    const elapsed = this.#clock.now() - this.#begunAt;
    // Negative: the clock was set back.
    return elapsed >= 0 && elapsed < RETRY_MS;
  }

  /** The disk refuses. */
  begin(): void {
    this.#begunAt = this.#clock.now();
  }

  /** The disk works. */
  isOver(): void {
    this.#begunAt = undefined;
  }
}

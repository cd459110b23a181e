import type { Clock, TimerHandle } from '@azureml-ts/common';

/** One timer, set to the earliest time that was asked for. @internal */
export class Alarm {
  readonly #clock: Clock;
  readonly #onTime: () => void;
  #timer: { readonly due: number; readonly handle: TimerHandle } | undefined;

  /** @param clock Its timers must not keep the process alive. */
  constructor(clock: Clock, onTime: () => void) {
    this.#clock = clock;
    this.#onTime = onTime;
  }

  /**
   * Rings at a time, or earlier when that was asked for before.
   *
   * @param due Infinite: nothing is to be done.
   * @param start Starts the timer, in the context that the work is to run in.
   */
  set(due: number, start: <T>(work: () => T) => T): void {
    if (due === Number.POSITIVE_INFINITY || (this.#timer !== undefined && this.#timer.due <= due)) {
      return;
    }
    this.clear();
    const ring = () => {
      this.#timer = undefined;
      this.#onTime();
    };
    const handle = start(() => this.#clock.setTimeout(ring, Math.max(0, due - this.#clock.now())));
    this.#timer = { due, handle };
  }

  clear(): void {
    if (this.#timer !== undefined) {
      this.#clock.clearTimeout(this.#timer.handle);
      this.#timer = undefined;
    }
  }
}

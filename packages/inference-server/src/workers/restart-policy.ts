/** How often, and how soon, a worker that failed is started again. */
export interface RestartLimits {
  /** Wait before the first new start of a row, in milliseconds; doubled with each failure of the row. */
  readonly firstDelayMs: number;
  /** Longest wait, in milliseconds. */
  readonly maxDelayMs: number;
  /** A worker that has served for as long as this, in milliseconds, ends the row. */
  readonly stableMs: number;
  /** Most new starts in a row. */
  readonly maxRestarts: number;
}

export const RESTART_LIMITS: RestartLimits = {
  firstDelayMs: 100,
  maxDelayMs: 10_000,
  stableMs: 60_000,
  maxRestarts: 5,
};

/**
 * Counts the failures of one place in the pool. Each place counts for itself: a cause that fails all workers at the same
 * time, such as a database that went away, is one failure of each and not many of one.
 */
export class RestartPolicy {
  readonly #limits: RestartLimits;
  #failures = 0;

  /** @param limits How often and how soon. */
  constructor(limits: RestartLimits = RESTART_LIMITS) {
    this.#limits = limits;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * Notes a failure.
   *
   * @param servedMs How long the worker had served; 0 when it never did.
   * @returns Milliseconds to wait before the next start, or `undefined` to give up.
   */
  failed(servedMs: number): number | undefined {
    const { firstDelayMs, maxDelayMs, stableMs, maxRestarts } = this.#limits;
    this.#failures = servedMs >= stableMs ? 1 : this.#failures + 1;
    if (this.#failures > maxRestarts) {
      return undefined;
    }
    return Math.min(maxDelayMs, firstDelayMs * 2 ** (this.#failures - 1));
  }
}

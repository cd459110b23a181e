import type { InsightsStats } from '../types.ts';

/** Why items are lost; see `InsightsStats`. @internal */
export type DropCause = keyof InsightsStats['dropped'];

/** What a channel knows of the items so far. @internal */
export type SenderStats = Pick<
  InsightsStats,
  'tracked' | 'sent' | 'pending' | 'spooled' | 'dropped' | 'lastSentAt' | 'lastError'
>;

/** Counts what becomes of items, and says each kind of problem once. @internal */
export class Tally {
  /** Items that were handed over. */
  tracked = 0;
  /** Items on disk that are to be sent by this process or the next. */
  spooled = 0;
  #sent = 0;
  #lastSentAt: Date | undefined;
  #lastError: string | undefined;
  readonly #dropped: Record<DropCause, number> = { queueFull: 0, rejected: 0, failed: 0 };
  readonly #reported = new Set<string>();
  readonly #onProblem: (problem: string) => void;

  constructor(onProblem: (problem: string) => void) {
    this.#onProblem = onProblem;
  }

  get lastError(): string | undefined {
    return this.#lastError;
  }

  sent(count: number, now: number): void {
    if (count > 0) {
      this.#sent += count;
      this.#lastSentAt = new Date(now);
    }
  }

  dropped(cause: DropCause, count: number): void {
    this.#dropped[cause] += count;
  }

  report(cause: string, problem: string): void {
    this.#lastError = problem;
    if (!this.#reported.has(cause)) {
      this.#reported.add(cause);
      try {
        this.#onProblem(problem);
      } catch {
        // A log that fails must not stop the sending.
      }
    }
  }

  stats(pending: number): SenderStats {
    return {
      tracked: this.tracked,
      sent: this.#sent,
      pending,
      spooled: this.spooled,
      dropped: { ...this.#dropped },
      lastSentAt: this.#lastSentAt,
      lastError: this.#lastError,
    };
  }
}

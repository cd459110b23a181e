/** Longest interval between two appends however few blocks are left, in milliseconds: then a new file begins. */
const MAX_INTERVAL_MS = 900_000;
/** Part of the remaining blocks that the plan leaves for appends by size, `flush()` and writers that come later. */
const RESERVE = 0.8;
const DAY_MS = 86_400_000;

/**
 * How long a writer should wait between two appends, so that the blocks of a day's file last until its end.
 *
 * An append blob has 50,000 blocks, which all its writers share. Each answer tells how many there are: what was added
 * since the last append of our own tells how many writers there are.
 */
export class BlockBudget {
  #used: number | undefined;
  #share = 1;
  #remaining = Number.POSITIVE_INFINITY;

  /** Takes in what an append told. */
  learn(blocks: { readonly used: number; readonly limit: number }): void {
    if (this.#used !== undefined && blocks.used > this.#used) {
      // Smoothed, because the others are jittered too.
      this.#share = 0.7 * this.#share + 0.3 * (blocks.used - this.#used);
    } else if (this.#used !== undefined) {
      // Another file has begun.
      this.#share = 1;
    }
    this.#used = blocks.used;
    this.#remaining = Math.max(0, blocks.limit - blocks.used);
  }

  /**
   * The shortest interval that the blocks allow, in milliseconds; 0 while nothing is known.
   *
   * @param now Milliseconds since 1970; the day ends at midnight UTC.
   */
  leastIntervalMs(now: number): number {
    const leftOfDay = DAY_MS - (now % DAY_MS);
    const interval = (Math.max(1, this.#share) * leftOfDay) / (this.#remaining * RESERVE);
    return Math.min(MAX_INTERVAL_MS, interval);
  }
}

import type { CallNumberRun } from './finding.ts';

const BLOCK = 4096;
const WORDS = BLOCK / 32;

/** Which call numbers of one writer were seen: one bit each, because its sequence has few gaps. */
export class CallBits {
  readonly #blocks = new Map<number, Int32Array>();
  #count = 0;

  /** Numbers that were seen. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds a number.
   *
   * @returns Whether it is new.
   */
  add(number: number): boolean {
    const index = Math.floor(number / BLOCK);
    let words = this.#blocks.get(index);
    if (words === undefined) {
      words = new Int32Array(WORDS);
      this.#blocks.set(index, words);
    }
    const place = (number % BLOCK) >>> 5;
    const mask = 1 << (number & 31);
    const before = words[place] ?? 0;
    if ((before & mask) !== 0) {
      return false;
    }
    words[place] = before | mask;
    this.#count += 1;
    return true;
  }

  /** Whether a number was seen. */
  has(number: number): boolean {
    const words = this.#blocks.get(Math.floor(number / BLOCK));
    return words !== undefined && ((words[(number % BLOCK) >>> 5] ?? 0) & (1 << (number & 31))) !== 0;
  }

  /** Numbers from `first` to `last` that were seen. */
  countBetween(first: number, last: number): number {
    if (last < first) {
      return 0;
    }
    let missing = 0;
    for (const run of this.missing(first, last)) {
      missing += run.last - run.first + 1;
    }
    return last - first + 1 - missing;
  }

  /** Runs of numbers from `first` to `last` that were not seen, in order. */
  *missing(first: number, last: number): Generator<CallNumberRun, void, undefined> {
    let start = first;
    for (let at = first; at <= last; ) {
      const words = this.#blocks.get(Math.floor(at / BLOCK));
      const word = words?.[(at % BLOCK) >>> 5] ?? 0;
      if (words === undefined) {
        at = (Math.floor(at / BLOCK) + 1) * BLOCK;
      } else if (word === 0 || (word === -1 && start === at)) {
        // Thirty-two at once: nearly all are seen, or nearly none.
        const next = (Math.floor(at / 32) + 1) * 32;
        start = word === 0 ? start : next;
        at = next;
      } else {
        if ((word & (1 << (at & 31))) !== 0) {
          if (start < at) {
            yield { first: start, last: at - 1 };
          }
          start = at + 1;
        }
        at += 1;
      }
    }
    if (start <= last) {
      yield { first: start, last };
    }
  }
}

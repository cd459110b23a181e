const BLOCK = 4096;
/** A collector's ids end with a number of a sequence without gaps, behind the name of the writer and a dash. */
const NUMBER = /^[1-9]\d{0,14}$/;
/** The last part of a UUID may look like such a number, but has no neighbours that would share its memory. */
const UUID_PART = 12;
const UUID_END = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-\d{12}$/i;

/**
 * Remembers which calls were seen. Ids of the collector take one bit each, because their sequence has no gaps; other ids
 * are kept as they are, until their day is forgotten.
 */
export class SeenCalls {
  readonly #writers = new Map<string, Map<number, Uint8Array>>();
  readonly #others = new Map<string, Set<string>>();

  /**
   * Adds a call.
   *
   * @param id Its id.
   * @param day Day that it is remembered under, when its id takes more than a bit.
   * @returns Whether it is new.
   */
  add(id: string, day = ''): boolean {
    const dash = id.lastIndexOf('-');
    const number = dash < 1 ? '' : id.slice(dash + 1);
    if (!NUMBER.test(number) || (number.length === UUID_PART && UUID_END.test(id))) {
      const isNew = ![...this.#others.values()].some((known) => known.has(id));
      const ids = this.#others.get(day) ?? new Set();
      this.#others.set(day, ids.add(id));
      return isNew;
    }
    const sequence = Number(number);
    const bits = this.#bitsOf(id.slice(0, dash), Math.floor(sequence / BLOCK));
    const place = (sequence % BLOCK) >> 3;
    const mask = 1 << (sequence & 7);
    const before = bits[place] ?? 0;
    bits[place] = before | mask;
    return (before & mask) === 0;
  }

  /** Forgets the ids of days before this one that take more than a bit. */
  forgetBefore(day: string): void {
    for (const known of this.#others.keys()) {
      if (known < day) {
        this.#others.delete(known);
      }
    }
  }

  #bitsOf(writer: string, block: number): Uint8Array {
    let blocks = this.#writers.get(writer);
    if (blocks === undefined) {
      blocks = new Map();
      this.#writers.set(writer, blocks);
    }
    let bits = blocks.get(block);
    if (bits === undefined) {
      bits = new Uint8Array(BLOCK / 8);
      blocks.set(block, bits);
    }
    return bits;
  }
}

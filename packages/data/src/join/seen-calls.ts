const BLOCK = 4096;
/** A collector's ids: a writer, and a sequence without gaps. */
const COLLECTED_ID = /^(.+)-([1-9]\d{0,14})$/;

/**
 * Remembers which calls were seen. Ids of the collector take one bit each, because their sequence has no gaps; other ids
 * are kept as they are.
 */
export class SeenCalls {
  readonly #blocks = new Map<string, Uint8Array>();
  readonly #others = new Set<string>();

  /**
   * Adds a call.
   *
   * @returns Whether it is new.
   */
  add(id: string): boolean {
    const parts = COLLECTED_ID.exec(id);
    if (parts === null) {
      const isNew = !this.#others.has(id);
      this.#others.add(id);
      return isNew;
    }
    const sequence = Number(parts[2]);
    const key = `${parts[1]}-${Math.floor(sequence / BLOCK)}`;
    let bits = this.#blocks.get(key);
    if (bits === undefined) {
      bits = new Uint8Array(BLOCK / 8);
      this.#blocks.set(key, bits);
    }
    const place = (sequence % BLOCK) >> 3;
    const mask = 1 << (sequence & 7);
    const before = bits[place] ?? 0;
    bits[place] = before | mask;
    return (before & mask) === 0;
  }
}

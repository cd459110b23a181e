/** Items that come in batches, of which the next can be looked at before it is taken. */
export class ItemCursor<T> {
  readonly #batches: AsyncGenerator<readonly T[], void, undefined>;
  #batch: readonly T[] = [];
  #at = 0;

  /** @param batches The items; nothing is asked for yet. */
  constructor(batches: AsyncGenerator<readonly T[], void, undefined>) {
    this.#batches = batches;
  }

  /** The next item, which stays the next one; `undefined` at the end. */
  async peek(): Promise<T | undefined> {
    while (this.#at >= this.#batch.length) {
      const next = await this.#batches.next();
      if (next.done === true) {
        return undefined;
      }
      this.#batch = next.value;
      this.#at = 0;
    }
    return this.#batch[this.#at];
  }

  /** Items that are in memory, from the next one, as long as they are wanted; they are taken. */
  take(isWanted: (item: T) => boolean): readonly T[] {
    const start = this.#at;
    while (this.#at < this.#batch.length && isWanted(this.#batch[this.#at] as T)) {
      this.#at += 1;
    }
    return this.#batch.slice(start, this.#at);
  }

  /** Takes the next item; `undefined` at the end. */
  async next(): Promise<T | undefined> {
    const item = await this.peek();
    this.#at += item === undefined ? 0 : 1;
    return item;
  }

  /** All items that are left, in batches. */
  async *rest(): AsyncGenerator<readonly T[], void, undefined> {
    while ((await this.peek()) !== undefined) {
      yield this.take(() => true);
    }
  }

  /** Ends what the batches come from. */
  async close(): Promise<void> {
    await this.#batches.return();
  }
}

/** Gives batches that come one after the other to whom they belong. */
export class BatchCursor<T> {
  readonly #batches: AsyncGenerator<T, void, undefined>;
  readonly #keyOf: (batch: T) => string;
  #next: T | undefined;
  #isEnded = false;

  /**
   * @param batches The batches; those of one key stand together.
   * @param keyOf Whom a batch belongs to.
   */
  constructor(batches: AsyncGenerator<T, void, undefined>, keyOf: (batch: T) => string) {
    this.#batches = batches;
    this.#keyOf = keyOf;
  }

  /** Whether every batch was given. */
  get isAtEnd(): boolean {
    return this.#isEnded && this.#next === undefined;
  }

  /** The batches of a key, when it is its turn; none when it has none. */
  async *of(key: string): AsyncGenerator<T, void, undefined> {
    for (;;) {
      if (this.#next === undefined && !this.#isEnded) {
        const { value, done } = await this.#batches.next();
        this.#isEnded = done === true;
        this.#next = value ?? undefined;
      }
      const batch = this.#next;
      if (batch === undefined || this.#keyOf(batch) !== key) {
        return;
      }
      this.#next = undefined;
      yield batch;
    }
  }

  /** Stops the reading. */
  async close(): Promise<void> {
    await this.#batches.return();
  }
}

/** `transfer` is in all versions of Node that are supported, but not yet in the types that this is compiled with. */
type Transferable = ArrayBuffer & { transfer(): ArrayBuffer };

/**
 * Memory for the columns of batches.
 *
 * What is made anew for each batch waits outside the heap until V8 has found 64 MB of it worth a collection. When arrays
 * may be used again, they are taken back as soon as the next batch is asked for. They are taken out of the hands of who
 * still has them (such an array is then of length 0), so nobody reads rows of another batch by mistake.
 */
export class ColumnMemory {
  readonly #isReused: boolean;
  readonly #free = new Map<number, ArrayBuffer[]>();
  #lent: ArrayBuffer[] = [];

  /** @param isReused Whether arrays are used again. */
  constructor(isReused: boolean) {
    this.#isReused = isReused;
  }

  /** Memory of a size. What is in it means nothing. */
  take(bytes: number): ArrayBuffer {
    return this.#free.get(bytes)?.pop() ?? new ArrayBuffer(bytes);
  }

  /** Says that memory goes out in a batch. */
  lend(buffer: ArrayBuffer): void {
    if (this.#isReused) {
      this.#lent.push(buffer);
    }
  }

  /** Takes back what went out in the last batch. */
  reclaim(): void {
    for (const buffer of this.#lent) {
      // Whoever has sent it to another thread keeps it.
      if (buffer.byteLength > 0) {
        this.giveBack((buffer as Transferable).transfer());
      }
    }
    this.#lent = [];
  }

  /** Gives back memory that did not go out. */
  giveBack(buffer: ArrayBuffer): void {
    const free = this.#free.get(buffer.byteLength);
    if (free === undefined) {
      this.#free.set(buffer.byteLength, [buffer]);
    } else {
      free.push(buffer);
    }
  }
}

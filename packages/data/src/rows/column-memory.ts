/** `transfer` is in all versions of Node that are supported, but not yet in the types that this is compiled with. */
type Transferable = ArrayBuffer & { transfer(): ArrayBuffer };

/** For so many bytes outside the heap, a piece of garbage is made within it. */
const BYTES_A_PIECE = 131_072;
/** Bytes of such a piece: as long as the heap is small, V8 then looks for every two megabytes of batches. */
const PIECE = Buffer.alloc(65_536);

/**
 * Memory for the columns of batches.
 *
 * Columns are written to memory that is used again and again. What is handed out is a copy of as much as was used: it
 * belongs to whoever has the batch. Or, when arrays may be used again, it is that memory itself, which is taken back as
 * soon as the next batch is asked for. It is then taken out of the hands of who still has it (such an array is of length
 * 0), so nobody reads rows of another batch by mistake.
 */
export class ColumnMemory {
  readonly #isReused: boolean;
  readonly #free = new Map<number, ArrayBuffer[]>();
  #lent: ArrayBuffer[] = [];
  /** Bytes that were handed out since garbage was made for them. */
  #unweighed = 0;

  /** @param isReused Whether arrays are used again. */
  constructor(isReused: boolean) {
    this.#isReused = isReused;
  }

  /** Memory of a size. What is in it means nothing. */
  take(bytes: number): ArrayBuffer {
    return this.#free.get(bytes)?.pop() ?? new ArrayBuffer(bytes);
  }

  /**
   * Memory to go out in a batch, in the place of what was taken.
   *
   * @param used How many of its bytes mean something.
   */
  hand(buffer: ArrayBuffer, used: number): ArrayBuffer {
    if (this.#isReused) {
      this.#lent.push(buffer);
      return buffer;
    }
    this.#unweighed += used;
    if (used === buffer.byteLength) {
      return buffer;
    }
    const copy = buffer.slice(0, used);
    this.giveBack(buffer);
    return copy;
  }

  /** Says that the next batch is asked for. */
  reclaim(): void {
    for (const buffer of this.#lent) {
      // Whoever has sent it to another thread keeps it.
      if (buffer.byteLength > 0) {
        this.giveBack((buffer as Transferable).transfer());
      }
    }
    this.#lent = [];
    this.#weigh();
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

  /**
   * V8 frees arrays that nobody has any longer when its heap has filled up, which a few objects for each batch do not do,
   * or when 64 MB of them wait. A little garbage on the heap makes it look sooner; it costs a fraction of the reading.
   */
  #weigh(): void {
    for (; this.#unweighed >= BYTES_A_PIECE; this.#unweighed -= BYTES_A_PIECE) {
      PIECE.toString('latin1');
    }
  }
}

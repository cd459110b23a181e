import type { RowChunk } from './read-rows.ts';

type Rows<R> = AsyncGenerator<R, void, undefined>;
type Result<R> = IteratorResult<R, void>;

/**
 * Gives rows one by one from chunks of them.
 *
 * An `async function*` takes several steps of the event loop's queue for each row. Here a row that is in memory is there
 * at once, and the reading goes on only when they are used up.
 */
export class RowIterator<R> implements Rows<R> {
  readonly #chunks: AsyncGenerator<RowChunk<R>, void, undefined>;
  readonly #abortSignal: AbortSignal | undefined;
  #rows: readonly R[] = [];
  #at = 0;
  #isDone = false;
  /** Calls that wait for the reading to go on, one behind the other. */
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param chunks The rows. Nothing is read before the first is asked for.
   * @param abortSignal Ends the iteration before the next row.
   */
  constructor(chunks: AsyncGenerator<RowChunk<R>, void, undefined>, abortSignal: AbortSignal | undefined) {
    this.#chunks = chunks;
    this.#abortSignal = abortSignal;
  }

  /** The next row. */
  next(): Promise<Result<R>> {
    if (this.#waiting === 0 && this.#at < this.#rows.length && this.#abortSignal?.aborted !== true) {
      const value = this.#rows[this.#at] as R;
      this.#at += 1;
      return Promise.resolve({ value, done: false });
    }
    return this.#queue(() => this.#step());
  }

  /** Ends the reading. */
  return(): Promise<Result<R>> {
    return this.#queue(() => this.#end());
  }

  /** Ends the reading, and rejects. */
  throw(error: unknown): Promise<Result<R>> {
    return this.#queue(async () => {
      await this.#end();
      throw error;
    });
  }

  /** Itself. */
  [Symbol.asyncIterator](): Rows<R> {
    return this;
  }

  /** Ends the reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #queue(work: () => Promise<Result<R>>): Promise<Result<R>> {
    this.#waiting += 1;
    const result = this.#last.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #step(): Promise<Result<R>> {
    if (this.#isDone) {
      return { value: undefined, done: true };
    }
    try {
      this.#abortSignal?.throwIfAborted();
      while (this.#at >= this.#rows.length) {
        const { value, done } = await this.#chunks.next();
        if (done === true || value === undefined) {
          return await this.#end();
        }
        this.#rows = value.rows;
        this.#at = 0;
      }
    } catch (error) {
      await this.#end();
      throw error;
    }
    const value = this.#rows[this.#at] as R;
    this.#at += 1;
    return { value, done: false };
  }

  async #end(): Promise<Result<R>> {
    this.#isDone = true;
    this.#rows = [];
    await this.#chunks.return();
    return { value: undefined, done: true };
  }
}

import type { ColumnBatch } from './column-batch.ts';

/** A batch on its way to who asked for it; whoever gives it out takes it from here. */
export interface HeldBatch {
  batch: ColumnBatch | undefined;
}

type Batches = AsyncGenerator<ColumnBatch, void, undefined>;
type Result = IteratorResult<ColumnBatch, void>;

/**
 * Gives batches out, and keeps none.
 *
 * An `async function*` holds on to what it gave last until it has the next one. Of rows that is little; a batch, with the
 * texts that were made of it, would live for so long that V8 takes the heap to be too small, and lets it grow.
 */
export class BatchIterator implements Batches {
  readonly #held: AsyncGenerator<HeldBatch, void, undefined>;

  /** @param held The batches. Nothing is read before the first is asked for. */
  constructor(held: AsyncGenerator<HeldBatch, void, undefined>) {
    this.#held = held;
  }

  /** The next batch. */
  async next(): Promise<Result> {
    return taken(await this.#held.next());
  }

  /** Ends the reading. */
  async return(): Promise<Result> {
    return taken(await this.#held.return());
  }

  /** Ends the reading, and rejects. */
  async throw(error: unknown): Promise<Result> {
    return taken(await this.#held.throw(error));
  }

  /** Itself. */
  [Symbol.asyncIterator](): Batches {
    return this;
  }

  /** Ends the reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

function taken({ value }: IteratorResult<HeldBatch, void>): Result {
  if (value?.batch === undefined) {
    return { value: undefined, done: true };
  }
  const { batch } = value;
  value.batch = undefined;
  return { value: batch, done: false };
}

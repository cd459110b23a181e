import { createHash } from 'node:crypto';

/** Counts and hashes bytes on their way. */
export class Meter {
  readonly #hash: ReturnType<typeof createHash> | undefined;
  #bytes = 0;

  /** @param hashes Whether to hash them, too. */
  constructor(hashes: boolean) {
    this.#hash = hashes ? createHash('sha256') : undefined;
  }

  /** What came; the bytes must have ended. */
  get result(): { readonly bytes: number; readonly sha256?: string } {
    const hash = this.#hash?.copy().digest('hex');
    return { bytes: this.#bytes, ...(hash === undefined ? {} : { sha256: hash }) };
  }

  /** Passes bytes on. */
  async *measure(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of pieces) {
      this.#bytes += piece.length;
      this.#hash?.update(piece);
      yield piece;
    }
  }
}

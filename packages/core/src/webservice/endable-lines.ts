/**
 * Lines whose `return()` ends them at once, also while the next line is waited for. That of a plain generator waits for
 * that line first, which may never come.
 */
class EndableLines implements AsyncGenerator<string> {
  readonly #ended = new AbortController();
  readonly #lines: AsyncGenerator<string>;

  constructor(begin: (abortSignal: AbortSignal) => AsyncGenerator<string>, abortSignal: AbortSignal | undefined) {
    const { signal } = this.#ended;
    this.#lines = begin(abortSignal === undefined ? signal : AbortSignal.any([abortSignal, signal]));
  }

  next(): Promise<IteratorResult<string>> {
    return this.#lines.next();
  }

  return(value?: unknown): Promise<IteratorResult<string>> {
    this.#ended.abort();
    return this.#lines.return(value);
  }

  throw(error: unknown): Promise<IteratorResult<string>> {
    this.#ended.abort();
    return this.#lines.throw(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/**
 * Makes lines that `return()` ends at once, also while the next line is waited for.
 *
 * @param begin Makes the lines. They must end without an error by the signal that it is given.
 * @param abortSignal Signal of the caller, which ends them too.
 */
export function endableLines(
  begin: (abortSignal: AbortSignal) => AsyncGenerator<string>,
  abortSignal: AbortSignal | undefined,
): AsyncGenerator<string> {
  return new EndableLines(begin, abortSignal);
}

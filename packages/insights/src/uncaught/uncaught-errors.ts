/**
 * The errors that nobody caught: each is reported once. A handler of the process that reports them too, as servers do,
 * does not make a second item of one.
 *
 * @internal
 */
export class UncaughtErrors {
  readonly #objects = new WeakSet<object>();
  /** What was thrown and is no object; it cannot be told apart from an equal one for longer than its handlers run. */
  #primitive: { readonly value: unknown } | undefined;

  /** Notes an error before its handlers run. @returns Whether it is new. */
  notes(error: unknown): boolean {
    if (this.has(error)) {
      return false;
    }
    if (isObject(error)) {
      this.#objects.add(error);
    } else {
      this.#primitive = { value: error };
      queueMicrotask(() => {
        this.#primitive = undefined;
      });
    }
    return true;
  }

  /** Whether it was noted. */
  has(error: unknown): boolean {
    return isObject(error)
      ? this.#objects.has(error)
      : this.#primitive !== undefined && Object.is(this.#primitive.value, error);
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

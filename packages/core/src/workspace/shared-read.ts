import { type WaitOptions, waitAtMost } from '@azureml-ts/common';

/** Does the work that callers share; ends early when the signal fires, as nobody waits any more. */
export type SharedWork<T> = (abortSignal: AbortSignal) => Promise<T>;

interface Running<T> {
  readonly promise: Promise<T>;
  readonly ended: AbortController;
  waiting: number;
}

/**
 * A value that is fetched once for all who ask for it at the same time, and kept. A failure is told to those who wait and
 * is not kept. A caller who gives up does not end the work for the others.
 */
export class SharedRead<T> {
  #running: Running<T> | undefined;
  #kept: { readonly value: T; readonly readAt: number } | undefined;
  readonly #maxAgeMs: number;

  /** @param maxAgeMs How long a value is kept, in milliseconds. */
  constructor(maxAgeMs = Number.POSITIVE_INFINITY) {
    this.#maxAgeMs = maxAgeMs;
  }

  /** The value read last, however old. */
  get value(): T | undefined {
    return this.#kept?.value;
  }

  /** Fetches it anew next time. */
  forget(): void {
    this.#kept = undefined;
    this.#running = undefined;
  }

  /**
   * Gives the value, fetching it when it is not there, too old, or to be refreshed.
   *
   * @param what The work, for errors.
   * @param options How long this caller waits; `refresh` fetches it anew.
   * @param work Fetches it.
   */
  async read(
    what: string,
    options: WaitOptions & { readonly refresh?: boolean | undefined },
    work: SharedWork<T>,
  ): Promise<T> {
    options.abortSignal?.throwIfAborted();
    if (options.refresh !== true && this.#kept !== undefined && Date.now() - this.#kept.readAt < this.#maxAgeMs) {
      return this.#kept.value;
    }
    // What was begun before a caller asked for a refresh may be older than what the caller knows.
    if (options.refresh === true || this.#running === undefined) {
      this.#running = this.#start(work);
    }
    const running = this.#running;
    running.waiting += 1;
    try {
      return await waitAtMost(running.promise, what, options);
    } finally {
      running.waiting -= 1;
      if (running.waiting === 0) {
        this.#end(running);
      }
    }
  }

  #start(work: SharedWork<T>): Running<T> {
    const ended = new AbortController();
    const running: Running<T> = { promise: work(ended.signal), ended, waiting: 0 };
    running.promise.then(
      (value) => {
        // One that was overtaken by a refresh, or forgotten, is not kept.
        if (this.#running === running) {
          this.#running = undefined;
          this.#kept = { value, readAt: Date.now() };
        }
      },
      () => this.#drop(running),
    );
    return running;
  }

  #end(running: Running<T>): void {
    this.#drop(running);
    running.ended.abort();
  }

  #drop(running: Running<T>): void {
    if (this.#running === running) {
      this.#running = undefined;
    }
  }
}

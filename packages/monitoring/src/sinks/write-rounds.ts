import { AzuremlError, sleep } from '@azureml-ts/common';

/** How often other writers may get ahead before the batch is left to a later try. */
const MAX_ROUNDS = 30;
/** Longest wait after another writer got ahead, in milliseconds. */
const MAX_WAIT_MS = 1_000;

/** The rounds of one append: how often others got ahead, and the wait before the next round. */
export class WriteRounds {
  readonly #what: string;
  readonly #abortSignal: AbortSignal;
  #rounds = 0;
  #conflicts = 0;
  #lost = 0;

  /**
   * @param what Where rows go, for the error.
   * @param abortSignal Ends the wait.
   */
  constructor(what: string, abortSignal: AbortSignal) {
    this.#what = what;
    this.#abortSignal = abortSignal;
  }

  /** Begins a round. Throws when there were too many, or when nobody waits any more. */
  begin(): void {
    this.#abortSignal.throwIfAborted();
    if (this.#rounds === MAX_ROUNDS) {
      throw new AzuremlError(
        'APPEND_CONFLICT',
        `Other writers got ahead at the end of ${this.#what} ${MAX_ROUNDS} times in a row. Nothing is lost; use fewer writers for one file, filePerReplica, or a longer flushIntervalMs.`,
        { retryable: true },
      );
    }
    this.#rounds += 1;
  }

  /** Another writer got ahead: waits a short random time, longer each time, so that they do not meet again. */
  async conflict(): Promise<void> {
    this.#conflicts += 1;
    await sleep(Math.random() * Math.min(MAX_WAIT_MS, 10 * 2 ** this.#conflicts), {
      abortSignal: this.#abortSignal,
      keepAlive: true,
    });
  }

  /**
   * An answer was lost: once, it is worth looking at once what became of the write, because servers close idle
   * connections every day. When the network is really gone, the look fails too.
   *
   * @returns Whether to go on.
   */
  mayLook(): boolean {
    this.#lost += 1;
    return this.#lost === 1 && !this.#abortSignal.aborted;
  }
}

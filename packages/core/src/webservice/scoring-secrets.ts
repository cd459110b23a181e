import { createLogger, errorMessage, isAzuremlError } from '@azureml-ts/common';
import type { ScoringSecret } from './scorer.ts';

const log = createLogger('core');

/** How long the secret of before serves on after a fetch of the next one failed for a passing reason. */
const TRY_AGAIN_MS = 30_000;

/** A secret as it was handed out: compared by identity, to tell whether somebody has fetched a newer one since. */
export interface HeldSecret {
  /** `undefined` when the service asks for none. */
  readonly value: string | undefined;
}

interface Held extends HeldSecret {
  refreshAfter: number;
}

interface Fetch {
  readonly promise: Promise<Held>;
  readonly stop: AbortController;
  waiters: number;
}

/**
 * The secret of one service, fetched once for all requests that want it, at the same time and later.
 */
export class ScoringSecrets {
  readonly #name: string;
  readonly #fetchSecret: (abortSignal: AbortSignal) => Promise<ScoringSecret | undefined>;
  #held: Held | undefined;
  #fetch: Fetch | undefined;

  /**
   * @param name Name of the service, for log lines.
   * @param fetchSecret Fetches the secret.
   */
  constructor(name: string, fetchSecret: (abortSignal: AbortSignal) => Promise<ScoringSecret | undefined>) {
    this.#name = name;
    this.#fetchSecret = fetchSecret;
  }

  /** The secret: the one at hand, or another when it is time for one. Whoever is cut off leaves the fetch to the others. */
  async get(abortSignal: AbortSignal): Promise<HeldSecret> {
    const held = this.#held;
    if (held === undefined) {
      return this.#fetched(abortSignal);
    }
    if (Date.now() < held.refreshAfter) {
      return held;
    }
    try {
      return await this.#fetched(abortSignal);
    } catch (error) {
      // It is asked for ahead of time, so that the one at hand still serves for a while.
      if (abortSignal.aborted || !(isAzuremlError(error) && error.retryable)) {
        throw error;
      }
      log.warning(`the next token for scoring with "${this.#name}" could not be fetched yet: ${errorMessage(error)}`);
      held.refreshAfter = Date.now() + TRY_AGAIN_MS;
      return held;
    }
  }

  /** Another secret than the one that was refused; fetched once for all whose was refused. */
  replace(refused: HeldSecret, abortSignal: AbortSignal): Promise<HeldSecret> {
    if (this.#held === refused) {
      this.#held = undefined;
    }
    return this.get(abortSignal);
  }

  /** Fetches the secret again for the next request; what a fetch under way brings may be the old one. */
  forget(): void {
    this.#held = undefined;
    this.#fetch = undefined;
  }

  async #fetched(abortSignal: AbortSignal): Promise<Held> {
    abortSignal.throwIfAborted();
    this.#fetch ??= this.#begin();
    const fetch = this.#fetch;
    fetch.waiters += 1;
    const cut = Promise.withResolvers<never>();
    const onAbort = () => cut.reject(abortSignal.reason);
    abortSignal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([fetch.promise, cut.promise]);
    } finally {
      abortSignal.removeEventListener('abort', onAbort);
      fetch.waiters -= 1;
      if (fetch.waiters === 0) {
        fetch.stop.abort();
        this.#fetch = this.#fetch === fetch ? undefined : this.#fetch;
      }
    }
  }

  #begin(): Fetch {
    const stop = new AbortController();
    const promise = this.#fetchSecret(stop.signal).then((secret): Held => {
      const held = { value: secret?.value, refreshAfter: secret?.refreshAfter ?? Number.POSITIVE_INFINITY };
      if (this.#fetch?.promise === promise) {
        this.#held = held;
        this.#fetch = undefined;
      }
      return held;
    });
    promise.catch(() => undefined);
    return { promise, stop, waiters: 0 };
  }
}

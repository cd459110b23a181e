import { type Clock, deadline, errorMessage } from '@azureml-ts/common';
import type { TelemetryCredential } from '../types.ts';

/** How long before its end a token is replaced. */
const EARLY_MS = 5 * 60_000;
/** After a failure, while the token at hand still holds. */
const AGAIN_MS = 30_000;

interface HeldToken {
  readonly token: string;
  readonly expiresAt: number;
  refreshAt: number;
}

/** Options of {@link TokenSource}. @internal */
export interface TokenSourceOptions {
  readonly credential: TelemetryCredential;
  readonly scope: string;
  readonly clock: Clock;
  /** Longest wait for a token. */
  readonly timeoutMs: number;
}

/** Tokens for the service: fetched once for all who ask, and replaced before they end. @internal */
export class TokenSource {
  readonly #options: TokenSourceOptions;
  #held: HeldToken | undefined;
  #fetching: Promise<string> | undefined;
  #failures = 0;

  constructor(options: TokenSourceOptions) {
    this.#options = options;
  }

  /** The token at hand, for when there is no time to fetch one. */
  get held(): string | undefined {
    return this.#held !== undefined && this.#options.clock.now() < this.#held.expiresAt ? this.#held.token : undefined;
  }

  /** @throws An error that says how often in a row no token could be had, and why. */
  async get(abortSignal: AbortSignal): Promise<string> {
    const now = this.#options.clock.now();
    if (this.#held !== undefined && now < this.#held.refreshAt) {
      return this.#held.token;
    }
    this.#fetching ??= this.#fetch(abortSignal).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  /** Forgets a token that the service does not take. */
  refuse(token: string): void {
    if (this.#held?.token === token) {
      this.#held = undefined;
    }
  }

  async #fetch(abortSignal: AbortSignal): Promise<string> {
    const { credential, scope, clock, timeoutMs } = this.#options;
    const limit = deadline(timeoutMs, abortSignal);
    try {
      const answer = await untilAborted(credential.getToken(scope, { abortSignal: limit.signal }), limit.signal);
      const { token, expiresOnTimestamp } = answer ?? {};
      // Whatever is sent as a header must be one.
      if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
        throw new TypeError('the credential gave no token');
      }
      const now = clock.now();
      const expiresAt = typeof expiresOnTimestamp === 'number' ? expiresOnTimestamp : now;
      this.#held = {
        token,
        expiresAt,
        // Half its time for one that lives no longer than that.
        refreshAt: Math.max(expiresAt - EARLY_MS, now + (expiresAt - now) / 2),
      };
      this.#failures = 0;
      return token;
    } catch (error) {
      this.#failures += 1;
      const now = clock.now();
      if (this.#held !== undefined && now < this.#held.expiresAt) {
        this.#held.refreshAt = Math.min(now + AGAIN_MS, this.#held.expiresAt);
        return this.#held.token;
      }
      const often = this.#failures > 1 ? ` (${this.#failures} times in a row)` : '';
      throw new Error(`no token could be had${often}: ${errorMessage(error)}`, { cause: error });
    } finally {
      limit.clear();
    }
  }
}

/** A credential need not listen to the signal. */
async function untilAborted<T>(promise: Promise<T>, abortSignal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(abortSignal.reason);
  if (abortSignal.aborted) {
    onAbort();
  }
  abortSignal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    abortSignal.removeEventListener('abort', onAbort);
  }
}

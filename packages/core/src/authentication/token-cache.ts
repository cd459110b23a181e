import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import { AzuremlError } from '@azureml-ts/common';
import { signInFailure } from './sign-in-failure.ts';

/** A token is asked for again this long before it ends. */
export const RENEW_BEFORE_MS = 300_000;
/** A token is used no longer than until this long before it ends: it has to travel and clocks differ. */
const LAST_USE_MS = 10_000;

/**
 * Keeps the tokens of a credential until five minutes before they end, and asks once for all who want the same token at
 * the same time. The same token: of the same scopes, tenant and kind.
 */
export class TokenCache implements TokenCredential {
  readonly #source: TokenCredential;
  readonly #tokens = new Map<string, AccessToken>();
  readonly #running = new Map<string, Promise<AccessToken>>();

  /** @param source Gives the tokens. */
  constructor(source: TokenCredential) {
    this.#source = source;
  }

  /**
   * Gives a token. Asking for one is not ended by one caller's signal, as others may wait for the same.
   *
   * @throws `AUTHENTICATION_FAILED`.
   */
  async getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    const { abortSignal: _, claims, ...wanted } = options;
    const list = typeof scopes === 'string' ? [scopes] : scopes;
    const key = JSON.stringify([list, wanted.tenantId ?? '', wanted.enableCae ?? false]);
    const cached = claims === undefined ? this.#tokens.get(key) : undefined;
    if (cached !== undefined && !isEnding(cached)) {
      return cached;
    }
    try {
      return await this.#ask(key, claims, () =>
        this.#source.getToken(scopes, { ...wanted, ...(claims === undefined ? {} : { claims }) }),
      );
    } catch (error) {
      if (cached !== undefined && Date.now() < cached.expiresOnTimestamp - LAST_USE_MS) {
        return cached;
      }
      throw signInFailure(error, list);
    }
  }

  #ask(key: string, claims: string | undefined, ask: () => Promise<AccessToken | null>): Promise<AccessToken> {
    const runningKey = claims === undefined ? key : `${key} ${claims}`;
    const running = this.#running.get(runningKey);
    if (running !== undefined) {
      return running;
    }
    const asking = (async () => {
      try {
        const token = await ask();
        if (token === null || token === undefined || typeof token.token !== 'string' || token.token === '') {
          throw new AzuremlError(
            'AUTHENTICATION_FAILED',
            'The credential gave no token. Sign in, or give another credential.',
          );
        }
        // A token for claims takes the place of the one that was refused for lack of them.
        this.#tokens.set(key, token);
        return token;
      } finally {
        this.#running.delete(runningKey);
      }
    })();
    this.#running.set(runningKey, asking);
    return asking;
  }
}

function isEnding({ expiresOnTimestamp, refreshAfterTimestamp }: AccessToken): boolean {
  const now = Date.now();
  // Without a readable end a token is used once.
  return (
    !(now < expiresOnTimestamp - RENEW_BEFORE_MS) ||
    (refreshAfterTimestamp !== undefined && now >= refreshAfterTimestamp)
  );
}

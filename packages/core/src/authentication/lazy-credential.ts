import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import { TokenCache } from './token-cache.ts';

/**
 * A credential that is made when the first token is asked for, so that code which never goes to Azure (a local service,
 * for example) does not load @azure/identity. Its tokens are cached.
 */
export class LazyCredential implements TokenCredential {
  readonly #cache: TokenCache;

  /** @param create Makes the real credential; called once, or again after it failed. */
  constructor(create: () => TokenCredential | Promise<TokenCredential>) {
    let made: Promise<TokenCredential> | undefined;
    this.#cache = new TokenCache({
      getToken: async (scopes, options) => {
        made ??= (async () => create())();
        let credential: TokenCredential;
        try {
          credential = await made;
        } catch (error) {
          made = undefined;
          throw error;
        }
        return credential.getToken(scopes, options);
      },
    });
  }

  /**
   * Gives a token; one request for all who ask at the same time, cached until five minutes before it ends.
   *
   * @throws `AUTHENTICATION_FAILED`.
   */
  getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken> {
    return this.#cache.getToken(scopes, options);
  }
}

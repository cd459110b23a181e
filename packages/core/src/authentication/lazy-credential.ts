import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';

/**
 * A credential that is made when the first token is asked for, so that code which never goes to Azure (a local service,
 * for example) does not load @azure/identity.
 */
export class LazyCredential implements TokenCredential {
  readonly #create: () => Promise<TokenCredential>;
  #credential: Promise<TokenCredential> | undefined;

  /** @param create Makes the real credential; called once, or again after it failed. */
  constructor(create: () => Promise<TokenCredential>) {
    this.#create = create;
  }

  /** As in `TokenCredential`. */
  async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> {
    this.#credential ??= this.#create();
    let credential: TokenCredential;
    try {
      credential = await this.#credential;
    } catch (error) {
      this.#credential = undefined;
      throw error;
    }
    return credential.getToken(scopes, options);
  }
}

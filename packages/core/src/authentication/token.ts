import type { AccessToken } from '@azure/identity';
import { AzuremlError, ValidationError } from '@azureml-ts/common';
import { checkOptionNames } from '../workspace/known-options.ts';
import { jwtExpiry } from './jwt.ts';
import { LazyCredential } from './lazy-credential.ts';
import { RENEW_BEFORE_MS } from './token-cache.ts';

/** A token without a readable end is asked for again after this time, in milliseconds. */
const UNKNOWN_END_MS = 300_000;

/** Options of {@link TokenAuthentication}. */
export interface TokenAuthenticationOptions {
  /**
   * Gives a token for an audience, for example `https://management.azure.com` or `https://storage.azure.com`. The end of the
   * token is read from the token itself; a token that hides it is asked for again after five minutes.
   */
  readonly getTokenForAudience: (audience: string) => string | Promise<string>;
}

/**
 * Uses tokens that the caller's own code gives.
 *
 * Source: `azureml.core.authentication.TokenAuthentication`.
 *
 * @example
 * ```ts
 * import { TokenAuthentication } from '@azureml-ts/core';
 *
 * const credential = new TokenAuthentication({ getTokenForAudience: async (audience) => `token for ${audience}` });
 * console.log((await credential.getToken('https://management.azure.com/.default')).token); // token for https://management.azure.com
 * ```
 */
export class TokenAuthentication extends LazyCredential {
  /**
   * @param options Where tokens come from.
   * @throws {@link ValidationError} `VALIDATION` when `getTokenForAudience` is no function.
   */
  constructor(options: TokenAuthenticationOptions) {
    checkOptionNames(options, ['getTokenForAudience'], '{ getTokenForAudience }');
    const { getTokenForAudience } = options;
    if (typeof getTokenForAudience !== 'function') {
      throw new ValidationError({ path: 'getTokenForAudience', expected: 'a function' });
    }
    super(() => ({
      getToken: async (scopes) => accessToken(await getTokenForAudience(audienceOf(scopes))),
    }));
  }
}

/** The audience of scopes: one address without `/.default`. */
export function audienceOf(scopes: string | readonly string[]): string {
  const [scope, ...more] = typeof scopes === 'string' ? scopes.split(' ') : scopes;
  if (scope === undefined || more.length > 0) {
    throw new AzuremlError(
      'AUTHENTICATION_FAILED',
      `One token for several scopes (${[scope, ...more].join(', ')}) cannot be had. Ask for one scope at a time.`,
    );
  }
  return scope.replace(/\/\.default$/, '');
}

function accessToken(token: string): AccessToken | null {
  if (typeof token !== 'string' || token === '') {
    return null;
  }
  return { token, expiresOnTimestamp: jwtExpiry(token) ?? Date.now() + UNKNOWN_END_MS + RENEW_BEFORE_MS };
}

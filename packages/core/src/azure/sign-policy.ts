import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';
import { foreignHost } from './foreign-host.ts';

/** What {@link signPolicy} signs with. */
export interface SignPolicyOptions {
  /** Gives tokens, and keeps them. */
  readonly tokens: TokenCredential;
  /** What the tokens are for. */
  readonly scopes: string[];
  /** Tells whether tokens may go to an origin (`https://host:port`). */
  readonly isTrusted: (origin: string) => boolean;
}

/**
 * Makes the policy that adds the token to a request, after a look at where it goes: answers hold links (next page, status of
 * an operation), and a link to another host must not get the caller's token.
 *
 * It runs at each try, so a request that had to wait for long goes with a fresh token. When the service asks for more claims
 * (continuous access evaluation) the request is sent once more with a token that has them.
 *
 * @param options Tokens and hosts.
 */
export function signPolicy({ tokens, scopes, isTrusted }: SignPolicyOptions): PipelinePolicy {
  return {
    name: 'azuremlSignPolicy',
    sendRequest: async (request, next) => {
      const { protocol, origin, host } = new URL(request.url);
      if (!isTrusted(origin) || protocol !== 'https:') {
        throw foreignHost(host, 'A link in an answer');
      }
      const sign = async (claims?: string): Promise<PipelineResponse> => {
        const token = await tokens.getToken(scopes, {
          enableCae: true,
          ...(request.abortSignal === undefined ? {} : { abortSignal: request.abortSignal }),
          ...(claims === undefined ? {} : { claims }),
        });
        if (token !== null) {
          request.headers.set('Authorization', `Bearer ${token.token}`);
        }
        return next(request);
      };
      const response = await sign();
      const claims = response.status === 401 ? wantedClaims(response.headers.get('www-authenticate')) : undefined;
      return claims === undefined ? response : sign(claims);
    },
  };
}

/** The claims that a challenge asks for, as JSON text. */
function wantedClaims(challenge: string | undefined): string | undefined {
  if (challenge === undefined || !/\berror="insufficient_claims"/i.test(challenge)) {
    return undefined;
  }
  const [, encoded] = /\bclaims="([^"]+)"/i.exec(challenge) ?? [];
  const claims = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  try {
    JSON.parse(claims);
    return claims;
  } catch {
    return undefined;
  }
}

import type { AccessToken } from '@azure/identity';
import { AzuremlError, ValidationError } from '@azureml-ts/common';
import { checkOptionNames } from '../workspace/known-options.ts';
import { jwtExpiry } from './jwt.ts';
import { LazyCredential } from './lazy-credential.ts';
import { audienceOf } from './token.ts';

/** Hosts that Azure Resource Manager has in its clouds, in the two forms that tokens name. */
const HOSTS: ReadonlySet<string> = new Set(
  [
    'azure.com',
    'core.windows.net',
    'chinacloudapi.cn',
    'core.chinacloudapi.cn',
    'usgovcloudapi.net',
    'core.usgovcloudapi.net',
  ].map((domain) => `management.${domain}`),
);

/** Options of {@link ArmTokenAuthentication}. */
export interface ArmTokenAuthenticationOptions {
  /** A token for Azure Resource Manager, for example of `az account get-access-token`. */
  readonly armAccessToken: string;
  /**
   * Address that stands for Azure Resource Manager, when it is none of Azure's own: `clientOptions.endpoint` of the workspace.
   * Default: the variable `AZUREML_MANAGEMENT_ENDPOINT`.
   */
  readonly audience?: string | undefined;
}

/**
 * Uses one token for Azure Resource Manager, as it is. It cannot be renewed, and it is given to nothing else: asking for a
 * token of another service (storage, scoring) fails.
 *
 * Source: `azureml.core.authentication.ArmTokenAuthentication`, which is used for every service.
 *
 * @example
 * ```ts
 * import { ArmTokenAuthentication } from '@azureml-ts/core';
 *
 * const credential = new ArmTokenAuthentication({ armAccessToken: 'from az account get-access-token' });
 * console.log((await credential.getToken('https://management.azure.com/.default')).token.length); // 32
 * ```
 */
export class ArmTokenAuthentication extends LazyCredential {
  /**
   * @param options The token.
   * @throws {@link ValidationError} `VALIDATION` when it is empty.
   */
  constructor(options: ArmTokenAuthenticationOptions) {
    checkOptionNames(options, ['armAccessToken', 'audience'], '{ armAccessToken }');
    const { armAccessToken, audience } = options;
    if (typeof armAccessToken !== 'string' || armAccessToken.trim() === '') {
      throw new ValidationError({ path: 'armAccessToken', expected: 'a text that is not empty' });
    }
    const own = [audience, process.env['AZUREML_MANAGEMENT_ENDPOINT']].flatMap((address) =>
      address !== undefined && URL.canParse(address) ? [new URL(address).host] : [],
    );
    super(() => ({ getToken: async (scopes) => fixedToken(armAccessToken.trim(), audienceOf(scopes), own) }));
  }
}

function fixedToken(token: string, audience: string, own: readonly string[]): AccessToken {
  const host = URL.canParse(audience) ? new URL(audience).host : audience;
  if (!HOSTS.has(host) && !own.includes(host)) {
    throw new AzuremlError(
      'AUTHENTICATION_FAILED',
      `The token of ArmTokenAuthentication is for Azure Resource Manager, and is not given to ${audience}. Give a credential that can sign in there.`,
    );
  }
  const expiresOnTimestamp = jwtExpiry(token) ?? Number.MAX_SAFE_INTEGER;
  if (expiresOnTimestamp <= Date.now()) {
    throw new AzuremlError(
      'AUTHENTICATION_FAILED',
      `The token of ArmTokenAuthentication (or AZUREML_ARM_ACCESS_TOKEN) ended at ${new Date(expiresOnTimestamp).toISOString()}. Get a new one, for example with \`az account get-access-token\`.`,
    );
  }
  return { token, expiresOnTimestamp };
}

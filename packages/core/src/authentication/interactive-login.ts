import type { TokenCredential } from '@azure/identity';
import { type AuthenticationOptions, checkAuthenticationOptions, identityOptions } from './authority.ts';
import { CredentialChain } from './credential-chain.ts';
import { LazyCredential } from './lazy-credential.ts';

/** Options of {@link InteractiveLoginAuthentication}. */
export interface InteractiveLoginAuthenticationOptions extends AuthenticationOptions {
  /** Id of the Microsoft Entra tenant to sign in to. Default: the home tenant of the account. */
  readonly tenantId?: string | undefined;
  /** Asks for a sign-in even when an identity of the machine or the Azure CLI could be used. Default `false`. */
  readonly force?: boolean | undefined;
  /** Signs in with a code that is typed in on any device, for machines without a browser. Default `false`: a browser opens. */
  readonly useDeviceCode?: boolean | undefined;
}

/**
 * Signs in as a person, unless the environment already offers an identity.
 *
 * Tried in this order: managed identity (only where `MSI_ENDPOINT` is set), the service principal of
 * `AZUREML_SERVICE_PRINCIPAL_TENANT_ID`, `_ID` and `_PASSWORD` (only when all three are set), the Azure CLI, then a
 * sign-in in the browser. Nothing happens, and @azure/identity is not loaded, before the first token is asked for.
 *
 * Source: `azureml.core.authentication.InteractiveLoginAuthentication`.
 *
 * @example
 * ```ts
 * import { InteractiveLoginAuthentication, Workspace } from '@azureml-ts/core';
 *
 * const ws = new Workspace({
 *   subscriptionId: '11111111-2222-3333-4444-555555555555',
 *   resourceGroup: 'rg1',
 *   workspaceName: 'ws1',
 *   credential: new InteractiveLoginAuthentication({ tenantId: '99999999-8888-7777-6666-555555555555' }),
 * });
 * console.log(ws.workspaceName);
 * ```
 */
export class InteractiveLoginAuthentication extends LazyCredential {
  /**
   * @param options Tenant, cloud and manner of the sign-in.
   * @throws {@link ValidationError} `VALIDATION` for an option that does not exist.
   */
  constructor(options: InteractiveLoginAuthenticationOptions = {}) {
    checkAuthenticationOptions(options, ['tenantId'], ['force', 'useDeviceCode']);
    super(async () => {
      const chain = await interactiveChain(options, process.env);
      return new CredentialChain(
        chain.map((credential) => ({ name: credential.constructor.name, create: () => credential })),
        'Sign in with `az login`, or use { useDeviceCode: true } where no browser can be opened.',
      );
    });
  }
}

/**
 * The credentials that {@link InteractiveLoginAuthentication} tries, in order.
 *
 * @param options As given by the caller.
 * @param env Environment variables.
 */
export async function interactiveChain(
  options: InteractiveLoginAuthenticationOptions,
  env: NodeJS.ProcessEnv,
): Promise<TokenCredential[]> {
  const identity = await import('@azure/identity');
  const tenant = options.tenantId === undefined ? {} : { tenantId: options.tenantId };
  const sending = identityOptions(options, env);
  const chain: TokenCredential[] = [];
  if (options.force !== true) {
    if (env['MSI_ENDPOINT']) {
      chain.push(new identity.ManagedIdentityCredential());
    }
    const principalTenant = env['AZUREML_SERVICE_PRINCIPAL_TENANT_ID'];
    const principalId = env['AZUREML_SERVICE_PRINCIPAL_ID'];
    const password = env['AZUREML_SERVICE_PRINCIPAL_PASSWORD'];
    if (principalTenant && principalId && password) {
      chain.push(new identity.ClientSecretCredential(principalTenant, principalId, password, sending));
    }
    chain.push(new identity.AzureCliCredential(tenant));
  }
  chain.push(
    options.useDeviceCode === true
      ? new identity.DeviceCodeCredential({ ...sending, ...tenant })
      : new identity.InteractiveBrowserCredential({ ...sending, ...tenant }),
  );
  return chain;
}

import { type AuthenticationOptions, checkAuthenticationOptions } from './authority.ts';
import { LazyCredential } from './lazy-credential.ts';

/** Options of {@link AzureCliAuthentication}. */
export interface AzureCliAuthenticationOptions extends Pick<AuthenticationOptions, 'cloud'> {
  /** Id of the Microsoft Entra tenant. Default: that of the CLI's current subscription. */
  readonly tenantId?: string | undefined;
}

/**
 * Uses the sign-in of the Azure CLI (`az login`), also that of the GitHub action `azure/login` and of the task `AzureCLI@2`.
 * The cloud is the one that the CLI is set to (`az cloud set`); `cloud` is only checked to exist.
 *
 * Source: `azureml.core.authentication.AzureCliAuthentication`; `AzureCliCredential` of @azure/identity.
 *
 * @example
 * ```ts
 * import { AzureCliAuthentication, Workspace } from '@azureml-ts/core';
 *
 * const ws = new Workspace({
 *   subscriptionId: '11111111-2222-3333-4444-555555555555',
 *   resourceGroup: 'rg1',
 *   workspaceName: 'ws1',
 *   credential: new AzureCliAuthentication(),
 * });
 * console.log(ws.workspaceName); // ws1
 * ```
 */
export class AzureCliAuthentication extends LazyCredential {
  /**
   * @param options Tenant.
   * @throws {@link ValidationError} `VALIDATION` for an option that does not exist.
   */
  constructor(options: AzureCliAuthenticationOptions = {}) {
    checkAuthenticationOptions(options, ['tenantId']);
    const { tenantId } = options;
    super(async () => {
      const { AzureCliCredential } = await import('@azure/identity');
      return new AzureCliCredential(tenantId === undefined ? {} : { tenantId });
    });
  }
}

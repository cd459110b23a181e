import type { TokenCredentialOptions } from '@azure/identity';

/** How requests to Azure are sent. Passed to every client that a workspace makes. */
export interface WorkspaceClientOptions {
  /** Sends the requests, for example through a proxy with a sign-in of its own. Default: that of the Azure clients. */
  readonly httpClient?: TokenCredentialOptions['httpClient'] | undefined;
  /** Policies that every request passes, `perCall` or `perRetry`. Default: none. */
  readonly additionalPolicies?:
    | readonly NonNullable<TokenCredentialOptions['additionalPolicies']>[number][]
    | undefined;
  /**
   * Address of Azure Resource Manager, https. Default: the variable `AZUREML_MANAGEMENT_ENDPOINT`, else that of the
   * workspace's cloud, for example `https://management.azure.com`.
   */
  readonly endpoint?: string | undefined;
  /** Scopes of the tokens for Azure Resource Manager. Default: `<endpoint>/.default`. */
  readonly credentialScopes?: string | readonly string[] | undefined;
  /**
   * How often a request is sent again after 408, 429, 5xx or a broken connection: `maxRetries` (default 3),
   * `retryDelayInMs` (default 1,000, doubling), `maxRetryDelayInMs` (default 64,000). Retry-After wins over the delays.
   * Scoring and creating requests are sent once whatever this says.
   */
  readonly retryOptions?:
    | {
        readonly maxRetries?: number | undefined;
        readonly retryDelayInMs?: number | undefined;
        readonly maxRetryDelayInMs?: number | undefined;
      }
    | undefined;
  /** Wait between two looks at a long operation when the service asks for none, in milliseconds. Default 5,000. */
  readonly pollIntervalMs?: number | undefined;
}

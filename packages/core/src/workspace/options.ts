import type { TokenCredential } from '@azure/identity';
import { ValidationError, type WaitOptions } from '@azureml-ts/common';
import { nameFault, type WorkspaceIdentity } from './arm-id.ts';
import type { WorkspaceClientOptions } from './client-options.ts';
import type { ConfigFileLocation } from './config-file.ts';
import { checkOptionNames } from './known-options.ts';

const NAMES = ['subscriptionId', 'resourceGroup', 'workspaceName'] as const;
const ACCESS = ['credential', 'clientOptions', 'cloud'] as const;
const CLIENT = [
  'httpClient',
  'additionalPolicies',
  'endpoint',
  'credentialScopes',
  'retryOptions',
  'pollIntervalMs',
] as const satisfies readonly (keyof WorkspaceClientOptions)[];
const RETRY = ['maxRetries', 'retryDelayInMs', 'maxRetryDelayInMs'] as const;

/** How a {@link Workspace} signs in and sends its requests. */
export interface WorkspaceAccess {
  /**
   * Any Azure credential. Default: what the environment offers, looked for when the first token is needed: the token of
   * `AZUREML_ARM_ACCESS_TOKEN`; a service principal, workload identity, pipeline or managed identity whose variables are set;
   * the Azure CLI and other developer tools. `AZURE_TOKEN_CREDENTIALS` narrows it.
   */
  readonly credential?: TokenCredential | undefined;
  /** How requests are sent. */
  readonly clientOptions?: WorkspaceClientOptions | undefined;
  /**
   * Azure's cloud: `AzureCloud`, `AzureChinaCloud` or `AzureUSGovernment`. Default: the variable `AZUREML_CURRENT_CLOUD`, else
   * `AzureCloud`.
   */
  readonly cloud?: string | undefined;
}

/** Options of {@link Workspace}. */
export interface WorkspaceOptions extends WorkspaceIdentity, WorkspaceAccess {}

/** Options of {@link Workspace.get}. */
export interface GetWorkspaceOptions extends WaitOptions {
  /** Asks Azure again although the details were read before. Default `false`. */
  readonly refresh?: boolean | undefined;
}

/** Options of {@link Workspace.fromConfig}. */
export interface WorkspaceFromConfigOptions extends ConfigFileLocation, WorkspaceAccess {}

/** Checks the options of the constructor. Callers without types pass all sorts of things. */
export function checkWorkspaceOptions(options: WorkspaceOptions): void {
  checkOptionNames(options, [...NAMES, ...ACCESS], '{ subscriptionId, resourceGroup, workspaceName }');
  for (const name of NAMES) {
    checkName(name, options[name]);
  }
  checkCredential(options.credential);
  checkClientOptions(options.clientOptions);
}

/** Checks the options of `Workspace.fromConfig`, but for those that the constructor checks. */
export function checkFromConfigOptions(options: WorkspaceFromConfigOptions): void {
  checkOptionNames(options, ['path', 'fileName', ...ACCESS], '{ path }');
  const { path, fileName } = options;
  for (const [name, value] of Object.entries({ path, fileName })) {
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw new ValidationError({ path: name, expected: 'a text that is not empty', received: value });
    }
  }
}

function checkName(path: keyof WorkspaceIdentity, value: unknown): void {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new ValidationError({ path, expected: 'a string that is not empty', received: value });
  }
  const fault = nameFault(path, value);
  if (fault !== undefined) {
    throw new ValidationError({ path, expected: `a name without ${fault}`, received: value });
  }
}

function checkClientOptions(options: WorkspaceClientOptions | null | undefined): void {
  if (options === undefined || options === null) {
    return;
  }
  if (typeof options !== 'object') {
    // Never shown: it may be a secret.
    throw new ValidationError({ path: 'clientOptions', expected: 'an object such as { pollIntervalMs }' });
  }
  checkOptionNames(options, CLIENT, '{ pollIntervalMs }', 'clientOptions');
  if (options.retryOptions !== undefined) {
    checkOptionNames(options.retryOptions, RETRY, '{ maxRetries }', 'clientOptions.retryOptions');
  }
}

/** Instead of a credential some pass a key, or the class of a credential. */
function checkCredential(credential: unknown): void {
  const { getToken } = (credential ?? {}) as Partial<TokenCredential>;
  if (credential !== undefined && credential !== null && typeof getToken !== 'function') {
    // Never shown: it may be a secret.
    throw new ValidationError({
      path: 'credential',
      expected: 'an object with getToken(), for example new AzureCliAuthentication()',
    });
  }
}

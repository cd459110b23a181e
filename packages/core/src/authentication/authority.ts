import type { TokenCredentialOptions } from '@azure/identity';
import { ValidationError } from '@azureml-ts/common';
import { findCloud } from '../azure/cloud.ts';
import type { WorkspaceClientOptions } from '../workspace/client-options.ts';
import { checkOptionNames } from '../workspace/known-options.ts';

/** Options that all ways of signing in have. */
export interface AuthenticationOptions {
  /**
   * Azure's cloud: `AzureCloud`, `AzureChinaCloud` or `AzureUSGovernment`. Default: the variable `AZURE_AUTHORITY_HOST` says where
   * to sign in, else the cloud of `AZUREML_CURRENT_CLOUD`, else `AzureCloud`.
   */
  readonly cloud?: string | undefined;
  /** How the requests for tokens are sent, for example through a proxy. Default: as @azure/identity does. */
  readonly clientOptions?: Pick<WorkspaceClientOptions, 'httpClient' | 'additionalPolicies'> | undefined;
}

/** Names of the fields of {@link AuthenticationOptions}. */
const COMMON = ['cloud', 'clientOptions'] as const;

/**
 * What the credentials of @azure/identity need to sign in to a cloud.
 *
 * @param options Cloud, and how requests are sent.
 * @param env Environment variables.
 * @throws {@link ValidationError} `VALIDATION` when there is no such cloud.
 */
export function identityOptions(
  options: AuthenticationOptions,
  env: NodeJS.ProcessEnv = process.env,
): TokenCredentialOptions & { authorityHost: string } {
  const { httpClient, additionalPolicies } = options.clientOptions ?? {};
  const cloud = findCloud(options.cloud, env);
  const variable = env['AZURE_AUTHORITY_HOST'];
  return {
    // The variable is set for every pod of a cluster with workload identity; a cloud in code means more.
    authorityHost: options.cloud === undefined && variable ? variable : cloud.authorityHost,
    ...(httpClient === undefined ? {} : { httpClient }),
    ...(additionalPolicies === undefined ? {} : { additionalPolicies: [...additionalPolicies] }),
  };
}

/**
 * Checks the options of a way of signing in: no unknown ones, texts where texts belong, a cloud that exists.
 *
 * @param options As given.
 * @param texts Names of the fields that are texts.
 * @param others Names of other fields.
 * @throws {@link ValidationError} `VALIDATION`; never shows a value, as it may be a secret.
 */
export function checkAuthenticationOptions(
  options: object,
  texts: readonly string[],
  others: readonly string[] = [],
): void {
  checkOptionNames(options, [...texts, ...others, ...COMMON], `{ ${texts.slice(0, 3).join(', ')} }`);
  for (const name of texts) {
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined && (typeof value !== 'string' || value.trim() === '')) {
      throw new ValidationError({ path: name, expected: 'a text that is not empty' });
    }
  }
  findCloud((options as AuthenticationOptions).cloud);
}

/** The value of a field that must be there. */
export function requiredText(path: string, value: string | undefined): string {
  if (value === undefined) {
    throw new ValidationError({ path, expected: 'a text that is not empty' });
  }
  return value;
}

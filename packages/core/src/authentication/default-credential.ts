import type { TokenCredential } from '@azure/identity';
import { ArmTokenAuthentication } from './arm-token.ts';
import { type AuthenticationOptions, identityOptions } from './authority.ts';
import { CredentialChain, type CredentialSource, type SkippedSource } from './credential-chain.ts';
import { LazyCredential } from './lazy-credential.ts';

/** Whom the default credential is for. */
export interface DefaultCredentialOptions extends AuthenticationOptions {
  /** Address of Azure Resource Manager. */
  readonly audience: string;
}

const HINT =
  'Sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET. ' +
  'On a machine with a managed identity set AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential.';

/**
 * The credential of a workspace that was given none: looks at the environment with the first token.
 *
 * Unlike `DefaultAzureCredential` it knows pipelines, does not ask the network whether the machine has a managed identity
 * unless a variable says so, and keeps to what worked.
 *
 * @param options For which cloud and how.
 * @param env Environment variables.
 */
export function defaultCredential(
  options: DefaultCredentialOptions,
  env: NodeJS.ProcessEnv = process.env,
): TokenCredential {
  return new LazyCredential(async () => {
    const armAccessToken = env['AZUREML_ARM_ACCESS_TOKEN'];
    if (armAccessToken) {
      return new ArmTokenAuthentication({ armAccessToken, audience: options.audience });
    }
    if (env['AZURE_TOKEN_CREDENTIALS']) {
      // It names what DefaultAzureCredential shall try.
      const { DefaultAzureCredential } = await import('@azure/identity');
      return new DefaultAzureCredential(identityOptions(options, env));
    }
    return new CredentialChain(await environmentSources(options, env), HINT);
  });
}

/**
 * The ways of signing in that an environment offers, in order: those of machines first, then the tools of developers.
 *
 * @param options For which cloud and how.
 * @param env Environment variables.
 */
export async function environmentSources(
  options: AuthenticationOptions,
  env: NodeJS.ProcessEnv,
): Promise<(CredentialSource | SkippedSource)[]> {
  const identity = await import('@azure/identity');
  const sending = () => identityOptions(options, env);
  const tenant = env['AZURE_TENANT_ID'] ? { tenantId: env['AZURE_TENANT_ID'] } : {};
  const found = (name: string, variables: readonly string[], create: (...values: string[]) => TokenCredential) =>
    sourceOf(env, name, variables, create);
  return [
    ...found(
      'service principal (AZUREML_SERVICE_PRINCIPAL_ID)',
      ['AZUREML_SERVICE_PRINCIPAL_TENANT_ID', 'AZUREML_SERVICE_PRINCIPAL_ID', 'AZUREML_SERVICE_PRINCIPAL_PASSWORD'],
      (tenantId = '', id = '', password = '') => new identity.ClientSecretCredential(tenantId, id, password, sending()),
    ),
    ...clientSources(identity, sending, env),
    ...found(
      'service connection (AzurePipelinesCredential)',
      [
        'SYSTEM_OIDCREQUESTURI',
        'SYSTEM_ACCESSTOKEN',
        'AZURESUBSCRIPTION_TENANT_ID',
        'AZURESUBSCRIPTION_CLIENT_ID',
        'AZURESUBSCRIPTION_SERVICE_CONNECTION_ID',
      ],
      (_, accessToken = '', tenantId = '', clientId = '', connectionId = '') =>
        new identity.AzurePipelinesCredential(tenantId, clientId, connectionId, accessToken, sending()),
    ),
    ...managedIdentity(identity, env),
    { name: 'Azure CLI', create: () => new identity.AzureCliCredential(tenant) },
    { name: 'Azure PowerShell', create: () => new identity.AzurePowerShellCredential(tenant) },
    { name: 'Azure Developer CLI', create: () => new identity.AzureDeveloperCliCredential(tenant) },
  ];
}

type Identity = typeof import('@azure/identity');

/** What the variable AZURE_CLIENT_ID stands for depends on the variables beside it. */
function clientSources(
  identity: Identity,
  sending: () => ReturnType<typeof identityOptions>,
  env: NodeJS.ProcessEnv,
): (CredentialSource | SkippedSource)[] {
  const sources: (CredentialSource | SkippedSource)[] = [];
  const tokenFile = env['AZURE_FEDERATED_TOKEN_FILE'];
  const secret = env['AZURE_CLIENT_SECRET'] || env['AZURE_CLIENT_CERTIFICATE_PATH'] || env['AZURE_PASSWORD'];
  const tenantId = env['AZURE_TENANT_ID'];
  const clientId = env['AZURE_CLIENT_ID'];
  if (secret) {
    const name = 'service principal (EnvironmentCredential)';
    const missing = missingOf(env, ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID']);
    sources.push(
      missing.length > 0
        ? { name, skipped: notSet(missing) }
        : { name, create: () => new identity.EnvironmentCredential(sending()) },
    );
  } else if (clientId && tenantId && !tokenFile) {
    const skipped = notSet(['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH'], 'or');
    sources.push({ name: 'service principal (EnvironmentCredential)', skipped });
  }
  if (tokenFile) {
    const name = 'workload identity (AZURE_FEDERATED_TOKEN_FILE)';
    sources.push(
      tenantId && clientId
        ? {
            name,
            create: () =>
              new identity.WorkloadIdentityCredential({ ...sending(), tenantId, clientId, tokenFilePath: tokenFile }),
          }
        : { name, skipped: notSet(missingOf(env, ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID'])) },
    );
  }
  return sources;
}

/** Only where a variable tells of one: asking the network takes seconds where there is none. */
function managedIdentity(identity: Identity, env: NodeJS.ProcessEnv): CredentialSource[] {
  const variable = ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT', 'AZURE_POD_IDENTITY_AUTHORITY_HOST'].find((name) => env[name]);
  if (variable === undefined) {
    return [];
  }
  const clientId = env['AZURE_CLIENT_ID'];
  return [
    {
      name: `managed identity (${variable})`,
      create: () => new identity.ManagedIdentityCredential(clientId ? { clientId } : {}),
    },
  ];
}

/** A way that needs several variables: there with all of them, told as skipped with some, not told with none. */
function sourceOf(
  env: NodeJS.ProcessEnv,
  name: string,
  variables: readonly string[],
  create: (...values: string[]) => TokenCredential,
): (CredentialSource | SkippedSource)[] {
  const missing = missingOf(env, variables);
  if (missing.length === variables.length) {
    return [];
  }
  return missing.length > 0
    ? [{ name, skipped: notSet(missing) }]
    : [{ name, create: () => create(...variables.map((variable) => env[variable] ?? '')) }];
}

function missingOf(env: NodeJS.ProcessEnv, variables: readonly string[]): string[] {
  return variables.filter((variable) => !env[variable]);
}

function notSet(variables: readonly string[], conjunction: 'and' | 'or' = 'and'): string {
  const verb = variables.length > 1 && conjunction === 'and' ? 'are' : 'is';
  return conjunction === 'or'
    ? `neither ${variables.join(' nor ')} is set.`
    : `${variables.join(` ${conjunction} `)} ${verb} not set.`;
}

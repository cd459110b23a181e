import { AzuremlError, isAzuremlError } from '@azureml-ts/common';
import type { AzureClient } from '../azure/azure-client.ts';
import { asJsonObject } from '../azure/json-object.ts';
import { type WorkspaceIdentity, workspaceArmId } from './arm-id.ts';
import { httpsAddress } from './management-endpoint.ts';

/** How long addresses are used before they are asked for again: a region may move. */
export const SERVICES_MAX_AGE_MS = 3_600_000;

/** Variables that name the classic service, the first one that is set wins. */
const OVERRIDES = ['AZUREML_DEV_URL_MMS', 'AZUREML_DEV_URL_ASSETS'] as const;
const MODEL_MANAGEMENT = 'modelmanagement';

/** Addresses of the services behind a workspace. */
export interface WorkspaceServices {
  /** Classic web services of the workspace: `https://<host>/modelmanagement/v1.0/subscriptions/.../workspaces/<name>`. */
  readonly modelManagement: string;
  /** Addresses by the name of the service, as the discovery tells them; none when a variable names the classic service. */
  readonly addresses: Readonly<Record<string, string>>;
}

/**
 * Asks where the services of a workspace are; the host of the classic service may get the workspace's token from then on.
 *
 * Source: `get_service_url` of azureml-core, which keeps the addresses in a file for ever.
 *
 * @param azure Sends the request, without a token.
 * @param identity Which workspace.
 * @param discoveryUrl Reads the address to ask at; not called when a variable names the classic service.
 * @param abortSignal Ends the request.
 * @param env Environment variables.
 * @throws `CLASSIC_PLANE_MISSING` when the workspace has no classic services.
 */
export async function findServices(
  azure: AzureClient,
  identity: WorkspaceIdentity,
  discoveryUrl: () => Promise<string | undefined>,
  abortSignal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<WorkspaceServices> {
  const variable = OVERRIDES.find((name) => env[name]);
  if (variable !== undefined) {
    return trusted(azure, identity, httpsAddress(variable, env[variable]), {});
  }
  const url = await discoveryUrl();
  if (url === undefined || url === '') {
    throw classicPlaneMissing(identity, 'its properties name no discoveryUrl');
  }
  const addresses = await askAt(azure, identity, discoveryAddress(url, identity), abortSignal);
  const host = addresses[MODEL_MANAGEMENT];
  if (host === undefined) {
    throw classicPlaneMissing(identity, `the services told at ${new URL(url).host} hold no "${MODEL_MANAGEMENT}"`);
  }
  return trusted(azure, identity, address(host, `"${MODEL_MANAGEMENT}" in the discovery`, identity), addresses);
}

async function askAt(
  azure: AzureClient,
  identity: WorkspaceIdentity,
  url: string,
  abortSignal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const what = `Asking for the services of the workspace ${identity.workspaceName}`;
  try {
    const { json } = await azure.send({
      method: 'GET',
      url,
      isAnonymous: true,
      abortSignal,
      timeoutMs: Number.POSITIVE_INFINITY,
      what,
    });
    const entries = Object.entries(asJsonObject(json, `${what}: the answer`));
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch (error) {
    if (isAzuremlError(error, 'NOT_FOUND')) {
      throw classicPlaneMissing(identity, `${new URL(url).host} knows no services of it`, error);
    }
    throw error;
  }
}

function trusted(
  azure: AzureClient,
  identity: WorkspaceIdentity,
  host: string,
  addresses: Readonly<Record<string, string>>,
): WorkspaceServices {
  azure.trust(host);
  return Object.freeze({
    modelManagement: `${host}/modelmanagement/v1.0${workspaceArmId(identity)}`,
    addresses: Object.freeze(addresses),
  });
}

/** The discovery holds an id of the workspace in its query; only the token is kept from hosts without https. */
function discoveryAddress(url: string, identity: WorkspaceIdentity): string {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
    throw invalidAddress('discoveryUrl', url, identity);
  }
  return url;
}

function address(url: string, what: string, identity: WorkspaceIdentity): string {
  try {
    return httpsAddress(what, url);
  } catch {
    throw invalidAddress(what, url, identity);
  }
}

function invalidAddress(what: string, url: string, { workspaceName }: WorkspaceIdentity): AzuremlError {
  return new AzuremlError(
    'INVALID_ANSWER',
    `The answer for the workspace ${workspaceName} is no use: ${what} is "${url}", which is not an https address. ` +
      'Check for a proxy that changes answers.',
  );
}

function classicPlaneMissing({ workspaceName }: WorkspaceIdentity, fact: string, cause?: unknown): AzuremlError {
  return new AzuremlError(
    'CLASSIC_PLANE_MISSING',
    `The workspace ${workspaceName} has no classic web services (AKS, ACI): ${fact}. ` +
      'Use online endpoints, or check the workspace in the studio.',
    { cause, details: { workspaceName } },
  );
}

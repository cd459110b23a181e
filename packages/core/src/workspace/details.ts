import type { AzureClient } from '../azure/azure-client.ts';
import { asJsonObject, isJsonObject, textAt, valueAt } from '../azure/json-object.ts';
import { invalidAnswer } from '../azure/request-failure.ts';
import { type WorkspaceIdentity, workspaceArmId } from './arm-id.ts';

const API_VERSION = '2024-04-01';

/** What Azure knows of a workspace. A field that the answer did not have is `undefined`. */
export interface WorkspaceDetails {
  /** Id in Azure Resource Manager, as Azure writes it. */
  readonly id: string;
  /** Name, as Azure writes it. */
  readonly name: string;
  /** Region, for example `westus`. */
  readonly location: string | undefined;
  /** Id of the workspace itself, a GUID; part of the paths of collected data. */
  readonly workspaceId: string | undefined;
  /** Id of the Microsoft Entra tenant. */
  readonly tenantId: string | undefined;
  /** Name for people. */
  readonly friendlyName: string | undefined;
  /** Free text. */
  readonly description: string | undefined;
  /** Where the addresses of the workspace's services are told; see {@link Workspace.discover}. */
  readonly discoveryUrl: string | undefined;
  /** ARM id of the storage account. */
  readonly storageAccount: string | undefined;
  /** ARM id of the Application Insights resource. */
  readonly applicationInsights: string | undefined;
  /** ARM id of the key vault. */
  readonly keyVault: string | undefined;
  /** ARM id of the container registry; a workspace gets one with its first image. */
  readonly containerRegistry: string | undefined;
  /** Where MLflow tracks runs. */
  readonly mlFlowTrackingUri: string | undefined;
  /** `Enabled` or `Disabled`: whether the workspace can be reached from outside its network. */
  readonly publicNetworkAccess: string | undefined;
  /** `Succeeded` when nothing is going on. */
  readonly provisioningState: string | undefined;
  /** Whether Azure collects less about it, because of high business impact. */
  readonly hbiWorkspace: boolean | undefined;
  /** Whether the workspace keeps to the old way of running jobs. */
  readonly v1LegacyMode: boolean | undefined;
  /** Tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** The whole answer, with the fields that are not named here. */
  readonly resource: Readonly<Record<string, unknown>>;
}

/**
 * Reads a workspace, by a request of its own: the named client leaves out what it does not know.
 *
 * @param azure Sends the request.
 * @param identity Which workspace.
 * @param abortSignal Ends the request.
 */
export async function readDetails(
  azure: AzureClient,
  identity: WorkspaceIdentity,
  abortSignal: AbortSignal,
): Promise<WorkspaceDetails> {
  const { subscriptionId, resourceGroup, workspaceName } = identity;
  const where = `${workspaceName} (resource group ${resourceGroup}, subscription ${subscriptionId}) at ${azure.endpoint}`;
  const { json } = await azure.send({
    method: 'GET',
    url: workspaceArmId(identity),
    query: { 'api-version': API_VERSION },
    what: `Reading the workspace ${where}`,
    abortSignal,
    // Each caller has a limit of its own.
    timeoutMs: Number.POSITIVE_INFINITY,
    notFound: {
      code: 'WORKSPACE_NOT_FOUND',
      hint:
        'Check the three names, and that the account signs in to the tenant of that subscription (az account show); ' +
        'for another cloud set `cloud` or AZUREML_CURRENT_CLOUD.',
    },
  });
  const resource = asJsonObject(json, `The answer for the workspace ${where}`);
  if (!isJsonObject(resource['properties'])) {
    throw invalidAnswer(`Reading the workspace ${where}`, 'that lacks properties');
  }
  return toDetails(resource, identity);
}

function toDetails(resource: Record<string, unknown>, identity: WorkspaceIdentity): WorkspaceDetails {
  const property = (name: string) => textAt(resource, 'properties', name);
  const flag = (name: string) => {
    const value = valueAt(resource, 'properties', name);
    return typeof value === 'boolean' ? value : undefined;
  };
  return Object.freeze({
    id: textAt(resource, 'id') ?? workspaceArmId(identity),
    name: textAt(resource, 'name') ?? identity.workspaceName,
    location: textAt(resource, 'location'),
    workspaceId: property('workspaceId'),
    tenantId: property('tenantId') ?? textAt(resource, 'identity', 'tenantId'),
    friendlyName: property('friendlyName'),
    description: property('description'),
    discoveryUrl: property('discoveryUrl'),
    storageAccount: property('storageAccount'),
    applicationInsights: property('applicationInsights'),
    keyVault: property('keyVault'),
    containerRegistry: property('containerRegistry'),
    mlFlowTrackingUri: property('mlFlowTrackingUri'),
    publicNetworkAccess: property('publicNetworkAccess'),
    provisioningState: property('provisioningState'),
    hbiWorkspace: flag('hbiWorkspace'),
    v1LegacyMode: flag('v1LegacyMode'),
    tags: Object.freeze(tagsOf(resource['tags'])),
    resource,
  });
}

function tagsOf(tags: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(isJsonObject(tags) ? tags : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

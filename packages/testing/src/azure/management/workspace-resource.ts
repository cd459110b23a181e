import type { AzureResource } from '../stand-in-types.ts';
import type { World } from '../world.ts';

const WORKSPACE_GUID = '99999999-8888-7777-6666-555555555555';
const TENANT = '77777777-6666-5555-4444-333333333333';
/** When everything was made that was there from the start. @internal */
export const LONG_AGO = '2024-05-01T09:30:00.1234567Z';

/** Who changed a resource, and when. @internal */
export function systemData(createdAt: string = new Date().toISOString()): AzureResource {
  const user = 'somebody@example.com';
  return {
    createdAt,
    createdBy: user,
    createdByType: 'User',
    lastModifiedAt: createdAt,
    lastModifiedBy: user,
    lastModifiedByType: 'User',
  };
}

/** Where the discovery document is. @internal */
export function discoveryPath(): string {
  return `/discovery/workspaces/${WORKSPACE_GUID}`;
}

/** The workspace as GET answers it before anybody changes it. @internal */
export function defaultWorkspace(world: World): AzureResource {
  const { subscriptionId, resourceGroup, workspaceName, location } = world.names;
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers`;
  return {
    id: world.workspaceId,
    name: workspaceName,
    type: 'Microsoft.MachineLearningServices/workspaces',
    location,
    tags: {},
    identity: {
      type: 'SystemAssigned',
      principalId: '88888888-1111-1111-1111-111111111111',
      tenantId: TENANT,
    },
    sku: { name: 'Basic', tier: 'Basic' },
    properties: {
      friendlyName: workspaceName,
      description: '',
      storageAccount: `${group}/Microsoft.Storage/storageAccounts/ws1storage0001`,
      keyVault: `${group}/Microsoft.Keyvault/vaults/ws1vault0001`,
      applicationInsights: `${group}/Microsoft.insights/components/ws1insights0001`,
      containerRegistry: `${group}/Microsoft.ContainerRegistry/registries/ws1registry0001`,
      hbiWorkspace: false,
      provisioningState: 'Succeeded',
      workspaceId: WORKSPACE_GUID,
      tenantId: TENANT,
      discoveryUrl: `${world.addresses.workspace}${discoveryPath()}`,
      mlFlowTrackingUri: `azureml://${world.names.location}.api.azureml.ms/mlflow/v1.0${world.workspaceId}`,
      publicNetworkAccess: 'Enabled',
      allowPublicAccessWhenBehindVnet: false,
      privateLinkCount: 0,
      storageHnsEnabled: false,
      v1LegacyMode: false,
    },
    systemData: systemData(LONG_AGO),
  };
}

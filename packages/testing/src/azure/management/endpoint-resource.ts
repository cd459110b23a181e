import type { AzureResource } from '../stand-in-types.ts';
import type { World } from '../world.ts';
import { LONG_AGO, systemData } from './workspace-resource.ts';

/** Provisioning identity of everything here. */
const TENANT = '77777777-6666-5555-4444-333333333333';

/** What the service alone says about an endpoint. @internal */
export function endpointIdentity(world: World, name: string): AzureResource {
  return {
    id: `${world.workspaceId}/onlineEndpoints/${name}`,
    name,
    type: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints',
  };
}

/** The addresses of an endpoint. @internal */
export function endpointUris(world: World, name: string): AzureResource {
  const base = world.addresses.onlineEndpoint(name);
  return { scoringUri: `${base}/score`, swaggerUri: `${base}/swagger.json` };
}

/** What the service fills in where a PUT of an endpoint says nothing. @internal */
export function endpointProperties(): AzureResource {
  return { authMode: 'Key', description: null, properties: {}, traffic: {}, publicNetworkAccess: 'Enabled' };
}

/** An endpoint as GET answers it. @internal */
export function defaultEndpoint(world: World, name: string): AzureResource {
  return {
    ...endpointIdentity(world, name),
    location: world.names.location,
    tags: {},
    kind: 'Managed',
    identity: filledIdentity({ type: 'SystemAssigned' }),
    properties: { ...endpointProperties(), ...endpointUris(world, name), provisioningState: 'Succeeded' },
    systemData: systemData(LONG_AGO),
  };
}

/** What the service alone says about a deployment. @internal */
export function deploymentIdentity(world: World, endpointName: string, name: string): AzureResource {
  return {
    id: `${world.workspaceId}/onlineEndpoints/${endpointName}/deployments/${name}`,
    name,
    type: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments',
  };
}

/** What the service fills in where a PUT of a deployment says nothing. @internal */
export function deploymentProperties(computeType: string): AzureResource {
  const probe = { failureThreshold: 30, successThreshold: 1, timeout: 'PT2S', period: 'PT10S', initialDelay: 'PT10S' };
  return {
    appInsightsEnabled: false,
    environmentVariables: {},
    properties: {},
    requestSettings: { maxConcurrentRequestsPerInstance: 1, maxQueueWait: 'PT0.5S', requestTimeout: 'PT5S' },
    scaleSettings:
      computeType === 'Kubernetes'
        ? {
            scaleType: 'TargetUtilization',
            minInstances: 1,
            maxInstances: 1,
            pollingInterval: 'PT1S',
            targetUtilizationPercentage: 70,
          }
        : { scaleType: 'Default' },
    livenessProbe: probe,
    readinessProbe: { ...probe },
    ...(computeType === 'Kubernetes' ? {} : { egressPublicNetworkAccess: 'Enabled' }),
  };
}

/** A deployment as GET answers it. @internal */
export function defaultDeployment(
  world: World,
  endpointName: string,
  name: string,
  computeType: string,
): AzureResource {
  const isManaged = computeType !== 'Kubernetes';
  return {
    ...deploymentIdentity(world, endpointName, name),
    location: world.names.location,
    tags: {},
    kind: computeType,
    sku: { name: 'Default', capacity: 1 },
    properties: {
      ...deploymentProperties(computeType),
      endpointComputeType: computeType,
      ...(isManaged
        ? { instanceType: 'Standard_DS3_v2' }
        : {
            instanceType: 'defaultInstanceType',
            containerResourceRequirements: {
              containerResourceRequests: { cpu: '100m', memory: '500Mi' },
              containerResourceLimits: { cpu: '200m', memory: '1Gi' },
            },
          }),
      model: `${world.workspaceId}/models/best_model/versions/10`,
      environmentId: `${world.workspaceId}/environments/myenv/versions/3`,
      codeConfiguration: {
        codeId: `${world.workspaceId}/codes/11111111-0000-0000-0000-000000000001/versions/1`,
        scoringScript: 'score.py',
      },
      provisioningState: 'Succeeded',
    },
    systemData: systemData(LONG_AGO),
  };
}

/** An identity with what the service adds to it. @internal */
export function filledIdentity(sent: AzureResource): AzureResource {
  const users = Object.keys((sent['userAssignedIdentities'] as AzureResource | undefined) ?? {});
  const isSystem = String(sent['type'] ?? '').includes('SystemAssigned');
  return {
    ...sent,
    ...(isSystem ? { principalId: '88888888-2222-2222-2222-222222222222', tenantId: TENANT } : {}),
    ...(users.length === 0
      ? {}
      : {
          userAssignedIdentities: Object.fromEntries(
            users.map((id) => [
              id,
              {
                principalId: '88888888-3333-3333-3333-333333333333',
                clientId: '88888888-4444-4444-4444-444444444444',
              },
            ]),
          ),
        }),
  };
}

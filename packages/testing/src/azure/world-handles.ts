import { ValidationError } from '@azureml-ts/common';
import { addServiceState } from './classic/services.ts';
import { mergeOver, textIn } from './json.ts';
import { addAssetState } from './management/assets.ts';
import { addDatastoreState } from './management/datastores.ts';
import { defaultDeployment, defaultEndpoint } from './management/endpoint-resource.ts';
import { addEndpointState } from './management/endpoints.ts';
import type { AzureResource, AzureStandIn, OnlineDeploymentState } from './stand-in-types.ts';
import type { World } from './world.ts';

type Handles = Pick<
  AzureStandIn,
  | 'subscriptionId'
  | 'resourceGroup'
  | 'workspaceName'
  | 'credential'
  | 'tokenRequests'
  | 'addEndpoint'
  | 'addDeployment'
  | 'addService'
  | 'addDatastore'
  | 'addAsset'
  | 'assets'
  | 'endpoint'
  | 'deployment'
  | 'service'
  | 'datastore'
  | 'planOperations'
  | 'secrets'
>;

/** What a test sees and changes of the world. @internal */
export function worldHandles(world: World): Handles {
  const { subscriptionId, resourceGroup, workspaceName } = world.names;
  return {
    subscriptionId,
    resourceGroup,
    workspaceName,
    credential: { getToken: async (scopes) => world.tokens.getToken(scopes) },
    tokenRequests: world.tokens.requests,
    addEndpoint: (name, resource) => addEndpointState(world, name, mergeOver(defaultEndpoint(world, name), resource)),
    addDeployment: (endpointName, name, resource) => addDeployment(world, endpointName, name, resource),
    addService: (name, resource) => addServiceState(world, name, resource),
    addDatastore: (name, resource) => addDatastoreState(world, name, resource),
    addAsset: (kind, name, version, resource) => addAssetState(world, kind, name, version, resource),
    assets: (kind) => [...world.assets.values()].filter((asset) => asset.kind === kind),
    endpoint: (name) => world.endpoints.get(name),
    deployment: (endpointName, name) => world.endpoints.get(endpointName)?.deployments.get(name),
    service: (name) => world.services.get(name),
    datastore: (name) => world.datastores.get(name),
    planOperations: (...plans) => world.operations.plan(plans),
    secrets: () => {
      for (const { keys } of [...world.endpoints.values(), ...world.services.values()]) {
        world.secrets.add(...Object.values(keys));
      }
      for (const { secrets } of world.datastores.values()) {
        world.secrets.add(secrets?.['key'], secrets?.['sasToken']);
      }
      return world.secrets.all();
    },
  };
}

function addDeployment(
  world: World,
  endpointName: string,
  name: string,
  resource: AzureResource | undefined,
): OnlineDeploymentState {
  const endpoint = world.endpoints.get(endpointName);
  if (endpoint === undefined) {
    throw new ValidationError({
      path: 'endpointName',
      expected: 'the name of an endpoint that was added',
      received: endpointName,
    });
  }
  const computeType = textIn(resource?.['properties'], 'endpointComputeType') ?? 'Managed';
  const deployment: OnlineDeploymentState = {
    name,
    resource: mergeOver(defaultDeployment(world, endpointName, name, computeType), resource),
    logs: { InferenceServer: [], StorageInitializer: [] },
  };
  endpoint.deployments.set(name, deployment);
  return deployment;
}

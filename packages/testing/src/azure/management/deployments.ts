import { isRecord } from '../../telemetry/json-record.ts';
import { type Answer, type AzureRequest, managementError } from '../answer.ts';
import { recordIn, textIn } from '../json.ts';
import type { AzureOperationPlan, AzureResource, OnlineDeploymentState } from '../stand-in-types.ts';
import type { MutableEndpoint, World } from '../world.ts';
import {
  computeTypeFault,
  immutableFault,
  nameFault,
  patchFault,
  propertyEntriesFault,
  resourceFault,
} from './checks.ts';
import { deploymentIdentity, deploymentProperties, filledIdentity } from './endpoint-resource.ts';
import { busyFault, operationHeaders, startProvisioning } from './long-running.ts';
import { forVersion } from './versions.ts';
import { systemData } from './workspace-resource.ts';

/** GET, PUT, PATCH and DELETE of a deployment. @internal */
export function answerDeployment(world: World, request: AzureRequest, endpoint: MutableEndpoint, name: string): Answer {
  const deployment = endpoint.deployments.get(name);
  if (request.method === 'PUT') {
    return putDeployment(world, request, endpoint, name, deployment);
  }
  if (deployment === undefined) {
    return request.method === 'DELETE' ? { status: 204 } : deploymentNotFound(world, endpoint, name);
  }
  switch (request.method) {
    case 'GET':
      world.operations.runningOn(deployment)?.read();
      return endpoint.deployments.has(name)
        ? { status: 200, body: forVersion(request, deployment.resource) }
        : deploymentNotFound(world, endpoint, name);
    case 'PATCH':
      return patchDeployment(world, request, endpoint, deployment);
    default:
      return deleteDeployment(world, request, endpoint, deployment);
  }
}

/** @internal */
export function deploymentNotFound(world: World, endpoint: MutableEndpoint, name: string): Answer {
  const { workspaceName, resourceGroup } = world.names;
  return managementError(
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.MachineLearningServices/workspaces/${workspaceName}/onlineEndpoints/${endpoint.name}/` +
      `deployments/${name}' under resource group '${resourceGroup}' was not found.`,
  );
}

function putDeployment(
  world: World,
  request: AzureRequest,
  endpoint: MutableEndpoint,
  name: string,
  old: OnlineDeploymentState | undefined,
): Answer {
  const sent = request.body as AzureResource;
  const fault =
    nameFault('deployment', name) ??
    resourceFault(sent) ??
    computeTypeFault(recordIn(sent, 'properties')) ??
    busyFault(world, old, what(endpoint, name)) ??
    deletingFault(endpoint) ??
    (old && immutableFault(recordIn(sent, 'properties'), old)) ??
    propertyEntriesFault(recordIn(sent, 'properties'), old && recordIn(old.resource, 'properties'));
  if (fault !== undefined) {
    return fault;
  }
  const properties = structuredClone(recordIn(sent, 'properties'));
  // The service switches data collection off where a PUT says nothing of it.
  if (properties['dataCollector'] === null) {
    delete properties['dataCollector'];
  }
  const resource: AzureResource = {
    ...structuredClone(sent),
    ...deploymentIdentity(world, endpoint.name, name),
    tags: sent['tags'] ?? {},
    sku: sent['sku'] ?? { name: 'Default', capacity: 1 },
    properties: { ...deploymentProperties(textIn(properties, 'endpointComputeType') ?? ''), ...properties },
    systemData: systemData(textIn(old?.resource['systemData'], 'createdAt')),
  };
  if (isRecord(sent['identity'])) {
    resource['identity'] = filledIdentity(sent['identity']);
  }
  const deployment = old ?? { name, resource, logs: { InferenceServer: [], StorageInitializer: [] } };
  deployment.resource = resource;
  endpoint.deployments.set(name, deployment);
  const operation = startProvisioning(
    world,
    deployment,
    old === undefined ? 'Creating' : 'Updating',
    undefined,
    (plan) => takeLogs(deployment, plan),
  );
  return {
    status: old === undefined ? 201 : 200,
    headers: operationHeaders(world, request, operation, ['azure-asyncoperation']),
    body: forVersion(request, resource),
  };
}

function takeLogs(deployment: OnlineDeploymentState, plan: AzureOperationPlan): void {
  for (const [container, lines] of Object.entries(plan.logs ?? {})) {
    deployment.logs[container] = [...lines];
  }
}

function patchDeployment(
  world: World,
  request: AzureRequest,
  endpoint: MutableEndpoint,
  deployment: OnlineDeploymentState,
): Answer {
  const fault =
    patchFault(request.body, ['tags', 'sku']) ?? busyFault(world, deployment, what(endpoint, deployment.name));
  if (fault !== undefined) {
    return fault;
  }
  const { tags, sku } = request.body as AzureResource;
  if (tags !== undefined) {
    deployment.resource['tags'] = tags;
  }
  if (isRecord(sku)) {
    deployment.resource['sku'] = { ...recordIn(deployment.resource, 'sku'), ...sku };
  }
  const operation = startProvisioning(world, deployment, isRecord(sku) ? 'Scaling' : 'Updating', undefined, (plan) =>
    takeLogs(deployment, plan),
  );
  operation.result = () => forVersion(request, deployment.resource);
  return { status: 202, headers: operationHeaders(world, request, operation, ['location']) };
}

function deleteDeployment(
  world: World,
  request: AzureRequest,
  endpoint: MutableEndpoint,
  deployment: OnlineDeploymentState,
): Answer {
  const fault = busyFault(world, deployment, what(endpoint, deployment.name)) ?? deletingFault(endpoint);
  if (fault !== undefined) {
    return fault;
  }
  const operation = startProvisioning(world, deployment, 'Deleting', () => {
    endpoint.deployments.delete(deployment.name);
    for (const field of ['traffic', 'mirrorTraffic']) {
      const shares = recordIn(endpoint.resource, 'properties')[field];
      if (isRecord(shares)) {
        delete shares[deployment.name];
      }
    }
  });
  return { status: 202, headers: operationHeaders(world, request, operation, ['location']) };
}

function deletingFault(endpoint: MutableEndpoint): Answer | undefined {
  return recordIn(endpoint.resource, 'properties')['provisioningState'] === 'Deleting'
    ? managementError(409, 'Conflict', `The endpoint '${endpoint.name}' is being deleted.`)
    : undefined;
}

function what(endpoint: MutableEndpoint, name: string): string {
  return `deployment '${name}' of endpoint '${endpoint.name}'`;
}

/** POST getLogs. @internal */
export function answerLogs(request: AzureRequest, deployment: OnlineDeploymentState): Answer {
  const body = isRecord(request.body) ? request.body : {};
  const container = body['containerType'] ?? 'InferenceServer';
  if (container !== 'InferenceServer' && container !== 'StorageInitializer') {
    return managementError(400, 'BadArgument', `The container type '${container}' is not known.`, {
      target: 'containerType',
    });
  }
  const lines = deployment.logs[container] ?? [];
  return { status: 200, body: { content: tailOf(lines, body['tail']) } };
}

/** The last lines of a log as one text; all of them when no number is given. @internal */
export function tailOf(lines: readonly string[], tail: unknown): string {
  const count = typeof tail === 'number' ? Math.max(0, tail) : lines.length;
  return (count === 0 ? [] : lines.slice(-count)).map((line) => `${line}\n`).join('');
}

/** GET skus. @internal */
export function answerSkus(): Answer {
  const sku = {
    resourceType: 'Microsoft.MachineLearning.Services/endpoints/deployments',
    sku: { name: 'Default', tier: 'Standard' },
    capacity: { minimum: 1, maximum: 10, default: 1, scaleType: 'Manual' },
  };
  return { status: 200, body: { value: [sku] } };
}

import { isRecord } from '../../telemetry/json-record.ts';
import { type Answer, type AzureRequest, managementError } from '../answer.ts';
import { mergeOver, recordIn, textIn } from '../json.ts';
import { countIn, hasEntries, nextLink, pageOf } from '../paging.ts';
import { echoScore } from '../score-default.ts';
import type { AzureResource } from '../stand-in-types.ts';
import type { MutableEndpoint, World } from '../world.ts';
import { authModeFault, nameFault, patchFault, propertyEntriesFault, resourceFault, trafficFault } from './checks.ts';
import { endpointIdentity, endpointProperties, endpointUris, filledIdentity } from './endpoint-resource.ts';
import { busyFault, operationHeaders, startProvisioning } from './long-running.ts';
import { forVersion } from './versions.ts';
import { systemData } from './workspace-resource.ts';

/** GET of the list of endpoints. @internal */
export function listEndpoints(world: World, request: AzureRequest): Answer {
  const { searchParams } = request.url;
  const name = searchParams.get('name');
  const computeType = searchParams.get('computeType');
  const all = [...world.endpoints.values()].filter(
    ({ resource, name: own }) =>
      (name === null || own === name) &&
      (computeType === null || String(resource['kind'] ?? '').toLowerCase() === computeType.toLowerCase()) &&
      hasEntries(resource['tags'], searchParams.get('tags')) &&
      hasEntries(recordIn(resource, 'properties')['properties'], searchParams.get('properties')),
  );
  return listAnswer(world, request, all, countIn(request.url, 'count'));
}

/** A page of endpoints, deployments or datastores. @internal */
export function listAnswer(
  world: World,
  request: AzureRequest,
  all: readonly { readonly resource: AzureResource }[],
  asked: number | undefined,
): Answer {
  const { page, next } = pageOf(all, asked ?? world.pageSize, request.url.searchParams.get('$skipToken'));
  return {
    status: 200,
    body: {
      value: page.map(({ resource }) => forVersion(request, resource)),
      ...(next === undefined ? {} : { nextLink: nextLink(request.url, next) }),
    },
  };
}

/** GET, PUT, PATCH and DELETE of an endpoint. @internal */
export function answerEndpoint(world: World, request: AzureRequest, name: string): Answer {
  const endpoint = world.endpoints.get(name);
  if (request.method === 'PUT') {
    return putEndpoint(world, request, name, endpoint);
  }
  if (endpoint === undefined) {
    return request.method === 'DELETE' ? { status: 204 } : endpointNotFound(world, name);
  }
  switch (request.method) {
    case 'GET':
      world.operations.runningOn(endpoint)?.read();
      return world.endpoints.has(name)
        ? { status: 200, body: forVersion(request, endpoint.resource) }
        : endpointNotFound(world, name);
    case 'PATCH':
      return patchEndpoint(world, request, endpoint);
    default:
      return deleteEndpoint(world, request, endpoint);
  }
}

/** @internal */
export function endpointNotFound(world: World, name: string): Answer {
  return managementError(
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.MachineLearningServices/workspaces/${world.names.workspaceName}/onlineEndpoints/${name}' ` +
      `under resource group '${world.names.resourceGroup}' was not found.`,
  );
}

function putEndpoint(world: World, request: AzureRequest, name: string, old: MutableEndpoint | undefined): Answer {
  const sent = request.body as AzureResource;
  const fault =
    nameFault('endpoint', name) ??
    resourceFault(sent) ??
    authModeFault(recordIn(sent, 'properties')) ??
    busyFault(world, old, `endpoint '${name}'`) ??
    trafficFault(recordIn(sent, 'properties'), old) ??
    propertyEntriesFault(recordIn(sent, 'properties'), old && recordIn(old.resource, 'properties'));
  if (fault !== undefined) {
    return fault;
  }
  const { keys: sentKeys, ...properties } = recordIn(sent, 'properties');
  const resource: AzureResource = {
    ...structuredClone(sent),
    ...endpointIdentity(world, name),
    tags: sent['tags'] ?? {},
    properties: {
      ...mergeOver(endpointProperties(), { ...properties, description: properties['description'] }),
      ...endpointUris(world, name),
    },
    systemData: systemData(textIn(old?.resource['systemData'], 'createdAt')),
  };
  if (isRecord(sent['identity'])) {
    resource['identity'] = filledIdentity(sent['identity']);
  }
  const endpoint = old ?? addEndpointState(world, name, resource);
  endpoint.resource = resource;
  if (old === undefined && isRecord(sentKeys)) {
    endpoint.keys = { ...endpoint.keys, ...(sentKeys as Partial<MutableEndpoint['keys']>) };
    world.secrets.add(...Object.values(sentKeys));
  }
  const operation = startProvisioning(world, endpoint, old === undefined ? 'Creating' : 'Updating');
  return {
    status: old === undefined ? 201 : 200,
    headers: operationHeaders(world, request, operation, ['azure-asyncoperation']),
    body: forVersion(request, resource),
  };
}

/** Adds an endpoint with fresh keys. @internal */
export function addEndpointState(world: World, name: string, resource: AzureResource): MutableEndpoint {
  const endpoint: MutableEndpoint = { name, resource, deployments: new Map(), keys: world.newKeys(), score: echoScore };
  world.endpoints.set(name, endpoint);
  return endpoint;
}

function patchEndpoint(world: World, request: AzureRequest, endpoint: MutableEndpoint): Answer {
  const fault =
    patchFault(request.body, ['tags', 'identity']) ?? busyFault(world, endpoint, `endpoint '${endpoint.name}'`);
  if (fault !== undefined) {
    return fault;
  }
  const { tags, identity } = request.body as AzureResource;
  if (tags !== undefined) {
    endpoint.resource['tags'] = tags;
  }
  if (isRecord(identity)) {
    endpoint.resource['identity'] = filledIdentity(identity);
  }
  const operation = startProvisioning(world, endpoint, 'Updating');
  operation.result = () => forVersion(request, endpoint.resource);
  return { status: 202, headers: operationHeaders(world, request, operation, ['location']) };
}

function deleteEndpoint(world: World, request: AzureRequest, endpoint: MutableEndpoint): Answer {
  const fault = busyFault(world, endpoint, `endpoint '${endpoint.name}'`);
  if (fault !== undefined) {
    return fault;
  }
  const operation = startProvisioning(world, endpoint, 'Deleting', () => {
    endpoint.deployments.clear();
    world.endpoints.delete(endpoint.name);
  });
  return { status: 202, headers: operationHeaders(world, request, operation, ['location']) };
}

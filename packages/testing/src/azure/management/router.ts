import { type Answer, type AzureRequest, managementError } from '../answer.ts';
import { countIn } from '../paging.ts';
import type { World } from '../world.ts';
import { answerAssets, isAssetKind } from './assets.ts';
import { answerDatastores } from './datastores.ts';
import { answerDeployment, answerLogs, answerSkus, deploymentNotFound } from './deployments.ts';
import { answerEndpoint, endpointNotFound, listAnswer, listEndpoints } from './endpoints.ts';
import { answerEndpointSecrets } from './keys.ts';
import { answerStatus } from './long-running.ts';
import { ENDPOINT_VERSIONS, versionOf, WORKSPACE_VERSIONS } from './versions.ts';
import { answerWorkspace, answerWorkspaceKeys } from './workspace.ts';

const STATUS_LINK =
  /^\/subscriptions\/[^/]+\/providers\/Microsoft\.MachineLearningServices\/locations\/[^/]+\/mfeOperation(sStatus|Results)\/([^/]+)$/i;
const WORKSPACE =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.MachineLearningServices\/workspaces\/([^/]+)(\/.*)?$/i;

/** Whether a path is that of a status link. @internal */
export function isStatusLink(path: string): boolean {
  return STATUS_LINK.test(path);
}

/** Answers a request to the management plane that brought a good token. @internal */
export function answerManagement(world: World, request: AzureRequest): Answer {
  const path = request.url.pathname;
  const link = STATUS_LINK.exec(path);
  if (link !== null) {
    const operation = world.operations.get(link[2] ?? '');
    return operation === undefined
      ? managementError(404, 'ResourceNotFound', `There is no operation ${link[2]}.`)
      : answerStatus(operation, link[1]?.toLowerCase() === 'results' ? 'result' : 'status');
  }
  const named = WORKSPACE.exec(path);
  if (named === null) {
    return managementError(404, 'InvalidResourceType', `The resource type of ${path} could not be found.`);
  }
  const parts = (named[4] ?? '').split('/').filter((part) => part !== '');
  return (
    workspaceFault(world, decode(named[1]), decode(named[2]), decode(named[3])) ??
    versionFault(request, parts) ??
    route(world, request, parts.map(decode))
  );
}

function decode(part = ''): string {
  return decodeURIComponent(part);
}

function workspaceFault(world: World, subscription: string, group: string, workspace: string): Answer | undefined {
  const { subscriptionId, resourceGroup, workspaceName } = world.names;
  if (!isSameName(subscription, subscriptionId)) {
    return managementError(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);
  }
  if (!isSameName(group, resourceGroup)) {
    return managementError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
  }
  return isSameName(workspace, workspaceName)
    ? undefined
    : managementError(
        404,
        'ResourceNotFound',
        `The Resource 'Microsoft.MachineLearningServices/workspaces/${workspace}' under resource group '${group}' ` +
          'was not found.',
      );
}

function isSameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function versionFault(request: AzureRequest, parts: readonly string[]): Answer | undefined {
  const version = versionOf(request);
  if (version === undefined) {
    return managementError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  }
  const [kind = ''] = parts;
  const isWorkspace = kind === '' || kind.toLowerCase() === 'listkeys';
  const type = isWorkspace ? 'workspaces' : `workspaces/${kind}`;
  const known = isWorkspace ? WORKSPACE_VERSIONS : ENDPOINT_VERSIONS;
  return known.includes(version)
    ? undefined
    : managementError(
        400,
        'NoRegisteredProviderFound',
        `No registered resource provider found for API version '${version}' for type '${type}'. ` +
          `The supported api-versions are '${known.join(', ')}'.`,
      );
}

function route(world: World, request: AzureRequest, parts: readonly string[]): Answer {
  const { method } = request;
  const [kind, endpointName, sub, deploymentName, action] = parts.map((part, at) =>
    at % 2 === 0 ? part.toLowerCase() : part,
  );
  if (kind === undefined && (method === 'GET' || method === 'PATCH')) {
    return answerWorkspace(world, request);
  }
  if (kind === 'listkeys' && method === 'POST') {
    return answerWorkspaceKeys(world);
  }
  if (kind === 'datastores') {
    return answerDatastores(world, request, parts.slice(1)) ?? notAllowed(request);
  }
  if (isAssetKind(kind)) {
    return answerAssets(world, request, parts) ?? notAllowed(request);
  }
  if (kind !== 'onlineendpoints' || parts.length > 5) {
    return notAllowed(request);
  }
  if (endpointName === undefined) {
    return method === 'GET' ? listEndpoints(world, request) : notAllowed(request);
  }
  if (sub === undefined) {
    return ['GET', 'PUT', 'PATCH', 'DELETE'].includes(method)
      ? answerEndpoint(world, request, endpointName)
      : notAllowed(request);
  }
  const endpoint = world.endpoints.get(endpointName);
  if (endpoint === undefined) {
    return endpointNotFound(world, endpointName);
  }
  if (sub !== 'deployments') {
    return method === 'POST' && ['listkeys', 'regeneratekeys', 'token'].includes(sub)
      ? answerEndpointSecrets(world, request, endpoint, sub)
      : notAllowed(request);
  }
  if (deploymentName === undefined) {
    if (method !== 'GET') {
      return notAllowed(request);
    }
    // Time passes also for those who look at all of them.
    for (const deployment of [...endpoint.deployments.values()]) {
      world.operations.runningOn(deployment)?.read();
    }
    return listAnswer(world, request, [...endpoint.deployments.values()], countIn(request.url, '$top'));
  }
  if (action === undefined) {
    return ['GET', 'PUT', 'PATCH', 'DELETE'].includes(method)
      ? answerDeployment(world, request, endpoint, deploymentName)
      : notAllowed(request);
  }
  const deployment = endpoint.deployments.get(deploymentName);
  if (deployment === undefined) {
    return deploymentNotFound(world, endpoint, deploymentName);
  }
  if (action === 'getlogs' && method === 'POST') {
    return answerLogs(request, deployment);
  }
  return action === 'skus' && method === 'GET' ? answerSkus() : notAllowed(request);
}

function notAllowed({ method, url }: AzureRequest): Answer {
  return managementError(405, 'MethodNotAllowed', `${method} is not possible on ${url.pathname}.`);
}

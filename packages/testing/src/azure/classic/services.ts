import { isRecord } from '../../telemetry/json-record.ts';
import { type Answer, type AzureRequest, classicError } from '../answer.ts';
import { countIn, nextLink, pageOf } from '../paging.ts';
import { echoScore } from '../score-default.ts';
import type { AzureOperationPlan, AzureResource, ClassicServiceState } from '../stand-in-types.ts';
import type { World } from '../world.ts';
import { applyJsonPatch } from './json-patch.ts';
import { inOrder, isListed } from './list-filter.ts';
import { accepted, failure } from './operation-status.ts';
import { classicResource } from './service-resource.ts';

/** @internal */
export function serviceNotFound(name: string): Answer {
  return classicError(404, 'NotFound', `There is no service ${name}.`);
}

/** GET of the list of services. @internal */
export function listServices(world: World, request: AzureRequest): Answer {
  const { searchParams } = request.url;
  const all = inOrder(
    [...world.services.values()].filter(({ resource }) => isListed(resource, searchParams)),
    searchParams.get('orderBy') ?? searchParams.get('orderby'),
  );
  const { page, next } = pageOf(all, countIn(request.url, 'count') ?? world.pageSize, searchParams.get('$skipToken'));
  return {
    status: 200,
    body: {
      value: page.map(({ resource }) => resource),
      ...(next === undefined ? {} : { nextLink: nextLink(request.url, next) }),
    },
  };
}

/** Adds a service with fresh keys. @internal */
export function addServiceState(world: World, name: string, given?: AzureResource): ClassicServiceState {
  const service: ClassicServiceState = {
    name,
    resource: classicResource(world, name, given),
    logs: [],
    initLogs: [],
    keys: world.newKeys(),
    score: echoScore,
  };
  world.services.set(name, service);
  return service;
}

/** POST of a new service. @internal */
export function createService(world: World, request: AzureRequest, base: string): Answer {
  const sent = request.body;
  if (!isRecord(sent) || typeof sent['name'] !== 'string' || typeof sent['computeType'] !== 'string') {
    return classicError(400, 'BadRequest', 'The body must name the service and its computeType.');
  }
  const { name, keys, overwrite, ...given } = sent as AzureResource & { name: string };
  if (world.services.has(name) && overwrite !== true) {
    return classicError(409, 'Conflict', `There is already a service ${name}.`);
  }
  const { environmentImageRequest = null, ...settings } = given;
  const service = addServiceState(world, name, { ...withoutNulls(settings), environmentImageRequest });
  const { scoringUri } = service.resource;
  const now = new Date().toISOString();
  Object.assign(service.resource, { state: 'Transitioning', scoringUri: null, createdTime: now, updatedTime: now });
  if (isRecord(keys)) {
    const given = Object.entries(keys).filter(([, value]) => typeof value === 'string');
    service.keys = { ...service.keys, ...Object.fromEntries(given) };
    world.secrets.add(...given.map(([, value]) => value));
  }
  const operation = world.operations.start(service, (outcome, plan) => {
    Object.assign(
      service.resource,
      outcome === 'Succeeded'
        ? { state: 'Healthy', scoringUri }
        : { state: 'Failed', error: outcome === 'Failed' ? failure(operation) : null },
    );
    takeLogs(service, plan);
  });
  return accepted(world, base, operation);
}

/** What a create request asks for: it has null where the service shall decide. */
function withoutNulls(settings: AzureResource): AzureResource {
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, isRecord(value) ? withoutNulls(value) : value]),
  );
}

/** GET, PATCH and DELETE of a service. @internal */
export function answerService(world: World, request: AzureRequest, base: string, name: string): Answer {
  const service = world.services.get(name);
  if (service === undefined) {
    return request.method === 'DELETE' ? { status: 204 } : serviceNotFound(name);
  }
  switch (request.method) {
    case 'GET':
      world.operations.runningOn(service)?.read();
      return world.services.has(name) ? { status: 200, body: service.resource } : serviceNotFound(name);
    case 'PATCH':
      return patchService(world, request, base, service);
    default:
      return deleteService(world, base, service);
  }
}

function patchService(world: World, request: AzureRequest, base: string, service: ClassicServiceState): Answer {
  const patched = applyJsonPatch(service.resource, request.body);
  if ('fault' in patched) {
    return classicError(400, 'BadRequest', patched.fault);
  }
  service.resource = { ...patched.resource, updatedTime: new Date().toISOString() };
  // A failed update leaves the service running as it was: only a failed creation shows in its state.
  const operation = world.operations.start(service, (_outcome, plan) => takeLogs(service, plan));
  return accepted(world, base, operation);
}

function deleteService(world: World, base: string, service: ClassicServiceState): Answer {
  const remove = () => world.services.delete(service.name);
  if (service.resource['computeType'] === 'ACI') {
    remove();
    return { status: 200 };
  }
  const operation = world.operations.start(service, (outcome) => {
    if (outcome === 'Succeeded') {
      remove();
    }
  });
  return accepted(world, base, operation);
}

/** The lines that a deployment leaves: of the container, and of the one that prepares it. */
function takeLogs(service: ClassicServiceState, plan: AzureOperationPlan): void {
  const { InferenceServer: lines, StorageInitializer: initLines } = plan.logs ?? {};
  service.logs = lines === undefined ? service.logs : [...lines];
  service.initLogs = initLines === undefined ? service.initLogs : [...initLines];
}

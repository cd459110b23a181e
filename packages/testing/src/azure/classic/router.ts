import { isRecord } from '../../telemetry/json-record.ts';
import { type Answer, type AzureRequest, classicError } from '../answer.ts';
import type { World } from '../world.ts';
import { accepted, answerOperation } from './operation-status.ts';
import { answerServiceKeys, answerServiceLogs, answerServiceToken, regenerateServiceKey } from './service-actions.ts';
import { answerService, createService, listServices, serviceNotFound } from './services.ts';
import { answerValidate, answerValidateName, valid } from './validate.ts';

const CLASSIC = /^\/(modelmanagement\/v1\.0|artifact\/v2\.0)(\/subscriptions\/.*?\/workspaces\/[^/]+)\/(.*)$/i;

/** Whether a path is one of the classic service. @internal */
export function isClassic(path: string): boolean {
  return CLASSIC.test(path) || path.startsWith('/blob/');
}

/** Answers a request to the classic service that brought a good token. @internal */
export function answerClassic(world: World, request: AzureRequest): Answer {
  const path = request.url.pathname;
  const [, api = '', workspace = '', rest = ''] = CLASSIC.exec(path) ?? [];
  if (decodeURIComponent(workspace).toLowerCase() !== world.workspaceId.toLowerCase()) {
    return classicError(404, 'NotFound', `There is no workspace ${workspace}.`);
  }
  const parts = rest.split('/').map(decodeURIComponent);
  if (api.toLowerCase().startsWith('artifact')) {
    return answerUpload(world, request, parts);
  }
  return route(world, request, path.slice(0, path.length - rest.length - 1), parts);
}

function route(world: World, request: AzureRequest, base: string, parts: readonly string[]): Answer {
  const { method } = request;
  const [kind, name, action, last] = parts;
  if (kind === 'operations' && name !== undefined && method === 'GET') {
    const operation = world.operations.get(name);
    return operation === undefined
      ? classicError(404, 'NotFound', `There is no operation ${name}.`)
      : answerOperation(operation, request);
  }
  if (kind !== 'services') {
    return classicError(404, 'NotFound', `${request.url.pathname} is not known.`);
  }
  switch (`${method} ${parts.slice(1).length}`) {
    case 'GET 0':
      return listServices(world, request);
    case 'POST 0':
      return createService(world, request, base);
    case 'POST 1':
      return name === 'validate' ? answerValidate(world, request) : migrate(world, request, base, name);
    case 'POST 3':
      return name === 'validate' && action === 'name' ? answerValidateName(world, last ?? '') : unknown(request);
    case 'GET 1':
    case 'PATCH 1':
    case 'DELETE 1':
      return answerService(world, request, base, name ?? '');
    case 'GET 2':
    case 'POST 2':
      return name === 'validate' && action === 'resource'
        ? valid()
        : answerAction(world, request, base, name ?? '', (action ?? '').toLowerCase());
    default:
      return unknown(request);
  }
}

function answerAction(world: World, request: AzureRequest, base: string, name: string, action: string): Answer {
  const service = world.services.get(name);
  if (service === undefined) {
    return serviceNotFound(name);
  }
  switch (`${request.method} ${action}`) {
    case 'GET logs':
      return answerServiceLogs(request, service);
    case 'POST listkeys':
      return answerServiceKeys(world, service);
    case 'POST regeneratekeys':
      return regenerateServiceKey(world, request, base, service);
    case 'POST token':
      return answerServiceToken(world, service);
    default:
      return unknown(request);
  }
}

/** POST migrate: moves a service to another compute. */
function migrate(world: World, request: AzureRequest, base: string, name: string | undefined): Answer {
  const body = isRecord(request.body) ? request.body : {};
  const service = world.services.get(String(body['serviceName'] ?? ''));
  if (name !== 'migrate') {
    return unknown(request);
  }
  if (service === undefined) {
    return serviceNotFound(String(body['serviceName'] ?? ''));
  }
  const operation = world.operations.start(service, (outcome) => {
    if (outcome === 'Succeeded') {
      service.resource['computeName'] = String(body['computeTarget'] ?? '')
        .split('/')
        .at(-1);
    }
  });
  return accepted(world, base, operation);
}

/** Tells where the files of a deployment go. */
function answerUpload(world: World, request: AzureRequest, parts: readonly string[]): Answer {
  const container = parts.at(-1) ?? '';
  const paths = isRecord(request.body) && Array.isArray(request.body['paths']) ? request.body['paths'] : [];
  const files = paths.filter(isRecord).map((entry) => String(entry['path'] ?? ''));
  const about = (path: string) => ({ origin: 'LocalUpload', container, path });
  return {
    status: 200,
    body: {
      artifacts: Object.fromEntries(
        files.map((path) => [path, { artifactId: `LocalUpload/${container}/${path}`, ...about(path) }]),
      ),
      artifactContentInformation: Object.fromEntries(
        files.map((path) => [
          path,
          {
            contentUri: `${world.addresses.workspace}/blob/${container}/${path}?sig=${world.signature()}`,
            ...about(path),
          },
        ]),
      ),
      errors: {},
    },
  };
}

function unknown({ method, url }: AzureRequest): Answer {
  return classicError(404, 'NotFound', `${method} ${url.pathname} is not known.`);
}

import { isRecord } from '../../telemetry/json-record.ts';
import type { Answer, AzureRequest } from '../answer.ts';
import type { World } from '../world.ts';
import { applyJsonPatch } from './json-patch.ts';

/** POST validate: an error is in the body, the status is 200 all the same. @internal */
export function answerValidate(world: World, request: AzureRequest): Answer {
  const body = isRecord(request.body) ? request.body : {};
  const name = String(body['serviceName'] ?? '');
  const service = world.services.get(name);
  switch (body['type']) {
    case 'Update': {
      if (service === undefined) {
        return invalid(`There is no service ${name}.`);
      }
      const patched = applyJsonPatch(service.resource, body['updateRequest']);
      if ('fault' in patched) {
        return invalid(patched.fault);
      }
      const { authEnabled, aadAuthEnabled } = patched.resource;
      return authEnabled === true && aadAuthEnabled === true
        ? invalid('Key and token authentication cannot both be enabled.')
        : valid();
    }
    case 'Create':
      return isRecord(body['createRequest']) ? valid() : invalid('createRequest is missing.');
    case 'Delete':
      return valid();
    default:
      return invalid('type must be Create, Update or Delete.');
  }
}

/** POST validate/name/{name}. @internal */
export function answerValidateName(world: World, name: string): Answer {
  return world.services.has(name) ? invalid(`A service named ${name} already exists.`) : valid();
}

/** An answer that finds nothing wrong. @internal */
export function valid(): Answer {
  return { status: 200, body: {} };
}

function invalid(message: string): Answer {
  return { status: 200, body: { error: { code: 'BadRequest', message } } };
}

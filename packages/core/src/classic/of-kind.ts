import { ValidationError, type WaitOptions } from '@azureml-ts/common';
import { isJsonObject, type JsonObject } from '../azure/json-object.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { textOf } from './attributes.ts';
import { checkOptions, checkServiceName } from './check-options.ts';
import { type ClassicKind, computeTypeOf, kindOf, otherKind } from './compute-type.ts';
import { type ClassicListOptions, listServices } from './list-services.ts';
import { deserializeResource } from './serialize.ts';
import { fetchService, limits } from './service-requests.ts';

/** Reads a service and makes sure that it is of a kind. The Python client gives another kind without a word. */
export async function fetchOfKind(
  workspace: Workspace,
  name: string,
  kind: ClassicKind,
  options: WaitOptions,
): Promise<JsonObject> {
  checkOptions('get', options, kind);
  checkServiceName(name);
  const resource = await fetchService(workspace, name, limits(options));
  const computeType = textOf(resource, 'computeType');
  if (kindOf(computeType) !== kind) {
    throw otherKind(name, kind, computeType);
  }
  return resource;
}

/** Lists the services of a kind. The Python client lists all kinds. */
export async function* listOfKind(
  workspace: Workspace,
  kind: ClassicKind,
  options: ClassicListOptions,
): AsyncGenerator<JsonObject> {
  checkOptions('list', options, kind);
  const computeType = computeTypeOf(kind);
  const given = options.computeType;
  if (computeType !== undefined && given !== undefined && kindOf(given) !== kind) {
    throw new ValidationError({
      path: 'computeType',
      expected: `left out, or ${computeType}, because ${kind} lists no other services`,
      received: given,
    });
  }
  for await (const resource of listServices(workspace, { ...options, computeType: given ?? computeType })) {
    // Asked for above; kept to in any case.
    if (kindOf(textOf(resource, 'computeType')) === kind) {
      yield resource;
    }
  }
}

/** The resource of a kind in what `serialize()` gave. @throws {@link ValidationError} `VALIDATION`. */
export function deserialized(payload: unknown, kind: ClassicKind): JsonObject {
  if (!isJsonObject(payload) || typeof payload['name'] !== 'string') {
    throw new ValidationError({ path: 'payload', expected: 'what serialize() gave', received: payload });
  }
  const computeType = textOf(payload, 'computeType');
  if (kindOf(computeType) !== kind) {
    throw otherKind(payload['name'], kind, computeType);
  }
  return deserializeResource(structuredClone(payload));
}

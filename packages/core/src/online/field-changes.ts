import { type JsonValue, REDACTED, redactSecrets } from '@azureml-ts/common';
import { isJsonObject, type JsonObject } from '../azure/json-object.ts';
import type { FieldChange } from '../webservice/update-report.ts';
import { isSameJson } from './same-json.ts';
import { mayBeShown } from './variables.ts';

const VARIABLES = '/properties/environmentVariables';
/** Changes that leave the instances alone: words, and how many of them there are. */
const STAYING = ['/tags', '/properties/description', '/properties/properties', '/properties/scaleSettings', '/sku'];

/**
 * The fields in which two resources differ, as JSON pointers; what may be a secret is masked.
 *
 * @param before The resource as it is.
 * @param after The resource as it will be.
 */
export function fieldChanges(before: JsonObject, after: JsonObject): FieldChange[] {
  return [...differences('', before, after)];
}

/** Whether changes replace the instances of a deployment: all that is not known to leave them alone. */
export function isRollingChange(changes: readonly FieldChange[]): boolean {
  return changes.some(({ path }) => !STAYING.some((stay) => path === stay || path.startsWith(`${stay}/`)));
}

function* differences(path: string, before: unknown, after: unknown): Generator<FieldChange> {
  if (isSameJson(before, after)) {
    return;
  }
  const isInside = (value: unknown) => isJsonObject(value) && Object.keys(value).length > 0;
  const mayBeInside = (value: unknown) => isJsonObject(value) || value === undefined || value === null;
  // Where there was nothing (`null`), each field that comes is a change of its own, and the reverse.
  if ((isInside(before) && mayBeInside(after)) || (isInside(after) && mayBeInside(before))) {
    const old: JsonObject = isJsonObject(before) ? before : {};
    const next: JsonObject = isJsonObject(after) ? after : {};
    for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
      const part = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      yield* differences(part, ownValue(old, name), ownValue(next, name));
    }
    return;
  }
  yield { path, from: shown(path, before), to: shown(path, after) };
}

function ownValue(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function shown(path: string, value: unknown): JsonValue | undefined {
  if (value === undefined) {
    return undefined;
  }
  // Also when something else stands there than an object of variables.
  const [, name] = path === VARIABLES ? ['', ''] : path.split(`${VARIABLES}/`);
  const isEmpty = isJsonObject(value) && Object.keys(value).length === 0;
  if (name !== undefined && !isEmpty && !mayBeShown(name, value)) {
    return REDACTED;
  }
  return JSON.parse(JSON.stringify(value), (_, inner) =>
    typeof inner === 'string' ? redactSecrets(inner) : inner,
  ) as JsonValue;
}

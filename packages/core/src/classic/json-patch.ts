import { type JsonValue, REDACTED } from '@azureml-ts/common';
import { isJsonObject, type JsonObject } from '../azure/json-object.ts';
import type { FieldChange } from '../webservice/update-report.ts';
import { withoutSecrets } from './secrets.ts';

/**
 * One step of a JSON Patch.
 *
 * Source: RFC 6902.
 */
export type JsonPatchStep =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** A field that shall change. */
export interface FieldWish {
  /** Names from the root of the resource to the field. */
  readonly path: readonly string[];
  /** What it shall hold. */
  readonly value?: unknown;
  /** `add` also where it is there already; `remove` takes it away. Default: `replace` where it is there, else `add`. */
  readonly op?: 'add' | 'remove' | undefined;
  /** Masks the values in reports. */
  readonly isSecret?: boolean | undefined;
}

/** A JSON pointer (RFC 6901), with `~` and `/` in names escaped. */
export function jsonPointer(path: readonly string[]): string {
  return path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/**
 * Makes the JSON Patch that fulfils wishes, one step a wish and in their order. Where an object around a field is missing
 * or null, one step adds that object with all that is wished for inside it: a step into nothing would be refused.
 *
 * @param resource The resource as it was read. It is not changed.
 * @param wishes What shall change.
 */
export function buildJsonPatch(resource: JsonObject, wishes: readonly FieldWish[]): JsonPatchStep[] {
  const steps: JsonPatchStep[] = [];
  /** Objects that a step of this patch adds, by pointer. */
  const made = new Map<string, JsonObject>();
  for (const { path, value, op } of wishes) {
    const depth = missingDepth(resource, path);
    if (op === 'remove') {
      if (depth === undefined && hasField(resource, path)) {
        steps.push({ op, path: jsonPointer(path) });
      }
    } else if (depth === undefined) {
      const kept = op ?? (hasField(resource, path) ? 'replace' : 'add');
      steps.push({ op: kept, path: jsonPointer(path), value });
    } else {
      const root = jsonPointer(path.slice(0, depth));
      let owner = made.get(root);
      if (owner === undefined) {
        owner = {};
        made.set(root, owner);
        steps.push({ op: 'add', path: root, value: owner });
      }
      putInside(owner, path.slice(depth), value);
    }
  }
  return steps;
}

/**
 * The fields that differ from what is wished for, for a report.
 *
 * @param resource The resource as it was read.
 * @param wishes What shall change.
 */
export function fieldChanges(resource: JsonObject, wishes: readonly FieldWish[]): FieldChange[] {
  return wishes.flatMap(({ path, value, op, isSecret }) => {
    const from = fieldAt(resource, path);
    const to = op === 'remove' ? undefined : value;
    if (isSameJson(from, to)) {
      return [];
    }
    return [{ path: jsonPointer(path), from: shown(from, isSecret), to: shown(to, isSecret) }];
  });
}

/** An object that holds what is wished for, and nothing else. */
export function wishedObject(wishes: readonly FieldWish[]): JsonObject {
  const made: JsonObject = {};
  for (const { path, value } of wishes) {
    putInside(made, path, value);
  }
  return made;
}

/** The value of a field of its own; `undefined` where there is none. */
export function fieldAt(resource: unknown, path: readonly string[]): unknown {
  let current = resource;
  for (const name of path) {
    if (!isJsonObject(current) || !Object.hasOwn(current, name)) {
      return undefined;
    }
    current = current[name];
  }
  return current;
}

function hasField(resource: JsonObject, path: readonly string[]): boolean {
  const owner = fieldAt(resource, path.slice(0, -1));
  return isJsonObject(owner) && Object.hasOwn(owner, path.at(-1) ?? '');
}

/** Length of the path to the outermost object that is missing around a field; `undefined` when all are there. */
function missingDepth(resource: JsonObject, path: readonly string[]): number | undefined {
  for (let depth = 1; depth < path.length; depth += 1) {
    if (!isJsonObject(fieldAt(resource, path.slice(0, depth)))) {
      return depth;
    }
  }
  return undefined;
}

function putInside(owner: JsonObject, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    setOwn(owner, name, value);
    return;
  }
  const inner = fieldAt(owner, [name]);
  const next: JsonObject = isJsonObject(inner) ? inner : {};
  setOwn(owner, name, next);
  putInside(next, rest, value);
}

/** Sets a field by any name, `__proto__` too. */
function setOwn(owner: JsonObject, name: string, value: unknown): void {
  Object.defineProperty(owner, name, { value, enumerable: true, writable: true, configurable: true });
}

function isSameJson(left: unknown, right: unknown): boolean {
  return sorted(left) === sorted(right);
}

function sorted(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part) =>
    isJsonObject(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}

function shown(value: unknown, isSecret: boolean | undefined): JsonValue | undefined {
  if (value === undefined) {
    return undefined;
  }
  return isSecret === true && value !== null && value !== '' ? REDACTED : (withoutSecrets(value) as JsonValue);
}

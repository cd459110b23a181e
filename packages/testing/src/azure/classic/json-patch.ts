import { isRecord } from '../../telemetry/json-record.ts';
import { isSameJson } from '../json.ts';
import type { AzureResource } from '../stand-in-types.ts';

/** Fields that no patch may touch. */
const FIXED = ['id', 'name', 'computeType', 'createdTime', 'updatedTime', 'createdBy', 'state', 'error', 'scoringUri'];

/** A resource after a patch, or why it cannot be patched. @internal */
export type Patched = { readonly resource: AzureResource } | { readonly fault: string };

/**
 * Applies a JSON Patch to a copy of a resource.
 *
 * `replace` of a field that a known object lacks sets it, as the service does: its objects have all their fields.
 *
 * @internal
 */
export function applyJsonPatch(resource: AzureResource, patch: unknown): Patched {
  if (!Array.isArray(patch) || patch.length === 0) {
    return { fault: 'The patch must be a list of at least one operation.' };
  }
  const copy = structuredClone(resource);
  for (const [index, step] of patch.entries()) {
    const fault = isRecord(step) ? applyStep(copy, step) : 'It is no object.';
    if (fault !== undefined) {
      return { fault: `Operation ${index} of the patch cannot be applied: ${fault}` };
    }
  }
  return { resource: copy };
}

function applyStep(document: AzureResource, step: AzureResource): string | undefined {
  const { op, path, from, value } = step;
  if (typeof path !== 'string' || !path.startsWith('/')) {
    return `the path ${JSON.stringify(path ?? null)} is no JSON pointer.`;
  }
  const place = find(document, path, op === 'add' ? 'create' : 'strict');
  if (typeof place === 'string') {
    return place;
  }
  switch (op) {
    case 'add':
      return put(place, value ?? null, true);
    case 'replace':
      return 'value' in step ? put(place, value, false) : 'it has no value.';
    case 'remove':
      return take(place, path);
    case 'test':
      return isSameJson(read(place), value) ? undefined : `${path} has another value.`;
    case 'copy':
    case 'move': {
      const source = typeof from === 'string' ? find(document, from, 'strict') : 'from is missing.';
      if (typeof source === 'string') {
        return source;
      }
      const moved = structuredClone(read(source));
      return (op === 'move' ? take(source, String(from)) : undefined) ?? put(place, moved, true);
    }
    default:
      return `the operation ${JSON.stringify(op ?? null)} is not known.`;
  }
}

interface Place {
  readonly owner: AzureResource | unknown[];
  readonly name: string;
}

function find(document: AzureResource, pointer: string, missing: 'create' | 'strict'): Place | string {
  const parts = pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (FIXED.includes(parts[0] ?? '')) {
    return `/${parts[0]} cannot be changed.`;
  }
  const name = parts.pop() ?? '';
  let owner: AzureResource | unknown[] = document;
  for (const part of parts) {
    const inner: unknown = Array.isArray(owner) ? owner[Number(part)] : owner[part];
    if (isRecord(inner) || Array.isArray(inner)) {
      owner = inner;
    } else if (missing === 'create' && !Array.isArray(owner) && (inner === undefined || inner === null)) {
      const made: AzureResource = {};
      owner[part] = made;
      owner = made;
    } else {
      return `${pointer} leads nowhere.`;
    }
  }
  return { owner, name };
}

function read({ owner, name }: Place): unknown {
  return Array.isArray(owner) ? owner[Number(name)] : owner[name];
}

function put({ owner, name }: Place, value: unknown, isInsert: boolean): undefined {
  if (!Array.isArray(owner)) {
    owner[name] = value;
  } else if (isInsert) {
    owner.splice(name === '-' ? owner.length : Number(name), 0, value);
  } else {
    owner[Number(name)] = value;
  }
}

function take({ owner, name }: Place, path: string): string | undefined {
  if (Array.isArray(owner)) {
    owner.splice(Number(name), 1);
    return undefined;
  }
  if (!Object.hasOwn(owner, name)) {
    return `${path} is not there.`;
  }
  delete owner[name];
  return undefined;
}

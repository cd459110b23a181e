import { isRecord } from '../telemetry/json-record.ts';
import type { AzureResource } from './stand-in-types.ts';

/**
 * Lays one object over another, depth first; lists and values replace each other, `undefined` leaves alone.
 *
 * @internal
 */
export function mergeOver(base: AzureResource, over: AzureResource | undefined): AzureResource {
  const merged: AzureResource = { ...base };
  for (const [name, value] of Object.entries(over ?? {})) {
    const old = merged[name];
    if (value !== undefined) {
      merged[name] = isRecord(value) && isRecord(old) ? mergeOver(old, value) : structuredClone(value);
    }
  }
  return merged;
}

/** The object that a field holds; an empty one, put there, when it holds none. @internal */
export function recordIn(owner: AzureResource, name: string): AzureResource {
  const value = owner[name];
  if (isRecord(value)) {
    return value;
  }
  const made: AzureResource = {};
  owner[name] = made;
  return made;
}

/** The text that a field holds. @internal */
export function textIn(owner: unknown, name: string): string | undefined {
  const value = isRecord(owner) ? owner[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Whether two JSON values are the same; null, a missing field and an empty object are one. @internal */
export function isSameJson(left: unknown, right: unknown): boolean {
  return normal(left) === normal(right);
}

function normal(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (!isRecord(value)) {
    return value ?? null;
  }
  const entries = Object.entries(value)
    .map(([name, inner]) => [name, sorted(inner)] as const)
    .filter(([, inner]) => inner !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

import { isJsonObject, type JsonObject } from '../azure/json-object.ts';
import { without } from './writable-resource.ts';

/** How often collected data begins a new folder. */
export type RollingRate = 'Year' | 'Month' | 'Day' | 'Hour' | 'Minute';

/** Values of {@link RollingRate}. */
export const ROLLING_RATES: readonly string[] = ['Year', 'Month', 'Day', 'Hour', 'Minute'];

/** Settings of one collection. `undefined` leaves a setting alone, `null` removes it, so that the default holds. */
export interface DataCollectionSettings {
  /** Switches the collection on or off. Default for a new collection: `true`. */
  readonly enabled?: boolean | undefined;
  /** Share of the requests that is collected, 0 to 1. Default 1. */
  readonly samplingRate?: number | null | undefined;
  /** Id of the data asset that points to the collected data. */
  readonly dataAssetId?: string | null | undefined;
  /** Client id of the identity that writes the data. Default: the platform takes one of the endpoint's. */
  readonly clientId?: string | null | undefined;
}

/**
 * Settings of the platform's data collector. What is left out stays as it is.
 *
 * Source: `DataCollector` of azure-ai-ml; `dataCollector` of `OnlineDeployment`, 2024-04-01.
 */
export interface DataCollectorSettings {
  /**
   * Collections by name; `request` and `response` are the platform's own logging of payloads, others belong to collectors
   * in the script. `null` takes a collection out. Collections that are not named stay.
   */
  readonly collections?: Readonly<Record<string, DataCollectionSettings | null>> | undefined;
  /** How often a new folder begins. Default `Hour`. `null`: the default. */
  readonly rollingRate?: RollingRate | null | undefined;
  /** Request headers that are collected beside the payload. `null`: none. */
  readonly captureHeaders?: readonly string[] | null | undefined;
}

/** What scripts collect when nobody named the collections. Source: the examples of azure-ai-ml. */
const USUAL_COLLECTIONS = ['model_inputs', 'model_outputs'];

/**
 * The data collector that a setting asks for.
 *
 * `true` switches all collections on and keeps their settings; where there are none, `model_inputs` and `model_outputs` are
 * made. `false` switches all off and keeps their settings. An object changes what it names; where there are no collections
 * and it names none, it makes the usual two. `null` takes the collector away.
 *
 * @param collector The collector of now, as the service has it.
 * @param setting The setting.
 * @returns The collector to send; `undefined` when there is none.
 */
export function changedCollector(collector: unknown, setting: boolean | null | DataCollectorSettings): unknown {
  if (setting === null) {
    return undefined;
  }
  if (typeof setting === 'boolean') {
    return isJsonObject(collector) || setting ? switched(collector, setting) : collector;
  }
  const names = Object.keys(setting.collections ?? {});
  const base = names.length === 0 && collectionNames(collector).length === 0 ? switched(collector, true) : collector;
  let next: JsonObject = isJsonObject(base) ? { ...base } : { collections: {} };
  let collections: JsonObject = isJsonObject(next['collections']) ? next['collections'] : {};
  for (const [name, wanted] of Object.entries(setting.collections ?? {})) {
    collections =
      wanted === null
        ? without(collections, [name])
        : withField(collections, name, changedCollection(collections[name], wanted));
  }
  next = withField(next, 'collections', collections);
  next = applied(next, 'rollingRate', setting.rollingRate);
  if (
    setting.captureHeaders === undefined ||
    (setting.captureHeaders === null && !isJsonObject(next['requestLogging']))
  ) {
    return next;
  }
  const logging = isJsonObject(next['requestLogging']) ? next['requestLogging'] : {};
  const headers = setting.captureHeaders === null ? null : [...setting.captureHeaders];
  return withField(next, 'requestLogging', applied(logging, 'captureHeaders', headers));
}

/** Whether a data collector has a collection that is on. */
export function isCollecting(collector: unknown): boolean {
  return collectionNames(collector).some((name) => modeOf(collectionsOf(collector)[name]) === 'enabled');
}

function switched(collector: unknown, isEnabled: boolean): JsonObject {
  const base: JsonObject = isJsonObject(collector) ? collector : {};
  const names = collectionNames(collector);
  const collections = collectionsOf(collector);
  const next =
    isEnabled && names.length === 0
      ? Object.fromEntries(USUAL_COLLECTIONS.map((name) => [name, { dataCollectionMode: 'Enabled', samplingRate: 1 }]))
      : Object.fromEntries(names.map((name) => [name, withMode(collections[name], isEnabled)]));
  return withField(base, 'collections', next);
}

function changedCollection(collection: unknown, wanted: DataCollectionSettings): JsonObject {
  const { enabled = isJsonObject(collection) ? undefined : true, samplingRate, dataAssetId, clientId } = wanted;
  const moded = enabled === undefined ? collection : withMode(collection, enabled);
  let next: JsonObject = isJsonObject(moded) ? moded : { dataCollectionMode: 'Disabled' };
  next = applied(next, 'samplingRate', samplingRate);
  next = applied(next, 'dataId', dataAssetId);
  return applied(next, 'clientId', clientId);
}

/** A collection switched on or off; the same value when it is so already, whatever the case of the word. */
function withMode(collection: unknown, isEnabled: boolean): unknown {
  // The default of the service is off.
  if (modeOf(collection) === (isEnabled ? 'enabled' : 'disabled')) {
    return collection;
  }
  return withField(
    isJsonObject(collection) ? collection : {},
    'dataCollectionMode',
    isEnabled ? 'Enabled' : 'Disabled',
  );
}

function modeOf(collection: unknown): string {
  const mode = isJsonObject(collection) ? collection['dataCollectionMode'] : undefined;
  return typeof mode === 'string' ? mode.toLowerCase() : 'disabled';
}

function collectionsOf(collector: unknown): JsonObject {
  const collections = isJsonObject(collector) ? collector['collections'] : undefined;
  return isJsonObject(collections) ? collections : {};
}

function collectionNames(collector: unknown): string[] {
  return Object.keys(collectionsOf(collector));
}

/** A copy with one field set, in its place when it is there already, whatever its name (`__proto__` for one). */
export function withField(object: JsonObject, name: string, value: unknown): JsonObject {
  return Object.hasOwn(object, name)
    ? Object.fromEntries(Object.entries(object).map(([key, old]) => [key, key === name ? value : old]))
    : Object.fromEntries([...Object.entries(object), [name, value]]);
}

/** A copy with a setting applied: `undefined` leaves it alone, `null` removes it. */
export function applied(object: JsonObject, name: string, value: unknown): JsonObject {
  return value === undefined ? object : value === null ? without(object, [name]) : withField(object, name, value);
}

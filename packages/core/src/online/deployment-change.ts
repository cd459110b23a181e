import { isJsonObject, type JsonObject } from '../azure/json-object.ts';
import { applied, changedCollector, isCollecting, withField } from './data-collector.ts';
import { durationMs, isoDuration } from './iso-duration.ts';
import type { OnlineEndpointSettings, OnlineProbeSettings, OnlineScaleSettings } from './settings.ts';
import {
  CLIENT_ID,
  COLLECTION_ENABLED,
  COLLECTION_STORAGE,
  INSIGHTS_CONNECTION,
  INSIGHTS_ENABLED,
  isOn,
  isPlainAddress,
  variablesOf,
} from './variables.ts';

/** Values for a deployment that collects and says nothing of where to, and as whom. */
export interface CollectionDefaults {
  /** Address of the workspace's storage account. */
  readonly storage: string | undefined;
  /** Client id of the endpoint's only user-assigned identity. */
  readonly clientId: string | undefined;
}

/**
 * Applies settings to a deployment. Where nothing changes the fields stay as they are, byte for byte.
 *
 * @param resource The deployment as the service answered it; stays as it is.
 * @param settings Checked settings; tags and description count when `isNamed`.
 * @param defaults Values for collection.
 * @param isNamed Whether the caller named this deployment.
 */
export function changedDeployment(
  resource: JsonObject,
  settings: OnlineEndpointSettings,
  defaults: CollectionDefaults,
  isNamed: boolean,
): JsonObject {
  let properties: JsonObject = isJsonObject(resource['properties']) ? resource['properties'] : {};
  const variables = changedVariables(resource, settings, defaults);
  if (variables !== variablesOf(resource)) {
    properties = withField(properties, 'environmentVariables', variables);
  }
  properties = changedFlags(properties, resource, settings);
  properties = changedLimits(properties, settings);
  let next = properties === resource['properties'] ? resource : withField(resource, 'properties', properties);
  if (settings.instanceCount !== undefined) {
    const sku = isJsonObject(next['sku']) ? next['sku'] : { name: 'Default' };
    next = withField(next, 'sku', withField(sku, 'capacity', settings.instanceCount));
  }
  return isNamed ? changedWords(next, settings) : next;
}

/** Applies tags, properties and description to an endpoint or a deployment. */
export function changedWords(resource: JsonObject, settings: OnlineEndpointSettings): JsonObject {
  const { tags, description, properties: added } = settings;
  const next = tags === undefined ? resource : withField(resource, 'tags', { ...tags });
  const properties = isJsonObject(next['properties']) ? next['properties'] : {};
  const extended = added === undefined ? properties : merged(properties, 'properties', added);
  const described = applied(extended, 'description', description);
  return described === properties ? next : withField(next, 'properties', described);
}

/** Whether settings switch collection on for this deployment, so that it needs a place to write to. */
export function startsCollecting(resource: JsonObject, settings: OnlineEndpointSettings): boolean {
  const { collectModelData } = settings;
  if (collectModelData === undefined || collectModelData === null || collectModelData === false) {
    return false;
  }
  const { properties } = resource;
  const collector = isJsonObject(properties) ? properties['dataCollector'] : undefined;
  return isCollecting(changedCollector(collector, collectModelData));
}

/** Whether a deployment lacks the place that rows go to, after the settings are applied. */
export function lacksStorage(resource: JsonObject, settings: OnlineEndpointSettings): boolean {
  const storage = settings.storage === undefined ? variablesOf(resource)[COLLECTION_STORAGE] : settings.storage;
  return startsCollecting(resource, settings) && (typeof storage !== 'string' || storage.trim() === '');
}

function changedFlags(properties: JsonObject, resource: JsonObject, settings: OnlineEndpointSettings): JsonObject {
  const { enableAppInsights, collectModelData } = settings;
  let next = properties;
  if (enableAppInsights !== undefined && (next['appInsightsEnabled'] === true) !== (enableAppInsights === true)) {
    next = withField(next, 'appInsightsEnabled', enableAppInsights === true);
  }
  if (collectModelData !== undefined) {
    const { dataCollector } = (resource['properties'] ?? {}) as JsonObject;
    const collector = changedCollector(dataCollector, collectModelData);
    next = collector === dataCollector ? next : applied(next, 'dataCollector', collector ?? null);
  }
  return next;
}

function changedVariables(
  resource: JsonObject,
  settings: OnlineEndpointSettings,
  defaults: CollectionDefaults,
): JsonObject {
  const { properties } = resource;
  const before = isJsonObject(properties) ? properties : {};
  let next = variablesOf(resource);
  for (const [name, value] of Object.entries(settings.environmentVariables ?? {})) {
    next = applied(next, name, value);
  }
  next = switchedVariable(next, INSIGHTS_ENABLED, settings.enableAppInsights, before['appInsightsEnabled'] === true);
  next = applied(next, INSIGHTS_CONNECTION, settings.appInsightsConnectionString);
  next = applied(next, COLLECTION_STORAGE, settings.storage);
  const { collectModelData } = settings;
  if (collectModelData === undefined) {
    return next;
  }
  const isStarting = startsCollecting(resource, settings);
  const collects = isCollecting(before['dataCollector']);
  next = switchedVariable(next, COLLECTION_ENABLED, collectModelData === null ? null : isStarting, collects);
  if (lacksStorage(resource, settings) && defaults.storage !== undefined) {
    next = withField(next, COLLECTION_STORAGE, defaults.storage);
  }
  const needsIdentity =
    isStarting && /^https:/i.test(String(next[COLLECTION_STORAGE])) && isPlainAddress(next[COLLECTION_STORAGE]);
  if (needsIdentity && defaults.clientId !== undefined && !next[CLIENT_ID]) {
    next = withField(next, CLIENT_ID, defaults.clientId);
  }
  return next;
}

/**
 * The variables with a switch as it is wanted. A variable that says so already stays as it is written; one that is not
 * there is added unless the platform's flag is off too, which means the same.
 */
function switchedVariable(
  variables: JsonObject,
  name: string,
  wanted: boolean | null | undefined,
  platformSays: boolean,
): JsonObject {
  if (wanted === undefined || wanted === null) {
    return applied(variables, name, wanted);
  }
  const isSaid = isOn(variables[name]) === wanted;
  return isSaid && (platformSays === wanted || Object.hasOwn(variables, name))
    ? variables
    : withField(variables, name, String(wanted));
}

function changedLimits(properties: JsonObject, settings: OnlineEndpointSettings): JsonObject {
  const { requestSettings: requests, livenessProbe, readinessProbe, scaleSettings } = settings;
  let next = properties;
  if (requests !== undefined) {
    next = merged(next, 'requestSettings', {
      maxConcurrentRequestsPerInstance: requests.maxConcurrentRequestsPerInstance,
      requestTimeout: milliseconds(requests.requestTimeoutMs),
      maxQueueWait: milliseconds(requests.maxQueueWaitMs),
    });
  }
  next = livenessProbe === undefined ? next : merged(next, 'livenessProbe', probeFields(livenessProbe));
  next = readinessProbe === undefined ? next : merged(next, 'readinessProbe', probeFields(readinessProbe));
  return scaleSettings === undefined ? next : changedScale(next, scaleSettings);
}

function probeFields(probe: OnlineProbeSettings): Record<string, unknown> {
  return {
    failureThreshold: probe.failureThreshold,
    successThreshold: probe.successThreshold,
    initialDelay: milliseconds(probe.initialDelayMs),
    period: milliseconds(probe.periodMs),
    timeout: milliseconds(probe.timeoutMs),
  };
}

function changedScale(properties: JsonObject, scale: OnlineScaleSettings): JsonObject {
  const { scaleSettings } = properties;
  const isSameType = isJsonObject(scaleSettings) && scaleSettings['scaleType'] === scale.scaleType;
  const base = isSameType ? properties : withField(properties, 'scaleSettings', { scaleType: scale.scaleType });
  return merged(base, 'scaleSettings', {
    minInstances: scale.minInstances,
    maxInstances: scale.maxInstances,
    targetUtilizationPercentage: scale.targetUtilizationPercentage,
    pollingInterval: milliseconds(scale.pollingIntervalMs),
  });
}

/** Merges fields into an object of the properties. A duration that is the same in other words stays as it is written. */
function merged(properties: JsonObject, name: string, fields: Record<string, unknown>): JsonObject {
  const before: JsonObject = isJsonObject(properties[name]) ? properties[name] : {};
  let next = before;
  for (const [field, value] of Object.entries(fields)) {
    const duration = durationMs(value);
    const isSame = next[field] === value || (duration !== undefined && durationMs(next[field]) === duration);
    next = isSame ? next : applied(next, field, value);
  }
  return next === before ? properties : withField(properties, name, next);
}

function milliseconds(value: number | null | undefined): string | null | undefined {
  return typeof value === 'number' ? isoDuration(value) : value;
}

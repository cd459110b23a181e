import { isRecord, type JsonRecord } from './json-record.ts';
import { checkExceptions, checkMetrics } from './list-check.ts';
import { type FieldRule, KINDS, MAX_ITEM_BYTES, MAX_PROPERTY_BYTES, MAX_PROPERTY_KEY, TAG_LIMITS } from './schema.ts';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?(Z|[+-]\d{2}:\d{2})$/;
const DURATION = /^(\d+\.)?([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,7})?$/;
const SEVERITIES = ['Verbose', 'Information', 'Warning', 'Error', 'Critical'];

/**
 * Checks one telemetry item against the published schema of Application Insights.
 *
 * @param envelope The item as it was parsed from JSON.
 * @param instrumentationKey The key that items must carry.
 * @returns The first rule that the item breaks, in words, or `undefined` when it breaks none.
 * @example
 * ```ts
 * import { checkTelemetryEnvelope } from '@azureml-ts/testing';
 *
 * const key = '00000000-0000-4000-8000-000000000001';
 * console.log(checkTelemetryEnvelope({ ver: 1, name: 'Microsoft.ApplicationInsights.Message' }, key));
 * // iKey must be 00000000-0000-4000-8000-000000000001, but is undefined
 * ```
 */
export function checkTelemetryEnvelope(envelope: unknown, instrumentationKey: string): string | undefined {
  if (!isRecord(envelope)) {
    return 'the item must be a JSON object';
  }
  return (
    checkFrame(envelope, instrumentationKey) ??
    checkTags(envelope.tags) ??
    checkData(envelope.name as string, envelope.data)
  );
}

function checkFrame(envelope: JsonRecord, instrumentationKey: string): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(envelope));
  if (bytes > MAX_ITEM_BYTES) {
    return `the item must be at most ${MAX_ITEM_BYTES} bytes, but is ${bytes}`;
  }
  const { ver, iKey, time, name, sampleRate } = envelope;
  if (ver !== undefined && ver !== 1) {
    return `ver must be 1, but is ${show(ver)}`;
  }
  if (typeof iKey !== 'string' || !GUID.test(iKey) || iKey !== instrumentationKey) {
    return `iKey must be ${instrumentationKey}, but is ${show(iKey)}`;
  }
  if (typeof time !== 'string' || !ISO_TIME.test(time) || Number.isNaN(Date.parse(time))) {
    return `time must be an ISO 8601 time with zone, but is ${show(time)}`;
  }
  if (typeof name !== 'string' || name.length > 1024) {
    return `name must be a text of at most 1024 characters, but is ${show(name)}`;
  }
  if (sampleRate !== undefined && !(typeof sampleRate === 'number' && sampleRate > 0 && sampleRate <= 100)) {
    return `sampleRate must be above 0 and at most 100, but is ${show(sampleRate)}`;
  }
  return undefined;
}

function checkTags(tags: unknown): string | undefined {
  if (tags === undefined) {
    return undefined;
  }
  if (!isRecord(tags)) {
    return `tags must be an object, but is ${show(tags)}`;
  }
  for (const [key, value] of Object.entries(tags)) {
    const limit = TAG_LIMITS[key] ?? 1024;
    if (typeof value !== 'string' || value.length > limit) {
      return `tag ${key} must be a text of at most ${limit} characters, but is ${show(value)}`;
    }
  }
  return undefined;
}

function checkData(name: string, data: unknown): string | undefined {
  if (!isRecord(data) || !isRecord(data.baseData) || typeof data.baseType !== 'string') {
    return 'data must hold baseType and baseData';
  }
  const { baseType, baseData } = data as { baseType: string; baseData: JsonRecord };
  const kind = Object.hasOwn(KINDS, baseType) ? KINDS[baseType] : undefined;
  if (kind === undefined) {
    return `baseType must be one of ${Object.keys(KINDS).join(', ')}, but is ${show(baseType)}`;
  }
  if (!new RegExp(`^Microsoft\\.ApplicationInsights\\.([0-9a-f]{32}\\.)?${kind.suffix}$`).test(name)) {
    return `name of ${baseType} must be Microsoft.ApplicationInsights.${kind.suffix}, but is ${show(name)}`;
  }
  if (baseData.ver !== 2) {
    return `baseData.ver must be 2, but is ${show(baseData.ver)}`;
  }
  for (const [field, rule] of Object.entries(kind.fields)) {
    const fault = checkField(field, baseData[field], rule);
    if (fault !== undefined) {
      return fault;
    }
  }
  const lists = baseType === 'ExceptionData' ? checkExceptions : baseType === 'MetricData' ? checkMetrics : undefined;
  return lists?.(baseData) ?? checkSeverity(baseData.severityLevel) ?? checkCustom(baseData);
}

function checkField(field: string, value: unknown, rule: FieldRule): string | undefined {
  if (value === undefined || value === null) {
    return rule.required ? `baseData.${field} is required` : undefined;
  }
  switch (rule.type) {
    case 'array':
      return Array.isArray(value) && value.length > 0 ? undefined : `baseData.${field} must be a list with an entry`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `baseData.${field} must be a boolean, but is ${show(value)}`;
    case 'duration':
      return typeof value === 'string' && DURATION.test(value)
        ? undefined
        : `baseData.${field} must be a duration [d.]hh:mm:ss[.fffffff], but is ${show(value)}`;
    default:
      if (typeof value !== 'string') {
        return `baseData.${field} must be a text, but is ${show(value)}`;
      }
      return rule.max !== undefined && value.length > rule.max
        ? `baseData.${field} must be at most ${rule.max} characters, but has ${value.length}`
        : undefined;
  }
}

/** Older packages send the level as a number, or as its digits. */
function checkSeverity(level: unknown): string | undefined {
  const known =
    level === undefined || level === null || SEVERITIES.includes(String(level)) || /^[0-4]$/.test(String(level));
  return known ? undefined : `baseData.severityLevel must be one of ${SEVERITIES.join(', ')}, but is ${show(level)}`;
}

function checkCustom(baseData: JsonRecord): string | undefined {
  const properties = baseData.properties ?? {};
  const measurements = baseData.measurements ?? {};
  if (!isRecord(properties) || !isRecord(measurements)) {
    return 'baseData.properties and baseData.measurements must be objects';
  }
  for (const key of [...Object.keys(properties), ...Object.keys(measurements)]) {
    if (key.length > MAX_PROPERTY_KEY) {
      return `a property name must be at most ${MAX_PROPERTY_KEY} characters, but ${show(key)} has ${key.length}`;
    }
  }
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value !== 'string') {
      return `property ${show(key)} must be a text, but is ${show(value)}`;
    }
    const bytes = Buffer.byteLength(value);
    if (bytes > MAX_PROPERTY_BYTES) {
      return `property ${show(key)} must be at most ${MAX_PROPERTY_BYTES} bytes, but is ${bytes}`;
    }
  }
  const notNumber = Object.entries(measurements).find(([, value]) => typeof value !== 'number');
  return notNumber && `measurement ${show(notNumber[0])} must be a number, but is ${show(notNumber[1])}`;
}

function show(value: unknown): string {
  return value === undefined ? 'undefined' : JSON.stringify(value).slice(0, 80);
}

import { ValidationError } from '@azureml-ts/common';
import { DeploymentConfigurationError } from '../errors.ts';
import { storageFault } from '../local/storage-fault.ts';
import { unsupportedSetting } from '../webservice/setting-kinds.ts';
import { ROLLING_RATES } from './data-collector.ts';
import { FieldChecks } from './field-checks.ts';
import { checkOnlineName } from './online-api.ts';
import { ONLINE_SETTINGS, type OnlineEndpointSettings } from './settings.ts';
import { MANAGED_VARIABLES } from './variables.ts';

/** Settings that are sure to be right. */
export interface CheckedSettings {
  /** The deployment to change; `undefined` for all. */
  readonly deploymentName: string | undefined;
  /** A copy, which the caller cannot change while the update runs. */
  readonly settings: OnlineEndpointSettings;
}

/**
 * Checks what a caller wants to change, before any request; values may be anything.
 *
 * @param serviceName Name of the endpoint, for messages.
 * @param given The settings, as given.
 * @param deploymentName The deployment that the options name.
 * @throws `UNSUPPORTED_SETTING`; {@link DeploymentConfigurationError} with every fault; {@link ValidationError}.
 */
export function checkSettings(
  serviceName: string,
  given: OnlineEndpointSettings,
  deploymentName: string | undefined,
): CheckedSettings {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ValidationError({ path: 'settings', expected: 'an object of settings', received: given });
  }
  const { deploymentName: named, ...settings } = structuredCopy(given);
  if (named !== undefined && deploymentName !== undefined && named !== deploymentName) {
    throw new ValidationError({
      path: 'deploymentName',
      expected: `the same in settings and options ("${deploymentName}")`,
      received: named,
    });
  }
  const deployment = deploymentName ?? named;
  const names: readonly string[] = ONLINE_SETTINGS;
  const unknown = Object.entries(settings).flatMap(([key, value]) =>
    value === undefined || names.includes(key) ? [] : [key],
  );
  if (unknown.length > 0) {
    throw unsupportedSetting('OnlineEndpoint', unknown, ONLINE_SETTINGS);
  }
  const checks = new FieldChecks();
  checkSwitches(settings, checks);
  checkVariables(settings.environmentVariables, checks);
  checkScale(settings, checks);
  checkTexts(settings, checks);
  if (checks.faults.length > 0) {
    throw new DeploymentConfigurationError(`The update of "${serviceName}"`, checks.faults);
  }
  return {
    deploymentName: deployment === undefined ? undefined : checkOnlineName('deploymentName', deployment),
    settings,
  };
}

function checkSwitches(settings: OnlineEndpointSettings, checks: FieldChecks): void {
  checks.flag('enableAppInsights', settings.enableAppInsights);
  const insights: unknown = settings.appInsightsConnectionString ?? undefined;
  if (
    insights !== undefined &&
    (typeof insights !== 'string' || !/(^|;)\s*InstrumentationKey\s*=\s*[^;\s]/i.test(insights))
  ) {
    checks.add(
      'appInsightsConnectionString',
      'must be a connection string of Application Insights (InstrumentationKey=...;IngestionEndpoint=...)',
    );
  }
  const storage: unknown = settings.storage;
  const isMounted = typeof storage === 'string' && storage.startsWith('file:///');
  const fault = storage === null || isMounted ? undefined : storageFault(storage);
  if (fault !== undefined) {
    checks.add('storage', fault);
  }
  const collect: unknown = settings.collectModelData;
  if (typeof collect === 'object' && collect !== null) {
    checkCollector(collect, checks);
  } else if (collect !== undefined && collect !== null && typeof collect !== 'boolean') {
    checks.add('collectModelData', `must be true, false or an object of settings, but is of type ${typeof collect}`);
  }
}

function checkCollector(collect: object, checks: FieldChecks): void {
  const path = 'collectModelData';
  const { collections, rollingRate, captureHeaders } = checks.object(path, collect, [
    'collections',
    'rollingRate',
    'captureHeaders',
  ]);
  checks.word(`${path}.rollingRate`, rollingRate, ROLLING_RATES);
  if (
    captureHeaders !== undefined &&
    captureHeaders !== null &&
    !(Array.isArray(captureHeaders) && captureHeaders.every((name) => typeof name === 'string' && name !== ''))
  ) {
    checks.add(`${path}.captureHeaders`, 'must be an array of header names');
  }
  for (const [name, collection] of Object.entries(checks.object(`${path}.collections`, collections))) {
    const place = `${path}.collections.${name}`;
    if (name === '') {
      checks.add(`${path}.collections`, 'has a collection without a name');
    }
    if (collection === null) {
      continue;
    }
    const fields = checks.object(place, collection ?? {}, ['enabled', 'samplingRate', 'dataAssetId', 'clientId']);
    if (fields['enabled'] === null) {
      checks.add(`${place}.enabled`, 'must be true or false, but is null');
    }
    checks.flag(`${place}.enabled`, fields['enabled']);
    checks.share(`${place}.samplingRate`, fields['samplingRate']);
    checks.text(`${place}.dataAssetId`, fields['dataAssetId']);
    checks.text(`${place}.clientId`, fields['clientId']);
  }
}

function checkVariables(variables: unknown, checks: FieldChecks): void {
  const path = 'environmentVariables';
  for (const [name, value] of Object.entries(checks.object(path, variables))) {
    const managed = Object.hasOwn(MANAGED_VARIABLES, name) ? MANAGED_VARIABLES[name] : undefined;
    if (name === '' || /[=\0]/.test(name)) {
      checks.add(path, `"${name}" cannot be the name of an environment variable`);
    } else if (managed !== undefined && value !== undefined) {
      checks.add(`${path}.${name}`, `changes together with a setting of the platform; ${managed}`);
    } else if (value !== undefined && value !== null && (typeof value !== 'string' || value.includes('\0'))) {
      checks.add(`${path}.${name}`, `must be a string without NUL, or null, but is of type ${typeof value}`);
    }
  }
}

function checkScale(settings: OnlineEndpointSettings, checks: FieldChecks): void {
  if ((settings.instanceCount as unknown) === null) {
    checks.add('instanceCount', 'must be a whole number, but is null');
  }
  checks.whole('instanceCount', settings.instanceCount, 0);
  const requests = checks.object('requestSettings', settings.requestSettings, [
    'maxConcurrentRequestsPerInstance',
    'requestTimeoutMs',
    'maxQueueWaitMs',
  ]);
  checks.whole('requestSettings.maxConcurrentRequestsPerInstance', requests['maxConcurrentRequestsPerInstance'], 1);
  checks.whole('requestSettings.requestTimeoutMs', requests['requestTimeoutMs'], 1);
  checks.whole('requestSettings.maxQueueWaitMs', requests['maxQueueWaitMs'], 0);
  for (const probe of ['livenessProbe', 'readinessProbe'] as const) {
    const fields = checks.object(probe, settings[probe], [
      'failureThreshold',
      'successThreshold',
      'initialDelayMs',
      'periodMs',
      'timeoutMs',
    ]);
    checks.whole(`${probe}.failureThreshold`, fields['failureThreshold'], 1);
    checks.whole(`${probe}.successThreshold`, fields['successThreshold'], 1);
    checks.whole(`${probe}.initialDelayMs`, fields['initialDelayMs'], 0);
    checks.whole(`${probe}.periodMs`, fields['periodMs'], 1);
    checks.whole(`${probe}.timeoutMs`, fields['timeoutMs'], 1);
  }
  if (settings.scaleSettings !== undefined) {
    checkScaleSettings(settings.scaleSettings, checks);
  }
}

function checkScaleSettings(given: unknown, checks: FieldChecks): void {
  const path = 'scaleSettings';
  const { scaleType, minInstances, maxInstances, targetUtilizationPercentage, pollingIntervalMs } = checks.object(
    path,
    given,
    ['scaleType', 'minInstances', 'maxInstances', 'targetUtilizationPercentage', 'pollingIntervalMs'],
  );
  checks.word(`${path}.scaleType`, scaleType ?? '', ['Default', 'TargetUtilization']);
  checks.whole(`${path}.minInstances`, minInstances, 0);
  checks.whole(`${path}.maxInstances`, maxInstances, 1);
  checks.whole(`${path}.targetUtilizationPercentage`, targetUtilizationPercentage, 1, 100);
  checks.whole(`${path}.pollingIntervalMs`, pollingIntervalMs, 1_000);
  if (typeof minInstances === 'number' && typeof maxInstances === 'number' && minInstances > maxInstances) {
    checks.add(`${path}.minInstances`, `must not be above maxInstances, but ${minInstances} is above ${maxInstances}`);
  }
  if (
    scaleType === 'Default' &&
    [minInstances, maxInstances, targetUtilizationPercentage, pollingIntervalMs].some((value) => value !== undefined)
  ) {
    checks.add(path, 'of the type Default has no further fields; set instanceCount instead');
  }
}

function checkTexts(settings: OnlineEndpointSettings, checks: FieldChecks): void {
  checks.text('description', settings.description);
  for (const field of ['tags', 'properties'] as const) {
    for (const [name, value] of Object.entries(checks.object(field, settings[field]))) {
      if (typeof value !== 'string') {
        checks.add(`${field}.${name}`, `must be a text, but is of type ${typeof value}`);
      }
    }
  }
}

function structuredCopy(given: OnlineEndpointSettings): OnlineEndpointSettings {
  try {
    return structuredClone(given);
  } catch (cause) {
    throw new ValidationError({ path: 'settings', expected: 'plain values', cause });
  }
}

import type { DeploymentFault } from '../../errors.ts';
import type { AksDeploymentOptions, AksEndpointDeploymentOptions, AksSettings } from './aks-settings.ts';
import {
  isBoolean,
  isGiven,
  isNamespace,
  isPercentile,
  isPositive,
  isPositiveWhole,
  isSecret,
  isText,
  isTextMap,
  isUtilization,
  isWhole,
  type SettingRules,
  serviceNameFault,
  valueFaults,
} from './rules.ts';

/** What settings an update and a deployment of an AKS service have, and what each must be. */
export const AKS_RULES = {
  autoscaleEnabled: isBoolean,
  autoscaleMinReplicas: isPositiveWhole,
  autoscaleMaxReplicas: isPositiveWhole,
  autoscaleRefreshSeconds: isPositiveWhole,
  autoscaleTargetUtilization: isUtilization,
  collectModelData: isBoolean,
  authEnabled: isBoolean,
  cpuCores: isPositive,
  memoryGb: isPositive,
  enableAppInsights: isBoolean,
  scoringTimeoutMs: isPositiveWhole,
  replicaMaxConcurrentRequests: isPositiveWhole,
  maxRequestWaitTime: isPositiveWhole,
  numReplicas: isPositiveWhole,
  tags: isTextMap,
  properties: isTextMap,
  description: isText,
  gpuCores: isWhole,
  periodSeconds: isPositiveWhole,
  initialDelaySeconds: isPositiveWhole,
  timeoutSeconds: isPositiveWhole,
  successThreshold: isPositiveWhole,
  failureThreshold: isPositiveWhole,
  namespace: isNamespace,
  tokenAuthEnabled: isBoolean,
  cpuCoresLimit: isPositive,
  memoryGbLimit: isPositive,
} as const satisfies Record<keyof AksSettings, (value: unknown) => string | undefined>;

const AKS_DEPLOYMENT_RULES: SettingRules = {
  ...AKS_RULES,
  primaryKey: isSecret,
  secondaryKey: isSecret,
  computeTargetName: isText,
  blobfuseEnabled: isBoolean,
} satisfies Record<keyof AksDeploymentOptions, unknown>;

const { blobfuseEnabled: _blobfuse, ...shared } = AKS_DEPLOYMENT_RULES;
const AKS_ENDPOINT_RULES: SettingRules = {
  ...shared,
  versionName: serviceNameFault,
  trafficPercentile: isPercentile,
};

/** The settings that mean something only while the service scales by itself. */
export const AUTOSCALE_NUMBERS = [
  'autoscaleMinReplicas',
  'autoscaleMaxReplicas',
  'autoscaleRefreshSeconds',
  'autoscaleTargetUtilization',
] as const satisfies readonly (keyof AksSettings)[];

/**
 * Checks the settings of an AKS service that is to be made.
 *
 * Source: `AksServiceDeploymentConfiguration.validate_configuration` of azureml-core. Different on purpose: limits are
 * checked also without requests, types, whole numbers and 100 percent as well, and names that are not there are refused.
 *
 * @param settings The settings as the caller gave them; values may be anything. `null` counts as left out.
 * @param path What the faults' paths start with, for example `deploymentConfig.`.
 * @returns Everything that is wrong.
 */
export function aksFaults(settings: AksDeploymentOptions, path = ''): DeploymentFault[] {
  return [...valueFaults(settings, AKS_DEPLOYMENT_RULES, path, 'AksWebservice'), ...relationFaults(settings, path)];
}

/** As {@link aksFaults}, for an endpoint with its first version. */
export function aksEndpointFaults(settings: AksEndpointDeploymentOptions, path = ''): DeploymentFault[] {
  return [...valueFaults(settings, AKS_ENDPOINT_RULES, path, 'AksEndpoint'), ...relationFaults(settings, path)];
}

function relationFaults(settings: AksDeploymentOptions, path: string): DeploymentFault[] {
  const faults = [...limitFaults(settings, path), ...autoscaleFaults(settings, path, false)];
  if (settings.tokenAuthEnabled === true && settings.authEnabled !== false) {
    const reason = settings.authEnabled === true ? 'both are set' : 'key authentication is on by default';
    faults.push({
      path: `${path}tokenAuthEnabled`,
      message: `needs authEnabled: false, because callers use either keys or tokens and ${reason}`,
    });
  }
  if (isGiven(settings.secondaryKey) && !isGiven(settings.primaryKey)) {
    faults.push({ path: `${path}secondaryKey`, message: 'needs primaryKey beside it; alone it would be ignored' });
  }
  return faults;
}

/** Limits below what is asked for. */
export function limitFaults(
  settings: Pick<AksSettings, 'cpuCores' | 'cpuCoresLimit' | 'memoryGb' | 'memoryGbLimit'>,
  path: string,
): DeploymentFault[] {
  const faults: DeploymentFault[] = [];
  for (const [limit, request] of [
    ['cpuCoresLimit', 'cpuCores'],
    ['memoryGbLimit', 'memoryGb'],
  ] as const) {
    const [most, asked] = [settings[limit], settings[request]];
    if (typeof most === 'number' && typeof asked === 'number' && most < asked) {
      faults.push({ path: `${path}${limit}`, message: `must be at least ${request} (${asked}), but is ${most}` });
    }
  }
  return faults;
}

/**
 * Settings of autoscaling that contradict each other.
 *
 * @param scalesAlready Whether the service scales by itself now, which counts when `autoscaleEnabled` is left out.
 */
export function autoscaleFaults(settings: AksSettings, path: string, scalesAlready: boolean): DeploymentFault[] {
  const faults: DeploymentFault[] = [];
  const { autoscaleEnabled, autoscaleMinReplicas: min, autoscaleMaxReplicas: max } = settings;
  if (autoscaleEnabled === true && isGiven(settings.numReplicas)) {
    faults.push({
      path: `${path}numReplicas`,
      message: 'does not go with autoscaleEnabled: true; use autoscaleMinReplicas and autoscaleMaxReplicas',
    });
  }
  if (autoscaleEnabled === false && !isGiven(settings.numReplicas)) {
    faults.push({ path: `${path}numReplicas`, message: 'is needed with autoscaleEnabled: false' });
  }
  if (!(autoscaleEnabled ?? scalesAlready)) {
    for (const name of AUTOSCALE_NUMBERS) {
      if (isGiven(settings[name])) {
        faults.push({ path: `${path}${name}`, message: 'needs autoscaleEnabled: true' });
      }
    }
  }
  if (typeof min === 'number' && typeof max === 'number' && min > max) {
    faults.push({
      path: `${path}autoscaleMinReplicas`,
      message: `must not be greater than autoscaleMaxReplicas (${max}), but is ${min}`,
    });
  }
  return faults;
}

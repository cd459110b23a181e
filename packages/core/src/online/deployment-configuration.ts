import { isAzuremlError } from '@azureml-ts/common';
import { limitFaults } from '../classic/configuration/aks-faults.ts';
import { configurationBase } from '../classic/configuration/deployment-configuration.ts';
import {
  isBoolean,
  isGiven,
  isOneOf,
  isPercentile,
  isPositive,
  isSecret,
  isText,
  isTextMap,
  isWhole,
  type SettingRules,
  shown,
  type ValueRule,
  valueFaults,
} from '../classic/configuration/rules.ts';
import { DeploymentConfigurationError, type DeploymentFault } from '../errors.ts';
import { checkSettings } from './check-settings.ts';
import type { DataCollectorSettings } from './data-collector.ts';
import type { EndpointAuthMode } from './endpoint-keys.ts';
import type {
  OnlineEndpointSettings,
  OnlineProbeSettings,
  OnlineRequestSettings,
  OnlineScaleSettings,
} from './settings.ts';

/**
 * Options of `OnlineEndpoint.deployConfiguration()`: an online endpoint and one deployment of it. With `computeTargetName` it
 * runs on an attached Kubernetes cluster, without on machines that Azure manages. What is left out is decided by the service.
 *
 * Source: `ManagedOnlineEndpoint`, `ManagedOnlineDeployment` and their Kubernetes counterparts of azure-ai-ml.
 */
export interface OnlineDeploymentOptions {
  /** Name of the deployment, 3 to 32 letters, digits and dashes, a letter first. Default `default`. */
  readonly deploymentName?: string | undefined;
  /** Size of the machines, for example `Standard_DS3_v2`; cannot be changed later. */
  readonly instanceType?: string | undefined;
  /** Number of instances, at least 1. Default 1. */
  readonly instanceCount?: number | undefined;
  /** Share of the endpoint's traffic for this deployment, in percent, 0 to 100. */
  readonly trafficPercentile?: number | undefined;
  /** How callers show who they are; cannot be changed later. Default `Key`. */
  readonly authMode?: EndpointAuthMode | undefined;
  /** First key for callers; with the mode `Key` only. Default: the service makes one. */
  readonly primaryKey?: string | undefined;
  /** Second key for callers; needs `primaryKey`. Default: the service makes one. */
  readonly secondaryKey?: string | undefined;
  /** Traces to Application Insights. Default `false`. */
  readonly enableAppInsights?: boolean | null | undefined;
  /** Connection string of Application Insights for the script. Default: the workspace's. */
  readonly appInsightsConnectionString?: string | null | undefined;
  /** Collection of model data: `true` for the usual collections, or settings. Default `false`. */
  readonly collectModelData?: boolean | DataCollectorSettings | null | undefined;
  /** Where rows of our collectors go: URL of a storage account, connection string, or `file:` URL. */
  readonly storage?: string | null | undefined;
  /** Environment variables of the script. */
  readonly environmentVariables?: Readonly<Record<string, string>> | null | undefined;
  /** How requests are taken. Default: 8 requests of an instance at a time, of 60 s at most; the service's own is 1, of 5 s. */
  readonly requestSettings?: OnlineRequestSettings | undefined;
  /** How the number of instances is chosen; `TargetUtilization` on Kubernetes only. */
  readonly scaleSettings?: OnlineScaleSettings | undefined;
  /** Whether an instance lives. Default: asked from the 30th second on, every 10 s, 5 s to answer, 30 failures. */
  readonly livenessProbe?: OnlineProbeSettings | undefined;
  /** Whether an instance may get requests. Default: asked from the 10th second on, else as `livenessProbe`. */
  readonly readinessProbe?: OnlineProbeSettings | undefined;
  /** Lets callers reach the endpoint from the internet. Default `true`. */
  readonly enablePublicNetworkAccess?: boolean | undefined;
  /** Lets the script reach the internet. Default `true`. */
  readonly enableEgressPublicNetworkAccess?: boolean | undefined;
  /** Name of the attached Kubernetes cluster. */
  readonly computeTargetName?: string | undefined;
  /** Kubernetes: CPU cores of an instance, greater than 0; may be a fraction. */
  readonly cpuCores?: number | undefined;
  /** Kubernetes: most CPU cores of an instance; at least `cpuCores`. */
  readonly cpuCoresLimit?: number | undefined;
  /** Kubernetes: memory of an instance in GB, greater than 0; may be a fraction. */
  readonly memoryGb?: number | undefined;
  /** Kubernetes: most memory of an instance in GB; at least `memoryGb`. */
  readonly memoryGbLimit?: number | undefined;
  /** Kubernetes: GPUs of an instance, whole, at least 0. */
  readonly gpuCores?: number | undefined;
  /** Tags. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Properties; once set they stay as they are. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** Description for people. */
  readonly description?: string | undefined;
}

const isAnything: ValueRule = () => undefined;
const NAME = /^[a-zA-Z]([-a-zA-Z0-9]{1,30}[a-zA-Z0-9])$/;

/** What keeps a value from being the name of an endpoint or a deployment that is made here. Source: azure-ai-ml. */
export function onlineNameFault(value: unknown): string | undefined {
  return typeof value === 'string' && NAME.test(value)
    ? undefined
    : `must be 3 to 32 letters, digits and dashes, start with a letter and end with a letter or digit, but is ${shown(value)}`;
}

/** Settings that `update` has too; its rules check them. */
const SHARED = [
  'instanceCount',
  'enableAppInsights',
  'appInsightsConnectionString',
  'collectModelData',
  'storage',
  'environmentVariables',
  'requestSettings',
  'scaleSettings',
  'livenessProbe',
  'readinessProbe',
] as const satisfies readonly (keyof OnlineDeploymentOptions & keyof OnlineEndpointSettings)[];

const KUBERNETES_ONLY = ['cpuCores', 'cpuCoresLimit', 'memoryGb', 'memoryGbLimit', 'gpuCores'] as const;

const RULES: SettingRules = {
  deploymentName: onlineNameFault,
  instanceType: isText,
  trafficPercentile: isPercentile,
  authMode: isOneOf(['Key', 'AMLToken', 'AADToken']),
  primaryKey: isSecret,
  secondaryKey: isSecret,
  enablePublicNetworkAccess: isBoolean,
  enableEgressPublicNetworkAccess: isBoolean,
  computeTargetName: isText,
  cpuCores: isPositive,
  cpuCoresLimit: isPositive,
  memoryGb: isPositive,
  memoryGbLimit: isPositive,
  gpuCores: isWhole,
  tags: isTextMap,
  properties: isTextMap,
  description: isText,
  ...Object.fromEntries(SHARED.map((name) => [name, isAnything])),
} satisfies Partial<Record<keyof OnlineDeploymentOptions, ValueRule>>;

/**
 * Checks how an online endpoint is to be deployed.
 *
 * @param options The options as the caller gave them; values may be anything. `null` counts as left out.
 * @returns Everything that is wrong.
 */
export function onlineFaults(options: OnlineDeploymentOptions): DeploymentFault[] {
  const faults = [...valueFaults(options, RULES, '', 'OnlineEndpoint'), ...sharedFaults(options)];
  faults.push(...limitFaults(options, ''));
  const isKubernetes = isGiven(options.computeTargetName);
  if (!isKubernetes) {
    for (const name of KUBERNETES_ONLY.filter((candidate) => isGiven(options[candidate]))) {
      faults.push({ path: name, message: 'needs computeTargetName, because managed machines come by instanceType' });
    }
    if (options.scaleSettings?.scaleType === 'TargetUtilization') {
      faults.push({
        path: 'scaleSettings.scaleType',
        message: 'TargetUtilization needs computeTargetName; managed endpoints scale by rules of Azure Monitor',
      });
    }
  }
  if (options.scaleSettings?.scaleType === 'TargetUtilization' && isGiven(options.instanceCount)) {
    faults.push({ path: 'instanceCount', message: 'does not go with scaleSettings of the type TargetUtilization' });
  }
  if (isGiven(options.primaryKey) && isGiven(options.authMode) && options.authMode !== 'Key') {
    faults.push({ path: 'primaryKey', message: `needs the authMode Key, but it is ${shown(options.authMode)}` });
  }
  if (isGiven(options.secondaryKey) && !isGiven(options.primaryKey)) {
    faults.push({ path: 'secondaryKey', message: 'needs primaryKey beside it' });
  }
  return faults;
}

function sharedFaults(options: OnlineDeploymentOptions): DeploymentFault[] {
  const given = Object.fromEntries(
    SHARED.flatMap((name) => (isGiven(options[name]) ? [[name, options[name]] as const] : [])),
  );
  const faults: DeploymentFault[] = [];
  try {
    checkSettings('the deployment', given, undefined);
  } catch (error) {
    if (error instanceof DeploymentConfigurationError) {
      faults.push(...error.faults);
    } else if (isAzuremlError(error, 'VALIDATION')) {
      faults.push({ path: 'options', message: error.message });
    } else {
      throw error;
    }
  }
  if (options.instanceCount === 0) {
    faults.push({ path: 'instanceCount', message: 'must be at least 1, but is 0' });
  }
  return faults;
}

/**
 * How an online endpoint and its deployment are made. Made by `OnlineEndpoint.deployConfiguration()`; its fields are those
 * that were given, what was left out is decided by the service. Keys, connection strings and environment variables are
 * masked when it is printed or turned into JSON.
 *
 * @example
 * ```ts
 * import { OnlineEndpoint } from '@azureml-ts/core';
 *
 * const config = OnlineEndpoint.deployConfiguration({
 *   instanceType: 'Standard_DS3_v2',
 *   enableAppInsights: true,
 *   collectModelData: { collections: { model_inputs: { samplingRate: 0.5 } } },
 * });
 * console.log(config.instanceType); // Standard_DS3_v2
 * ```
 */
export class OnlineDeploymentConfiguration extends configurationBase<OnlineDeploymentOptions>() {
  /** Name of the class of service that it makes. */
  override readonly kind = 'OnlineEndpoint';

  /**
   * @param options The settings; `null` counts as left out.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault.
   */
  constructor(options: OnlineDeploymentOptions = {}) {
    super({
      what: 'The deployment configuration of an OnlineEndpoint',
      options,
      check: onlineFaults,
      secrets: ['primaryKey', 'secondaryKey', 'appInsightsConnectionString', 'storage', 'environmentVariables'],
    });
  }
}

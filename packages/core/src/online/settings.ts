import type { DataCollectorSettings } from './data-collector.ts';

/** How an online deployment takes scoring requests. `undefined` leaves a field alone, `null` takes it back to its default. */
export interface OnlineRequestSettings {
  /** Requests that one instance works on at a time. Default 1. */
  readonly maxConcurrentRequestsPerInstance?: number | null | undefined;
  /** Longest time for one request, in milliseconds. Default 5,000. */
  readonly requestTimeoutMs?: number | null | undefined;
  /** Longest time that a request waits its turn, in milliseconds. Default 500. Managed endpoints no longer use it. */
  readonly maxQueueWaitMs?: number | null | undefined;
}

/** How the health of an instance is asked for. `undefined` leaves a field alone, `null` takes it back to its default. */
export interface OnlineProbeSettings {
  /** Failures in a row after which the instance counts as unhealthy. Default 30. */
  readonly failureThreshold?: number | null | undefined;
  /** Successes in a row after which it counts as healthy again. Default 1. */
  readonly successThreshold?: number | null | undefined;
  /** Wait before the first question, in milliseconds. */
  readonly initialDelayMs?: number | null | undefined;
  /** Wait between two questions, in milliseconds. Default 10,000. */
  readonly periodMs?: number | null | undefined;
  /** Longest wait for an answer, in milliseconds. Default 2,000. */
  readonly timeoutMs?: number | null | undefined;
}

/** How the number of instances is chosen. Fields that are left out stay while the type stays. */
export interface OnlineScaleSettings {
  /** `Default`: as many as `instanceCount` says. `TargetUtilization` (Kubernetes): by load. */
  readonly scaleType: 'Default' | 'TargetUtilization';
  /** Fewest instances. Default 1. */
  readonly minInstances?: number | null | undefined;
  /** Most instances. Default 1. */
  readonly maxInstances?: number | null | undefined;
  /** Load that is aimed at, in percent of CPU. Default 70. */
  readonly targetUtilizationPercentage?: number | null | undefined;
  /** Wait between two looks at the load, in milliseconds; whole seconds. Default 1,000. */
  readonly pollingIntervalMs?: number | null | undefined;
}

/**
 * Settings of an online endpoint that `update` can change. `undefined`, or left out, leaves a setting alone.
 *
 * Source: `ManagedOnlineDeployment` and `KubernetesOnlineDeployment` of azure-ai-ml; `Webservice.update` of azureml-core.
 */
export interface OnlineEndpointSettings {
  /** The deployment to change. Default: all of the endpoint. The same as in the options. */
  readonly deploymentName?: string | undefined;
  /**
   * Traces to Application Insights: the platform's flag `appInsightsEnabled` and the variable `AML_APP_INSIGHTS_ENABLED`
   * together. `null`: the default, off, and the variable is removed.
   */
  readonly enableAppInsights?: boolean | null | undefined;
  /** `APPLICATIONINSIGHTS_CONNECTION_STRING`: where traces of our packages go. `null` removes it. */
  readonly appInsightsConnectionString?: string | null | undefined;
  /**
   * Collection of model data: the platform's `dataCollector` and the variable `AML_MODEL_DC_STORAGE_ENABLED` together.
   * `true` switches every collection on, `false` every one off, both keep their settings; an object changes single settings.
   * `null`: the default, no collector, and the variable is removed.
   */
  readonly collectModelData?: boolean | null | DataCollectorSettings | undefined;
  /**
   * `AML_MODEL_DC_STORAGE`: where rows of our collectors go: the URL of a storage account, a connection string, or a `file:`
   * URL of a mounted folder. Default, when collection is switched on and the variable is not set: the workspace's storage
   * account. `null` removes it.
   */
  readonly storage?: string | null | undefined;
  /** Environment variables: merged into those that are there; `null` removes one. */
  readonly environmentVariables?: Readonly<Record<string, string | null>> | undefined;
  /** Number of instances. */
  readonly instanceCount?: number | undefined;
  /** How requests are taken. */
  readonly requestSettings?: OnlineRequestSettings | undefined;
  /** How the number of instances is chosen. */
  readonly scaleSettings?: OnlineScaleSettings | undefined;
  /** Whether an instance lives. */
  readonly livenessProbe?: OnlineProbeSettings | undefined;
  /** Whether an instance may get requests. */
  readonly readinessProbe?: OnlineProbeSettings | undefined;
  /** Tags, all of them: they replace those of before. Those of the endpoint, or of the deployment when one is named. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Properties to add. Those that are there can neither be changed nor taken away. Of the endpoint, or of the deployment. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** Description of the endpoint, or of the deployment when one is named. `null` removes it. */
  readonly description?: string | null | undefined;
}

/** Settings of the endpoint itself when no deployment is named. */
export const ENDPOINT_SETTINGS = [
  'tags',
  'properties',
  'description',
] as const satisfies readonly (keyof OnlineEndpointSettings)[];

/** Names of all settings. */
export const ONLINE_SETTINGS = [
  'enableAppInsights',
  'appInsightsConnectionString',
  'collectModelData',
  'storage',
  'environmentVariables',
  'instanceCount',
  'requestSettings',
  'scaleSettings',
  'livenessProbe',
  'readinessProbe',
  ...ENDPOINT_SETTINGS,
] as const satisfies readonly (keyof OnlineEndpointSettings)[];

/**
 * Settings of a classic service on AKS that can be set when it is made and changed later. A setting left out is decided by
 * the service; the defaults named here are those of Azure's documentation.
 *
 * Source: `AksWebservice.deploy_configuration` and `AksWebservice.update` of azureml-core.
 */
export interface AksSettings {
  /** Lets the number of replicas follow the load. Default `true` when `numReplicas` is left out. */
  readonly autoscaleEnabled?: boolean | undefined;
  /** Fewest replicas; needs `autoscaleEnabled: true`. Whole, greater than 0. Default 1. */
  readonly autoscaleMinReplicas?: number | undefined;
  /** Most replicas; needs `autoscaleEnabled: true`. Whole, greater than 0. Default 10. */
  readonly autoscaleMaxReplicas?: number | undefined;
  /** Seconds between two looks at the load; needs `autoscaleEnabled: true`. Whole, greater than 0. Default 1. */
  readonly autoscaleRefreshSeconds?: number | undefined;
  /** Load that is aimed at, in percent, 1 to 100; needs `autoscaleEnabled: true`. Default 70. */
  readonly autoscaleTargetUtilization?: number | undefined;
  /** Lets the scoring script collect feature rows in the workspace's storage account. Default `false`. */
  readonly collectModelData?: boolean | undefined;
  /** Asks callers for a key. Default `true`. */
  readonly authEnabled?: boolean | undefined;
  /** CPU cores of a replica, greater than 0; may be a fraction. Default 0.1. */
  readonly cpuCores?: number | undefined;
  /** Memory of a replica in GB, greater than 0; may be a fraction. Default 0.5. */
  readonly memoryGb?: number | undefined;
  /** Sends what the script prints to Application Insights. Default `false`. */
  readonly enableAppInsights?: boolean | undefined;
  /** Longest time for one scoring call, in milliseconds. Whole, greater than 0. Default 60,000. */
  readonly scoringTimeoutMs?: number | undefined;
  /** Most calls that one replica works on at a time. Whole, greater than 0. Default 1. */
  readonly replicaMaxConcurrentRequests?: number | undefined;
  /** Longest wait of a call in the queue, in milliseconds; then it gets a 503. Whole, greater than 0. Default 500. */
  readonly maxRequestWaitTime?: number | undefined;
  /** Number of replicas without autoscaling. Whole, greater than 0. */
  readonly numReplicas?: number | undefined;
  /** Tags, all of them: an update replaces those of before. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Properties; once set they stay as they are. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** Description for people. */
  readonly description?: string | undefined;
  /** GPUs of a replica, whole, at least 0. Default 0. */
  readonly gpuCores?: number | undefined;
  /** Liveness probe: seconds between two probes. Whole, greater than 0. Default 10. */
  readonly periodSeconds?: number | undefined;
  /** Liveness probe: seconds before the first one. Whole, greater than 0. Default 310. */
  readonly initialDelaySeconds?: number | undefined;
  /** Liveness probe: seconds that an answer may take. Whole, greater than 0. Default 1. */
  readonly timeoutSeconds?: number | undefined;
  /** Liveness probe: successes after which a replica counts as alive again. Whole, greater than 0. Default 1. */
  readonly successThreshold?: number | undefined;
  /** Liveness probe: failures after which a replica is started anew. Whole, greater than 0. Default 3. */
  readonly failureThreshold?: number | undefined;
  /** Kubernetes namespace, at most 63 lower-case letters, digits and dashes. */
  readonly namespace?: string | undefined;
  /** Asks callers for a token of Microsoft Entra; not together with `authEnabled`. Default `false`. */
  readonly tokenAuthEnabled?: boolean | undefined;
  /** Most CPU cores of a replica; at least `cpuCores`. */
  readonly cpuCoresLimit?: number | undefined;
  /** Most memory of a replica in GB; at least `memoryGb`. */
  readonly memoryGbLimit?: number | undefined;
}

/** Options of `AksWebservice.deployConfiguration()`. */
export interface AksDeploymentOptions extends AksSettings {
  /** First key for callers. Default: the service makes one. */
  readonly primaryKey?: string | undefined;
  /** Second key for callers; needs `primaryKey`. Default: the service makes one. */
  readonly secondaryKey?: string | undefined;
  /** Name of the attached AKS cluster. Wins over the deployment's `target`. */
  readonly computeTargetName?: string | undefined;
  /** Mounts the workspace's storage with blobfuse. Default `true`. */
  readonly blobfuseEnabled?: boolean | undefined;
}

/** Options of `AksEndpoint.deployConfiguration()`: the endpoint and its first version. */
export interface AksEndpointDeploymentOptions extends Omit<AksDeploymentOptions, 'blobfuseEnabled'> {
  /** Name of the version, by the rule for names of services. Default: the endpoint's name. */
  readonly versionName?: string | undefined;
  /** Share of the traffic that the version gets, in percent, 0 to 100. */
  readonly trafficPercentile?: number | undefined;
}

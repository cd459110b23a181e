import { AzuremlError } from '@azureml-ts/common';

/** Settings of a classic service on Kubernetes that an update can change. */
const AKS = [
  'autoscaleEnabled',
  'autoscaleMinReplicas',
  'autoscaleMaxReplicas',
  'autoscaleRefreshSeconds',
  'autoscaleTargetUtilization',
  'collectModelData',
  'authEnabled',
  'cpuCores',
  'memoryGb',
  'enableAppInsights',
  'scoringTimeoutMs',
  'replicaMaxConcurrentRequests',
  'maxRequestWaitTime',
  'numReplicas',
  'tags',
  'properties',
  'description',
  'gpuCores',
  'periodSeconds',
  'initialDelaySeconds',
  'timeoutSeconds',
  'successThreshold',
  'failureThreshold',
  'namespace',
  'tokenAuthEnabled',
  'cpuCoresLimit',
  'memoryGbLimit',
  'models',
  'imageId',
] as const;

/**
 * Settings by kind of service, as `update()` of the kind takes them.
 *
 * Source: `update` of the classes of azureml-core; `OnlineDeployment` of Azure Machine Learning, 2024-04-01.
 */
export const SETTING_KINDS = {
  OnlineEndpoint: [
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
    'tags',
    'properties',
    'description',
  ],
  AksWebservice: AKS,
  AciWebservice: [
    'tags',
    'properties',
    'description',
    'authEnabled',
    'sslEnabled',
    'sslCertPemFile',
    'sslKeyPemFile',
    'sslCname',
    'enableAppInsights',
    'collectModelData',
    'models',
    'imageId',
  ],
  AksEndpoint: ['authEnabled', 'tokenAuthEnabled', 'enableAppInsights', 'description', 'tags', 'properties'],
  LocalWebservice: [
    'collectModelData',
    'enableAppInsights',
    'storage',
    'appInsightsConnectionString',
    'environmentVariables',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Words of the services' own interfaces for a setting. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  appinsightsenabled: 'enableAppInsights',
  datacollection: 'collectModelData',
  datacollector: 'collectModelData',
  capacity: 'instanceCount',
  aadauthenabled: 'tokenAuthEnabled',
  kvtags: 'tags',
  maxqueuewaitms: 'maxRequestWaitTime',
  memoryingb: 'memoryGb',
};

/**
 * Names the kinds of service that have a setting.
 *
 * @param setting Name of the setting.
 */
export function kindsWithSetting(setting: string): string[] {
  return Object.entries(SETTING_KINDS).flatMap(([kind, names]) =>
    (names as readonly string[]).includes(setting) ? [kind] : [],
  );
}

/**
 * Makes the error of settings that a kind of service lacks; nothing must have been changed yet. Code
 * `UNSUPPORTED_SETTING`; `details` has `kind`, `settings`, `supported` and, by setting, `kinds` that have it.
 *
 * @param kind Name of the class.
 * @param names The settings that it lacks; at least one.
 * @param supported What it has instead. Default: as {@link SETTING_KINDS} lists it.
 */
export function unsupportedSetting(
  kind: string,
  names: readonly string[],
  supported: readonly string[] = (SETTING_KINDS as Readonly<Record<string, readonly string[]>>)[kind] ?? [],
): AzuremlError {
  const known = names.map((name) => [name, kindsWithSetting(name)] as const);
  const told = names.map((name) => `${name} (${whoHasSetting(name, supported)})`).join(', ');
  const article = /^([AEIO]|Un)/.test(kind) ? 'An' : 'A';
  const rest = supported.length === 0 ? 'It has none that can be changed' : `It has ${supported.join(', ')}`;
  return new AzuremlError(
    'UNSUPPORTED_SETTING',
    `${article} ${kind} has no setting ${told}. ${rest}. Nothing was changed.`,
    { details: { kind, settings: [...names], supported: [...supported], kinds: Object.fromEntries(known) } },
  );
}

/**
 * Says for a message which kinds have a setting, else which setting was meant.
 *
 * @param name The setting.
 * @param supported Settings that the kind at hand has.
 */
export function whoHasSetting(name: string, supported: readonly string[]): string {
  const kinds = kindsWithSetting(name);
  if (kinds.length === 0) {
    const meant = sameName(name, supported);
    return meant === undefined ? 'no kind has it' : `did you mean ${meant}?`;
  }
  return kinds.length === 1 ? `${kinds[0]} has it` : `${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1)} have it`;
}

/** The setting that another way of writing means, `enable_app_insights` for example. */
function sameName(name: string, supported: readonly string[]): string | undefined {
  const plain = name.replace(/[^a-z0-9]/gi, '').toLowerCase();
  return supported.find((candidate) => candidate.toLowerCase() === plain || OTHER_NAMES[plain] === candidate);
}

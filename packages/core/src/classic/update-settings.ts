import type { AciSettings } from './configuration/aci-settings.ts';
import type { AksSettings } from './configuration/aks-settings.ts';
import type { FieldWish } from './json-patch.ts';
import { type NoCodeModel, noCodeRequest } from './no-code-model.ts';

/** What a service is made from. */
export interface ClassicSources {
  /** Exactly one registered model that needs no scoring script, in place of what is served now. */
  readonly models?: readonly NoCodeModel[] | undefined;
  /** Id of a built image, in place of the one that runs now. */
  readonly imageId?: string | undefined;
}

/** Settings of `AksWebservice.update()`. `description: null` clears the description, as `''` does. */
export interface AksUpdateSettings extends Omit<AksSettings, 'description'>, ClassicSources {
  /** Description for people. */
  readonly description?: string | null | undefined;
}

/** Settings of `AciWebservice.update()`. `description: null` clears the description, as `''` does. */
export interface AciUpdateSettings extends Omit<AciSettings, 'description'>, ClassicSources {
  /** Description for people. */
  readonly description?: string | null | undefined;
  /** Lets the scoring script collect feature rows in the workspace's storage account; the Python client lacks it. */
  readonly collectModelData?: boolean | undefined;
}

/** Settings of `AksEndpoint.update()`. `description: null` clears the description, as `''` does. */
export interface AksEndpointUpdateSettings
  extends Pick<AksUpdateSettings, 'authEnabled' | 'tokenAuthEnabled' | 'enableAppInsights' | 'tags' | 'properties'> {
  /** Description for people. */
  readonly description?: string | null | undefined;
}

/** Settings that belong to an endpoint as a whole, or that no version has. */
const NOT_OF_VERSIONS = ['authEnabled', 'tokenAuthEnabled', 'enableAppInsights', 'namespace', 'imageId'] as const;

/** Settings of a version of an `AksEndpoint`. `description: null` clears the description, as `''` does. */
export interface AksVersionSettings extends Omit<AksUpdateSettings, (typeof NOT_OF_VERSIONS)[number]> {
  /** Share of the traffic that the version gets, in percent, 0 to 100. */
  readonly trafficPercentile?: number | undefined;
  /** Makes it the version that answers when no other is chosen; the others no longer are then. */
  readonly isDefault?: boolean | undefined;
  /** Makes it the version that others are compared with; the others are treatments then. */
  readonly isControlVersionType?: boolean | undefined;
}

/** A setting and the field that it stands for. */
type SettingField = readonly [setting: string, ...path: string[]];

/** In the order of the Python client's patches. */
const AKS_FIELDS: readonly SettingField[] = [
  ['models', 'environmentImageRequest'],
  ['imageId', 'imageId'],
  ['autoscaleEnabled', 'autoScaler', 'autoscaleEnabled'],
  ['autoscaleMinReplicas', 'autoScaler', 'minReplicas'],
  ['autoscaleMaxReplicas', 'autoScaler', 'maxReplicas'],
  ['autoscaleRefreshSeconds', 'autoScaler', 'refreshPeriodInSeconds'],
  ['autoscaleTargetUtilization', 'autoScaler', 'targetUtilization'],
  ['collectModelData', 'dataCollection', 'storageEnabled'],
  ['authEnabled', 'authEnabled'],
  ['tokenAuthEnabled', 'aadAuthEnabled'],
  ['cpuCores', 'containerResourceRequirements', 'cpu'],
  ['cpuCoresLimit', 'containerResourceRequirements', 'cpuLimit'],
  ['memoryGb', 'containerResourceRequirements', 'memoryInGB'],
  ['memoryGbLimit', 'containerResourceRequirements', 'memoryInGBLimit'],
  ['gpuCores', 'containerResourceRequirements', 'gpu'],
  ['enableAppInsights', 'appInsightsEnabled'],
  ['scoringTimeoutMs', 'scoringTimeoutMs'],
  ['replicaMaxConcurrentRequests', 'maxConcurrentRequestsPerContainer'],
  ['maxRequestWaitTime', 'maxQueueWaitMs'],
  ['numReplicas', 'numReplicas'],
  ['periodSeconds', 'livenessProbeRequirements', 'periodSeconds'],
  ['initialDelaySeconds', 'livenessProbeRequirements', 'initialDelaySeconds'],
  ['timeoutSeconds', 'livenessProbeRequirements', 'timeoutSeconds'],
  ['successThreshold', 'livenessProbeRequirements', 'successThreshold'],
  ['failureThreshold', 'livenessProbeRequirements', 'failureThreshold'],
  ['namespace', 'namespace'],
  ['tags', 'kvTags'],
  ['properties', 'properties'],
  ['description', 'description'],
];

const ACI_FIELDS: readonly SettingField[] = [
  ['models', 'environmentImageRequest'],
  ['imageId', 'imageId'],
  ['tags', 'kvTags'],
  ['properties', 'properties'],
  ['description', 'description'],
  ['authEnabled', 'authEnabled'],
  ['sslEnabled', 'sslEnabled'],
  ['sslCertPemFile', 'sslCertificate'],
  ['sslKeyPemFile', 'sslKey'],
  ['sslCname', 'cname'],
  ['enableAppInsights', 'appInsightsEnabled'],
  ['collectModelData', 'dataCollection', 'storageEnabled'],
];

const ENDPOINT_SETTINGS = ['authEnabled', 'tokenAuthEnabled', 'enableAppInsights', 'tags', 'properties', 'description'];
const VERSION_FIELDS: readonly SettingField[] = [
  ...AKS_FIELDS.filter(([setting]) => !NOT_OF_VERSIONS.some((name) => name === setting)),
  ['trafficPercentile', 'trafficPercentile'],
];

/** Settings by the kind of service, in the order of the patch. */
export const CLASSIC_FIELDS = {
  AksWebservice: AKS_FIELDS,
  AciWebservice: ACI_FIELDS,
  AksEndpoint: AKS_FIELDS.filter(([setting]) => ENDPOINT_SETTINGS.includes(setting)),
  version: VERSION_FIELDS,
} as const;

/** Settings that change no running replica, but their number or what is said of them. */
const CALM: ReadonlySet<string> = new Set([
  ...['tags', 'properties', 'description', 'numReplicas', 'trafficPercentile', 'isDefault', 'isControlVersionType'],
  ...AKS_FIELDS.flatMap(([setting]) => (setting.startsWith('autoscale') ? [setting] : [])),
]);

/** Whether settings replace the running replicas by new ones. */
export function isRollingChange(settings: object): boolean {
  return Object.entries(settings).some(([setting, value]) => value !== undefined && !CALM.has(setting));
}

/**
 * The fields that settings stand for.
 *
 * @param fields Settings of the kind, in the order of the patch.
 * @param settings Checked settings; for a PEM file the text of the file. `undefined` is left alone.
 * @param below Names from the root of the resource to what the settings belong to.
 */
export function settingWishes(
  fields: readonly SettingField[],
  settings: object,
  below: readonly string[] = [],
): FieldWish[] {
  return fields.flatMap(([setting, ...own]): FieldWish[] => {
    const value: unknown = (settings as Record<string, unknown>)[setting];
    const path = [...below, ...own];
    if (value === undefined) {
      return [];
    }
    switch (setting) {
      case 'models':
        return [{ path, value: noCodeRequest(value as readonly NoCodeModel[]) }];
      case 'properties':
        // One by one: there is no way to take a property away.
        return Object.entries(value as object).map(([name, text]) => ({
          path: [...path, name],
          value: text,
          op: 'add',
        }));
      case 'tags':
        return [{ path, value: { ...(value as object) } }];
      case 'sslKeyPemFile':
        return [{ path, value, isSecret: true }];
      default:
        return [{ path, value }];
    }
  });
}

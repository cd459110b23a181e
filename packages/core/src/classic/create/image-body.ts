import type { JsonObject } from '../../azure/json-object.ts';
import type { AciDeploymentOptions } from '../configuration/aci-settings.ts';
import type { AksDeploymentOptions } from '../configuration/aks-settings.ts';
import { fileText, given, switches } from './create-body.ts';

/** What both kinds need beside their configuration. */
export interface ImageCreateInit {
  readonly name: string;
  /** Id of an image that is there. */
  readonly imageId: string;
  readonly overwrite: boolean;
}

function keysOf({ primaryKey, secondaryKey }: Pick<AksDeploymentOptions, 'primaryKey' | 'secondaryKey'>): JsonObject {
  return primaryKey === undefined ? {} : { keys: { primaryKey, secondaryKey: secondaryKey ?? null } };
}

/**
 * The request for a service on AKS from an image. Other than one from a script, it has only what was given.
 *
 * Source: `AksWebservice._deploy` of azureml-core.
 */
export function aksImageBody(
  { name, imageId, overwrite }: ImageCreateInit,
  settings: AksDeploymentOptions,
  computeName: string | undefined,
): JsonObject {
  const probe = given({
    periodSeconds: settings.periodSeconds,
    initialDelaySeconds: settings.initialDelaySeconds,
    timeoutSeconds: settings.timeoutSeconds,
    successThreshold: settings.successThreshold,
    failureThreshold: settings.failureThreshold,
  });
  const autoScaler = given({
    autoscaleEnabled: settings.autoscaleEnabled,
    minReplicas: settings.autoscaleMinReplicas,
    maxReplicas: settings.autoscaleMaxReplicas,
    targetUtilization: settings.autoscaleTargetUtilization,
    refreshPeriodInSeconds: settings.autoscaleRefreshSeconds,
  });
  return {
    name,
    computeType: 'AKS',
    computeName: computeName ?? null,
    imageId,
    properties: { ...settings.properties },
    tags: null,
    maxConcurrentRequestsPerContainer: settings.replicaMaxConcurrentRequests ?? null,
    containerResourceRequirements: given({
      cpu: settings.cpuCores,
      cpuLimit: settings.cpuCoresLimit,
      memoryInGB: settings.memoryGb,
      memoryInGBLimit: settings.memoryGbLimit,
      gpu: settings.gpuCores,
    }),
    ...switches(settings),
    ...keysOf(settings),
    ...given({
      description: settings.description,
      kvTags: settings.tags,
      aadAuthEnabled: settings.tokenAuthEnabled,
      numReplicas: settings.numReplicas,
      maxQueueWaitMs: settings.maxRequestWaitTime,
      namespace: settings.namespace,
      scoringTimeoutMs: settings.scoringTimeoutMs,
      livenessProbeRequirements: Object.keys(probe).length === 0 ? undefined : probe,
      autoScaler: Object.keys(autoScaler).length === 0 ? undefined : autoScaler,
      overwrite: overwrite ? true : undefined,
    }),
  };
}

/**
 * The request for a service on ACI from an image.
 *
 * Source: `AciWebservice._deploy` of azureml-core, which ignores `collectModelData` and the keys.
 */
export function aciImageBody(
  { name, imageId, overwrite }: ImageCreateInit,
  settings: AciDeploymentOptions,
): JsonObject {
  const { cmkVaultBaseUrl, cmkKeyName, cmkKeyVersion, vnetName, subnetName } = settings;
  return {
    name,
    computeType: 'ACI',
    imageId,
    description: settings.description ?? null,
    kvTags: settings.tags ?? null,
    tags: null,
    properties: { ...settings.properties },
    location: settings.location ?? null,
    containerResourceRequirements: { cpu: settings.cpuCores ?? null, memoryInGB: settings.memoryGb ?? null },
    encryptionProperties:
      cmkVaultBaseUrl === undefined
        ? null
        : { vaultBaseUrl: cmkVaultBaseUrl, keyName: cmkKeyName ?? null, keyVersion: cmkKeyVersion ?? null },
    vnetConfiguration: vnetName === undefined ? null : { vnetName, subnetName: subnetName ?? null },
    ...switches(settings),
    ...keysOf(settings),
    ...given({
      cname: settings.sslCname,
      dnsNameLabel: settings.dnsNameLabel,
      sslEnabled: settings.sslEnabled,
      sslCertificate: fileText(settings.sslCertPemFile),
      sslKey: fileText(settings.sslKeyPemFile),
      overwrite: overwrite ? true : undefined,
    }),
  };
}

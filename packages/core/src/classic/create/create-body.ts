import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../azure/json-object.ts';
import type { AciDeploymentOptions } from '../configuration/aci-settings.ts';
import type { AksDeploymentOptions, AksEndpointDeploymentOptions } from '../configuration/aks-settings.ts';

/** What every kind needs beside its configuration. */
export interface CreateInit {
  readonly name: string;
  /** What the image is built from. */
  readonly environmentImageRequest: JsonObject;
  readonly overwrite: boolean;
}

/** Null where the service decides: a new service is asked for with all its fields. */
function orNull<T>(value: T | undefined): T | null {
  return value ?? null;
}

/** The fields that are only sent when they were given. @internal */
export function given(fields: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function common(
  init: CreateInit,
  computeType: string,
  settings: Pick<AksDeploymentOptions, 'description' | 'tags' | 'properties' | 'primaryKey' | 'secondaryKey'>,
): JsonObject {
  return {
    name: init.name,
    description: orNull(settings.description),
    kvTags: settings.tags === undefined ? null : { ...settings.tags },
    properties: { ...settings.properties },
    keys: { primaryKey: orNull(settings.primaryKey), secondaryKey: orNull(settings.secondaryKey) },
    computeType,
    environmentImageRequest: init.environmentImageRequest,
    ...(init.overwrite ? { overwrite: true } : {}),
  };
}

/** The switches that all kinds have; only those that were given. @internal */
export function switches(
  settings: Pick<AksDeploymentOptions, 'enableAppInsights' | 'authEnabled' | 'collectModelData'>,
): JsonObject {
  const { enableAppInsights, authEnabled, collectModelData } = settings;
  return given({
    appInsightsEnabled: enableAppInsights,
    authEnabled,
    dataCollection:
      collectModelData === undefined ? undefined : { storageEnabled: collectModelData, eventHubEnabled: false },
  });
}

/**
 * The request for a service on AKS.
 *
 * Source: `AksServiceDeploymentConfiguration._to_service_create_payload` of azureml-core, which leaves out
 * `collectModelData: false`.
 */
export function aksCreateBody(
  init: CreateInit,
  settings: AksDeploymentOptions,
  computeName: string | undefined,
): JsonObject {
  return {
    ...common(init, 'AKS', settings),
    ...switches(settings),
    ...aksFields(settings),
    ...given({
      aadAuthEnabled: settings.tokenAuthEnabled,
      storageInitEnabled: settings.blobfuseEnabled === undefined ? undefined : !settings.blobfuseEnabled,
    }),
    computeName: orNull(computeName),
    location: null,
  };
}

function aksFields(settings: AksDeploymentOptions): JsonObject {
  return {
    numReplicas: orNull(settings.numReplicas),
    containerResourceRequirements: {
      cpu: orNull(settings.cpuCores),
      cpuLimit: orNull(settings.cpuCoresLimit),
      memoryInGB: orNull(settings.memoryGb),
      memoryInGBLimit: orNull(settings.memoryGbLimit),
      gpu: orNull(settings.gpuCores),
    },
    maxConcurrentRequestsPerContainer: orNull(settings.replicaMaxConcurrentRequests),
    maxQueueWaitMs: orNull(settings.maxRequestWaitTime),
    namespace: orNull(settings.namespace),
    scoringTimeoutMs: orNull(settings.scoringTimeoutMs),
    livenessProbeRequirements: {
      periodSeconds: orNull(settings.periodSeconds),
      initialDelaySeconds: orNull(settings.initialDelaySeconds),
      timeoutSeconds: orNull(settings.timeoutSeconds),
      successThreshold: orNull(settings.successThreshold),
      failureThreshold: orNull(settings.failureThreshold),
    },
    ...autoScaler(settings),
  };
}

function autoScaler(settings: AksDeploymentOptions): JsonObject {
  return settings.autoscaleEnabled === undefined
    ? {}
    : {
        autoScaler: {
          autoscaleEnabled: settings.autoscaleEnabled,
          minReplicas: orNull(settings.autoscaleMinReplicas),
          maxReplicas: orNull(settings.autoscaleMaxReplicas),
          targetUtilization: orNull(settings.autoscaleTargetUtilization),
          refreshPeriodInSeconds: orNull(settings.autoscaleRefreshSeconds),
        },
      };
}

/** The request for an AKS endpoint with its first version. */
export function aksEndpointCreateBody(
  init: CreateInit,
  settings: AksEndpointDeploymentOptions,
  computeName: string | undefined,
): JsonObject {
  const { versionName = init.name, trafficPercentile } = settings;
  const { environmentImageRequest: _, ...endpoint } = common(init, 'AKSENDPOINT', settings);
  return {
    ...endpoint,
    tags: null,
    computeName: orNull(computeName),
    ...switches(settings),
    ...given({ aadAuthEnabled: settings.tokenAuthEnabled }),
    versions: {
      [versionName]: {
        ...aksCreateBody({ ...init, name: versionName, overwrite: false }, settings, undefined),
        computeType: 'AKSENDPOINT',
        ...given({ trafficPercentile }),
      },
    },
  };
}

/**
 * The request for a service on ACI.
 *
 * Source: `AciServiceDeploymentConfiguration._to_service_create_payload` of azureml-core, which leaves out
 * `collectModelData: false`.
 */
export function aciCreateBody(init: CreateInit, settings: AciDeploymentOptions): JsonObject {
  const { cmkVaultBaseUrl, cmkKeyName, cmkKeyVersion, vnetName, subnetName, sslEnabled } = settings;
  return {
    ...common(init, 'ACI', settings),
    ...switches(settings),
    containerResourceRequirements: { cpu: orNull(settings.cpuCores), memoryInGB: orNull(settings.memoryGb) },
    location: orNull(settings.location),
    cname: orNull(settings.sslCname),
    dnsNameLabel: orNull(settings.dnsNameLabel),
    ...given({
      sslEnabled,
      sslCertificate: fileText(settings.sslCertPemFile),
      sslKey: fileText(settings.sslKeyPemFile),
      encryptionProperties:
        cmkVaultBaseUrl === undefined
          ? undefined
          : { vaultBaseUrl: cmkVaultBaseUrl, keyName: cmkKeyName, keyVersion: cmkKeyVersion },
      vnetConfiguration: vnetName === undefined ? undefined : { vnetName, subnetName },
    }),
  };
}

/** The text of a PEM file. */
export function fileText(path: string | undefined): string | undefined {
  return path === undefined ? undefined : readFileSync(path, 'utf8');
}

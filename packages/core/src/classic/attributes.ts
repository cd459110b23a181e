import { isJsonObject, type JsonObject } from '../azure/json-object.ts';
import { fieldAt } from './json-patch.ts';

/** How the number of replicas follows the load. What the service did not say is `undefined`. */
export interface Autoscaler {
  /** Whether it does. */
  readonly autoscaleEnabled: boolean | undefined;
  /** Fewest replicas. */
  readonly minReplicas: number | undefined;
  /** Most replicas. */
  readonly maxReplicas: number | undefined;
  /** Seconds between two looks at the load. */
  readonly refreshPeriodSeconds: number | undefined;
  /** Load that is aimed at, in percent. */
  readonly targetUtilization: number | undefined;
}

/** What a replica gets of a machine. */
export interface ContainerResourceRequirements {
  /** CPU cores. */
  readonly cpu: number | undefined;
  /** Most CPU cores (AKS). */
  readonly cpuLimit: number | undefined;
  /** Memory in GB. */
  readonly memoryInGb: number | undefined;
  /** Most memory in GB (AKS). */
  readonly memoryInGbLimit: number | undefined;
  /** GPUs (AKS). */
  readonly gpu: number | undefined;
}

/** Where feature rows are collected. */
export interface DataCollectionSwitches {
  /** In the workspace's storage account: what `collectModelData` switches. */
  readonly storageEnabled: boolean | undefined;
  /** In an event hub. */
  readonly eventHubEnabled: boolean | undefined;
}

/** How it is found out that a replica no longer answers. */
export interface LivenessProbeRequirements {
  /** Seconds between two probes. */
  readonly periodSeconds: number;
  /** Seconds before the first one. */
  readonly initialDelaySeconds: number;
  /** Seconds that an answer may take. */
  readonly timeoutSeconds: number;
  /** Failures after which a replica is started anew. */
  readonly failureThreshold: number;
  /** Successes after which a replica counts as alive again. */
  readonly successThreshold: number;
}

/** The key of one's own that an ACI service is encrypted with. */
export interface EncryptionProperties {
  /** Key vault of the key. */
  readonly vaultBaseUrl: string | undefined;
  /** Name of the key. */
  readonly keyName: string | undefined;
  /** Version of the key. */
  readonly keyVersion: string | undefined;
}

/** The virtual network that an ACI service runs in. */
export interface VnetConfiguration {
  /** Name of the network. */
  readonly vnetName: string | undefined;
  /** Its subnet. */
  readonly subnetName: string | undefined;
}

// Readers of one field: a field that is missing, null or of another type is `undefined`, never an error, so that an answer
// which says less than expected can still be used.

export function textOf(resource: unknown, ...path: readonly string[]): string | undefined {
  const value = fieldAt(resource, path);
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(resource: unknown, ...path: readonly string[]): number | undefined {
  const value = fieldAt(resource, path);
  return typeof value === 'number' ? value : undefined;
}

export function flagOf(resource: unknown, ...path: readonly string[]): boolean | undefined {
  const value = fieldAt(resource, path);
  return typeof value === 'boolean' ? value : undefined;
}

export function dateOf(resource: unknown, ...path: readonly string[]): Date | undefined {
  const date = new Date(textOf(resource, ...path) ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

export function objectOf(resource: unknown, ...path: readonly string[]): JsonObject | undefined {
  const value = fieldAt(resource, path);
  return isJsonObject(value) ? value : undefined;
}

/** A dictionary of texts; a copy, empty when there is none. */
export function textsOf(resource: unknown, ...path: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(objectOf(resource, ...path) ?? {}).flatMap(([name, value]) =>
      value === null || value === undefined
        ? []
        : [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const],
    ),
  );
}

/** `autoScaler`. */
export function autoscalerOf(resource: unknown): Autoscaler | undefined {
  const given = objectOf(resource, 'autoScaler');
  return (
    given && {
      autoscaleEnabled: flagOf(given, 'autoscaleEnabled'),
      minReplicas: numberOf(given, 'minReplicas'),
      maxReplicas: numberOf(given, 'maxReplicas'),
      refreshPeriodSeconds: numberOf(given, 'refreshPeriodInSeconds'),
      targetUtilization: numberOf(given, 'targetUtilization'),
    }
  );
}

/** `containerResourceRequirements`. */
export function requirementsOf(resource: unknown): ContainerResourceRequirements | undefined {
  const given = objectOf(resource, 'containerResourceRequirements');
  return (
    given && {
      cpu: numberOf(given, 'cpu'),
      cpuLimit: numberOf(given, 'cpuLimit'),
      memoryInGb: numberOf(given, 'memoryInGB'),
      memoryInGbLimit: numberOf(given, 'memoryInGBLimit'),
      gpu: numberOf(given, 'gpu'),
    }
  );
}

/** `dataCollection`. */
export function dataCollectionOf(resource: unknown): DataCollectionSwitches | undefined {
  const given = objectOf(resource, 'dataCollection');
  return (
    given && {
      storageEnabled: flagOf(given, 'storageEnabled'),
      eventHubEnabled: flagOf(given, 'eventHubEnabled'),
    }
  );
}

/** `livenessProbeRequirements`; what is not said has the value that the Python client takes. */
export function livenessProbeOf(resource: unknown): LivenessProbeRequirements {
  const given = objectOf(resource, 'livenessProbeRequirements');
  return {
    periodSeconds: numberOf(given, 'periodSeconds') ?? 10,
    initialDelaySeconds: numberOf(given, 'initialDelaySeconds') ?? 310,
    timeoutSeconds: numberOf(given, 'timeoutSeconds') ?? 1,
    failureThreshold: numberOf(given, 'failureThreshold') ?? 3,
    successThreshold: numberOf(given, 'successThreshold') ?? 1,
  };
}

/** `encryptionProperties`. */
export function encryptionOf(resource: unknown): EncryptionProperties | undefined {
  const given = objectOf(resource, 'encryptionProperties');
  return (
    given && {
      vaultBaseUrl: textOf(given, 'vaultBaseUrl'),
      keyName: textOf(given, 'keyName'),
      keyVersion: textOf(given, 'keyVersion'),
    }
  );
}

/** `vnetConfiguration`. */
export function vnetOf(resource: unknown): VnetConfiguration | undefined {
  const given = objectOf(resource, 'vnetConfiguration');
  return given && { vnetName: textOf(given, 'vnetName'), subnetName: textOf(given, 'subnetName') };
}

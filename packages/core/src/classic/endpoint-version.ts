import type { JsonValue } from '@azureml-ts/common';
import { isJsonObject, type JsonObject } from '../azure/json-object.ts';
import type { DeploymentFault } from '../errors.ts';
import type { WebserviceState } from '../webservice/state.ts';
import {
  type Autoscaler,
  autoscalerOf,
  type ContainerResourceRequirements,
  type DataCollectionSwitches,
  dataCollectionOf,
  dateOf,
  flagOf,
  type LivenessProbeRequirements,
  livenessProbeOf,
  numberOf,
  objectOf,
  requirementsOf,
  textOf,
  textsOf,
} from './attributes.ts';
import { isBoolean, isGiven, isPercentile, serviceNameFault } from './configuration/rules.ts';
import { aksUpdateFaults } from './configuration/update-faults.ts';
import { aksCurrent } from './current-settings.ts';
import { type FieldWish, fieldAt, wishedObject } from './json-patch.ts';
import { modelFaults } from './no-code-model.ts';
import { withoutSecrets } from './secrets.ts';
import { type AksVersionSettings, CLASSIC_FIELDS, settingWishes } from './update-settings.ts';

/** A version of an `AksEndpoint`, as it was when the endpoint was last read. What was not said is `undefined`. */
export interface AksEndpointVersion {
  /** Name of the version. */
  readonly name: string;
  /** State of the version. */
  readonly state: WebserviceState;
  /** What is wrong with it. */
  readonly error: JsonValue | undefined;
  /** Where it can be scored with by itself. */
  readonly scoringUri: string | undefined;
  /** Whether it answers when no version is chosen. */
  readonly isDefault: boolean | undefined;
  /** `Control` or `Treatment`. */
  readonly versionType: string | undefined;
  /** Share of the endpoint's traffic, in percent. */
  readonly trafficPercentile: number | undefined;
  /** When it was made. */
  readonly createdTime: Date | undefined;
  /** When it was last changed. */
  readonly updatedTime: Date | undefined;
  /** Tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** Properties. */
  readonly properties: Readonly<Record<string, string>>;
  /** Description for people. */
  readonly description: string | undefined;
  /** Whether feature rows are collected in the workspace's storage account. */
  readonly collectModelData: boolean | undefined;
  /** Where feature rows are collected. */
  readonly dataCollection: DataCollectionSwitches | undefined;
  /** How the number of replicas follows the load. */
  readonly autoscaler: Autoscaler | undefined;
  /** What a replica gets of a machine. */
  readonly containerResourceRequirements: ContainerResourceRequirements | undefined;
  /** How it is found out that a replica no longer answers. */
  readonly livenessProbeRequirements: LivenessProbeRequirements;
  /** Number of replicas. */
  readonly numReplicas: number | undefined;
  /** Longest time for one scoring call, in milliseconds. */
  readonly scoringTimeoutMs: number | undefined;
  /** Most calls that one replica works on at a time. */
  readonly maxConcurrentRequestsPerContainer: number | undefined;
  /** Longest wait of a call in the queue, in milliseconds. */
  readonly maxRequestWaitTime: number | undefined;
  /** Everything that the service said of it; a copy, with secrets masked. */
  readonly resource: Readonly<Record<string, unknown>>;
}

/** The versions of an endpoint, by name. */
export function versionsOf(endpoint: JsonObject): Readonly<Record<string, AksEndpointVersion>> {
  const versions = Object.entries(objectOf(endpoint, 'versions') ?? {});
  return Object.freeze(
    Object.fromEntries(
      versions.flatMap(([name, version]) => (isJsonObject(version) ? [[name, readVersion(name, version)]] : [])),
    ),
  );
}

function readVersion(name: string, version: JsonObject): AksEndpointVersion {
  const dataCollection = dataCollectionOf(version);
  return Object.freeze({
    name,
    state: textOf(version, 'state') ?? 'Unknown',
    error: (withoutSecrets(fieldAt(version, ['error'])) ?? undefined) as JsonValue | undefined,
    scoringUri: textOf(version, 'scoringUri'),
    isDefault: flagOf(version, 'isDefault'),
    versionType: textOf(version, 'type'),
    trafficPercentile: numberOf(version, 'trafficPercentile'),
    createdTime: dateOf(version, 'createdTime'),
    updatedTime: dateOf(version, 'updatedTime'),
    tags: textsOf(version, 'kvTags'),
    properties: textsOf(version, 'properties'),
    description: textOf(version, 'description'),
    collectModelData: dataCollection?.storageEnabled,
    dataCollection,
    autoscaler: autoscalerOf(version),
    containerResourceRequirements: requirementsOf(version),
    livenessProbeRequirements: livenessProbeOf(version),
    numReplicas: numberOf(version, 'numReplicas'),
    scoringTimeoutMs: numberOf(version, 'scoringTimeoutMs'),
    maxConcurrentRequestsPerContainer: numberOf(version, 'maxConcurrentRequestsPerContainer'),
    maxRequestWaitTime: numberOf(version, 'maxQueueWaitMs'),
    resource: withoutSecrets(version) as JsonObject,
  });
}

/** Names of the settings that a version has. */
export const VERSION_SETTINGS: readonly string[] = [
  ...CLASSIC_FIELDS.version.map(([name]) => name),
  'isDefault',
  'isControlVersionType',
];

/**
 * What is wrong with the settings of a version.
 *
 * @param settings The settings as the caller gave them.
 * @param version The version as it is now; `undefined` when it is to be made.
 */
export function versionFaults(settings: AksVersionSettings, version: JsonObject | undefined): DeploymentFault[] {
  const { trafficPercentile, isDefault, isControlVersionType } = settings;
  const faults = [...aksUpdateFaults(settings as object, aksCurrent(version)), ...modelFaults(settings.models)];
  if (version === undefined && settings.models === undefined) {
    faults.push({ path: 'models', message: 'is needed: a list of exactly one model { id, modelFramework }' });
  }
  for (const [path, value, rule] of [
    ['trafficPercentile', trafficPercentile, isPercentile],
    ['isDefault', isDefault, isBoolean],
    ['isControlVersionType', isControlVersionType, isBoolean],
  ] as const) {
    const message = value === undefined ? undefined : rule(value);
    if (message !== undefined) {
      faults.push({ path, message });
    }
  }
  return faults;
}

/**
 * What is wrong with the name of a version.
 *
 * @param name The name.
 * @param endpoint The endpoint as it was read.
 * @param isNew Whether the version is to be made.
 */
export function versionNameFaults(name: unknown, endpoint: JsonObject, isNew: boolean): DeploymentFault[] {
  const names = Object.keys(objectOf(endpoint, 'versions') ?? {});
  const isThere = typeof name === 'string' && names.includes(name);
  const message = isNew
    ? (serviceNameFault(name) ??
      (isThere ? `is the name of a version that is there already: ${String(name)}` : undefined))
    : isThere
      ? undefined
      : `must be the name of a version of the endpoint (${names.join(', ') || 'it has none'}), but is ${String(name)}`;
  return message === undefined ? [] : [{ path: 'versionName', message }];
}

/** The fields that a new version stands for. */
export function newVersionWishes(name: string, settings: AksVersionSettings, endpoint: JsonObject): FieldWish[] {
  const { isDefault, isControlVersionType } = settings;
  const value: JsonObject = {
    name,
    computeType: 'AKSENDPOINT',
    ...wishedObject(settingWishes(CLASSIC_FIELDS.version, settings)),
    ...(isGiven(isDefault) ? { isDefault } : {}),
    ...(isGiven(isControlVersionType) ? { type: typeWord(isControlVersionType) } : {}),
  };
  return [{ path: ['versions', name], value, op: 'add' }, ...otherVersions(name, settings, endpoint)];
}

/** The fields that changed settings of a version stand for. */
export function versionWishes(name: string, settings: AksVersionSettings, endpoint: JsonObject): FieldWish[] {
  const below = ['versions', name];
  const { isDefault, isControlVersionType } = settings;
  return [
    ...settingWishes(CLASSIC_FIELDS.version, settings, below),
    ...(isGiven(isDefault) ? [{ path: [...below, 'isDefault'], value: isDefault }] : []),
    ...(isGiven(isControlVersionType) ? [{ path: [...below, 'type'], value: typeWord(isControlVersionType) }] : []),
    ...otherVersions(name, settings, endpoint),
  ];
}

/** There is one default and one control version: the others stand back. */
function otherVersions(name: string, settings: AksVersionSettings, endpoint: JsonObject): FieldWish[] {
  const others = Object.keys(objectOf(endpoint, 'versions') ?? {}).filter((other) => other !== name);
  return [
    ...(settings.isDefault === true ? others.map((other) => wish(other, 'isDefault', false)) : []),
    ...(settings.isControlVersionType === true ? others.map((other) => wish(other, 'type', 'Treatment')) : []),
  ];
}

function wish(version: string, field: string, value: unknown): FieldWish {
  return { path: ['versions', version, field], value };
}

function typeWord(isControl: boolean | undefined): string {
  return isControl === true ? 'Control' : 'Treatment';
}

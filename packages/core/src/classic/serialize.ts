import type { JsonValue } from '@azureml-ts/common';
import type { JsonObject } from '../azure/json-object.ts';
import { livenessProbeOf, objectOf, textOf } from './attributes.ts';
import type { ClassicKind } from './compute-type.ts';
import { fieldAt } from './json-patch.ts';
import { withoutSecrets } from './secrets.ts';

/** What {@link serializeService} writes besides the resource. */
export interface SerializeInit {
  readonly kind: ClassicKind;
  readonly workspaceName: string;
  readonly state: string;
  readonly scoringUri: string | undefined;
}

const AKS_FIELDS = [
  'appInsightsEnabled',
  'authEnabled',
  'computeName',
  'maxConcurrentRequestsPerContainer',
  'maxQueueWaitMs',
  'numReplicas',
  'deploymentStatus',
  'scoringTimeoutMs',
  'aadAuthEnabled',
  'isDefault',
  'trafficPercentile',
];
const ACI_FIELDS = [
  'location',
  'authEnabled',
  'sslEnabled',
  'appInsightsEnabled',
  'sslCertificate',
  'sslKey',
  'cname',
  'publicIp',
  'publicFqdn',
];
const ENDPOINT_FIELDS = ['computeName', 'appInsightsEnabled', 'authEnabled', 'aadAuthEnabled', 'deploymentStatus'];

/**
 * A service as JSON with the names of the Python client. Secrets and the values of environment variables are masked.
 *
 * Source: `serialize` of the classes of azureml-core, which shows a service's private key and environment variables.
 *
 * @param resource The service as it was read.
 * @param init What does not stand in it.
 */
export function serializeService(resource: JsonObject, init: SerializeInit): Record<string, JsonValue> {
  const picked = (names: readonly string[], from: unknown = resource) =>
    Object.fromEntries(names.map((name) => [name, fieldAt(from, [name]) ?? null]));
  const part = (name: string, names: readonly string[]) => {
    const given = objectOf(resource, name);
    return { [name]: given === undefined ? null : picked(names, given) };
  };
  const base = {
    ...picked(['name', 'description']),
    tags: fieldAt(resource, ['kvTags']) ?? null,
    ...picked(['properties', 'error', 'computeType', 'imageId', 'imageDigest', 'imageDetails', 'createdBy']),
    state: init.state,
    createdTime: pythonTime(textOf(resource, 'createdTime')),
    updatedTime: pythonTime(textOf(resource, 'updatedTime')),
    workspaceName: init.workspaceName,
    scoringUri: init.scoringUri ?? null,
  };
  return withoutSecrets({ ...base, ...kindFields() }) as Record<string, JsonValue>;

  function kindFields(): object {
    switch (init.kind) {
      case 'AksWebservice':
        return {
          ...picked(AKS_FIELDS),
          ...sources(resource),
          ...part('autoScaler', [
            'autoscaleEnabled',
            'maxReplicas',
            'minReplicas',
            'refreshPeriodInSeconds',
            'targetUtilization',
          ]),
          ...part('containerResourceRequirements', ['cpu', 'cpuLimit', 'memoryInGB', 'memoryInGBLimit', 'gpu']),
          ...part('dataCollection', ['eventHubEnabled', 'storageEnabled']),
          livenessProbeRequirements: { ...livenessProbeOf(resource) },
          versionType: fieldAt(resource, ['type']) ?? null,
        };
      case 'AciWebservice':
        return {
          ...picked(ACI_FIELDS),
          ...sources(resource),
          ...part('containerResourceRequirements', ['cpu', 'memoryInGB']),
          ...part('dataCollection', ['eventHubEnabled', 'storageEnabled']),
          ...part('encryptionProperties', ['vaultBaseUrl', 'keyName', 'keyVersion']),
          ...part('vnetConfiguration', ['vnetName', 'subnetName']),
        };
      case 'AksEndpoint':
        return {
          ...picked(ENDPOINT_FIELDS),
          versions: Object.fromEntries(
            Object.entries(objectOf(resource, 'versions') ?? {}).map(([name, version]) => [
              name,
              serializeService(version as JsonObject, {
                kind: 'AksWebservice',
                workspaceName: init.workspaceName,
                state: textOf(version, 'state') ?? 'Unknown',
                scoringUri: textOf(version, 'scoringUri'),
              }),
            ]),
          ),
        };
      default:
        return {};
    }
  }
}

/** What a service was made from. */
function sources(resource: JsonObject): object {
  const models = fieldAt(resource, ['models']);
  return {
    environmentDetails: objectOf(resource, 'environmentImageRequest', 'environment') ?? null,
    modelDetails: Array.isArray(models) && models.length > 0 ? models : null,
  };
}

/**
 * Takes JSON that `serialize()` made, here or in Python, back to the form of the service.
 *
 * @param payload That JSON, or an answer of the service, which stays as it is.
 */
export function deserializeResource(payload: JsonObject): JsonObject {
  const { tags, versionType, environmentDetails, modelDetails, workspaceName: _, versions, ...rest } = payload;
  return {
    ...rest,
    ...(tags === undefined || 'kvTags' in rest ? {} : { kvTags: tags }),
    ...(versionType === undefined || 'type' in rest ? {} : { type: versionType }),
    ...(environmentDetails === undefined || environmentDetails === null || 'environmentImageRequest' in rest
      ? {}
      : { environmentImageRequest: { environment: environmentDetails } }),
    ...(modelDetails === undefined || 'models' in rest ? {} : { models: modelDetails ?? [] }),
    ...(versions === undefined
      ? {}
      : {
          versions: Object.fromEntries(
            Object.entries(objectOf({ versions }, 'versions') ?? {}).map(([name, version]) => [
              name,
              deserializeResource(version as JsonObject),
            ]),
          ),
        }),
  };
}

/** A time as Python's `isoformat` writes it: `+00:00`, and six digits or none behind the seconds. */
function pythonTime(text: string | undefined): string | null {
  const [, moment, fraction = '', zone = '+00:00'] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/i.exec(text ?? '') ?? [];
  if (moment === undefined) {
    return text ?? null;
  }
  const micros = fraction.slice(0, 6).padEnd(6, '0');
  return `${moment}${Number(micros) === 0 ? '' : `.${micros}`}${/^z$/i.test(zone) ? '+00:00' : zone}`;
}

import { isRecord } from '../../telemetry/json-record.ts';
import { mergeOver } from '../json.ts';
import type { AzureResource } from '../stand-in-types.ts';
import type { World } from '../world.ts';

const CREATED = '2021-10-21T10:00:00.123456Z';
const UPDATED = '2021-10-21T10:05:00.654321Z';

/** A classic service as GET answers it: complete for its compute type, with what is given laid over. @internal */
export function classicResource(world: World, name: string, given: AzureResource = {}): AzureResource {
  const computeType = String(given['computeType'] ?? 'AKS');
  const base = defaultOf(world, name, computeType);
  const { versions, ...rest } = given;
  const resource = mergeOver(base, { ...rest, computeType });
  if (isRecord(versions)) {
    resource['versions'] = Object.fromEntries(
      Object.entries(versions).map(([version, own]) => [
        version,
        mergeOver(aks(world, version, `${scoringBase(world, name, computeType)}/score`), own as AzureResource),
      ]),
    );
  }
  return resource;
}

/** Where a service scores, without the last part. @internal */
export function scoringBase(world: World, name: string, computeType: string): string {
  return world.addresses.classicService(name, computeType);
}

function defaultOf(world: World, name: string, computeType: string): AzureResource {
  const scoringUri = `${scoringBase(world, name, computeType)}/score`;
  switch (computeType) {
    case 'AKS':
      return aks(world, name, scoringUri);
    case 'ACI':
      return aci(world, name, scoringUri);
    case 'AKSENDPOINT':
      return aksEndpoint(world, name, scoringUri);
    default:
      return other(name);
  }
}

function common(name: string): AzureResource {
  return {
    id: name,
    name,
    description: '',
    kvTags: {},
    properties: { hasInferenceSchema: 'False' },
    createdTime: CREATED,
    updatedTime: UPDATED,
    createdBy: { userObjectId: '00000000-0000-0000-0000-000000000001', userName: 'A User' },
    state: 'Healthy',
    error: null,
    operationId: 'op-old',
    models: [],
    imageId: null,
    imageDigest: null,
    modelConfigMap: {},
    environmentImageRequest: null,
  };
}

function aks(world: World, name: string, scoringUri: string): AzureResource {
  return {
    ...common(name),
    computeType: 'AKS',
    computeName: 'aks1',
    deploymentStatus: 'Succeeded',
    modelIds: ['best_model:10'],
    appInsightsEnabled: false,
    authEnabled: true,
    aadAuthEnabled: false,
    namespace: `azureml-${world.names.workspaceName}`,
    dataCollection: { eventHubEnabled: false, storageEnabled: false },
    autoScaler: {
      autoscaleEnabled: null,
      minReplicas: null,
      maxReplicas: null,
      refreshPeriodInSeconds: null,
      targetUtilization: null,
    },
    containerResourceRequirements: {
      cpu: 0.1,
      cpuLimit: null,
      memoryInGB: 0.5,
      memoryInGBLimit: null,
      gpu: null,
      fpga: null,
    },
    livenessProbeRequirements: {
      periodSeconds: 10,
      initialDelaySeconds: 310,
      timeoutSeconds: 2,
      failureThreshold: 3,
      successThreshold: 1,
    },
    maxConcurrentRequestsPerContainer: 1,
    maxQueueWaitMs: null,
    numReplicas: 1,
    scoringTimeoutMs: 60_000,
    isDefault: true,
    trafficPercentile: 100,
    type: 'Control',
    scoringUri,
  };
}

function aci(world: World, name: string, scoringUri: string): AzureResource {
  return {
    ...common(name),
    properties: {},
    computeType: 'ACI',
    modelIds: ['best_model:10'],
    appInsightsEnabled: false,
    authEnabled: true,
    cname: '',
    location: world.names.location,
    publicIp: '10.0.0.1',
    publicFqdn: '',
    sslEnabled: false,
    sslCertificate: '',
    sslKey: '',
    vnetConfiguration: { vnetName: null, subnetName: null },
    encryptionProperties: { vaultBaseUrl: null, keyName: null, keyVersion: null },
    containerResourceRequirements: { cpu: 0.1, memoryInGB: 0.5, gpu: 0 },
    dataCollection: { eventHubEnabled: false, storageEnabled: false },
    scoringUri,
  };
}

function aksEndpoint(world: World, name: string, scoringUri: string): AzureResource {
  return {
    ...common(name),
    properties: {},
    computeType: 'AKSENDPOINT',
    computeName: 'aks1',
    appInsightsEnabled: false,
    authEnabled: true,
    aadAuthEnabled: false,
    deploymentStatus: 'Succeeded',
    namespace: `azureml-${world.names.workspaceName}`,
    scoringUri,
    versions: { v1: aks(world, 'v1', scoringUri) },
  };
}

/** A kind that the classic clients have no class for. */
function other(name: string): AzureResource {
  return {
    ...common(name),
    properties: {},
    ipAddress: '10.0.0.2',
    port: 80,
    numReplicas: 1,
    sslEnabled: false,
  };
}

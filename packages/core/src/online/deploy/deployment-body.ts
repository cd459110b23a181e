import type { JsonObject } from '../../azure/json-object.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { type CollectionDefaults, changedDeployment } from '../deployment-change.ts';
import type { OnlineDeploymentOptions } from '../deployment-configuration.ts';
import type { OnlineEndpointSettings } from '../settings.ts';

/** Requests that an instance works on at a time: with Azure's own default, 1, an asynchronous script would be idle. */
const CONCURRENT_REQUESTS = 8;
/** Longest time for one request. */
const REQUEST_TIMEOUT = 'PT60S';
/** As in the files that `writeContainerFiles` of @azureml-ts/inference-server makes. */
const PROBE = { period: 'PT10S', timeout: 'PT5S', failureThreshold: 30, successThreshold: 1 };

/** What a deployment is made from. */
export interface DeploymentInit {
  readonly workspace: Workspace;
  readonly endpointName: string;
  readonly location: string;
  readonly settings: OnlineDeploymentOptions;
  readonly environmentId: string;
  readonly modelId: string | undefined;
  /** Variables of the script and of the configuration. */
  readonly variables: Readonly<Record<string, string>>;
  readonly defaults: CollectionDefaults;
}

/**
 * The body that makes a deployment. Everything that this package has a default for is said, so that the same deployment is
 * told from another one; the switches and the variables that go with them are set together.
 *
 * Source: `OnlineDeployment`, 2024-04-01.
 */
export function deploymentBody(init: DeploymentInit): JsonObject {
  const { settings, workspace } = init;
  const isKubernetes = settings.computeTargetName !== undefined;
  const isScaledByLoad = settings.scaleSettings?.scaleType === 'TargetUtilization';
  const resources = isKubernetes ? resourceRequirements(settings) : undefined;
  const base: JsonObject = {
    location: init.location,
    kind: isKubernetes ? 'Kubernetes' : 'Managed',
    tags: {},
    ...(isScaledByLoad ? {} : { sku: { name: 'Default', capacity: 1 } }),
    properties: {
      endpointComputeType: isKubernetes ? 'Kubernetes' : 'Managed',
      ...(settings.instanceType === undefined ? {} : { instanceType: settings.instanceType }),
      environmentId: init.environmentId,
      ...(init.modelId === undefined ? {} : { model: init.modelId }),
      // Collected rows and telemetry are found by these.
      environmentVariables: {
        SERVICE_NAME: init.endpointName,
        WORKSPACE_NAME: workspace.workspaceName,
        AZUREML_ARM_SUBSCRIPTION: workspace.subscriptionId,
        AZUREML_ARM_RESOURCEGROUP: workspace.resourceGroup,
        AZUREML_ARM_WORKSPACE_NAME: workspace.workspaceName,
      },
      appInsightsEnabled: false,
      requestSettings: { maxConcurrentRequestsPerInstance: CONCURRENT_REQUESTS, requestTimeout: REQUEST_TIMEOUT },
      livenessProbe: { initialDelay: 'PT30S', ...PROBE },
      readinessProbe: { initialDelay: 'PT10S', ...PROBE },
      scaleSettings: { scaleType: 'Default' },
      ...(isKubernetes
        ? {}
        : {
            egressPublicNetworkAccess: settings.enableEgressPublicNetworkAccess === false ? 'Disabled' : 'Enabled',
          }),
      ...(resources === undefined ? {} : { containerResourceRequirements: resources }),
    },
  };
  return changedDeployment(base, deploymentSettings(init), init.defaults, true);
}

/** The settings that an update has too, and what is said of the deployment. */
export function deploymentSettings({
  settings,
  variables,
}: Pick<DeploymentInit, 'settings' | 'variables'>): OnlineEndpointSettings {
  return {
    enableAppInsights: settings.enableAppInsights,
    appInsightsConnectionString: settings.appInsightsConnectionString,
    collectModelData: settings.collectModelData,
    storage: settings.storage,
    environmentVariables: variables,
    instanceCount: settings.instanceCount,
    requestSettings: settings.requestSettings,
    scaleSettings: settings.scaleSettings,
    livenessProbe: settings.livenessProbe,
    readinessProbe: settings.readinessProbe,
    tags: settings.tags,
    properties: settings.properties,
    description: settings.description,
  };
}

function resourceRequirements(settings: OnlineDeploymentOptions): JsonObject | undefined {
  const { cpuCores, cpuCoresLimit, memoryGb, memoryGbLimit, gpuCores } = settings;
  const resources = (cpu: number | undefined, memory: number | undefined, gpu: number | undefined): JsonObject => ({
    ...(cpu === undefined ? {} : { cpu: String(cpu) }),
    ...(memory === undefined ? {} : { memory: `${memory}Gi` }),
    ...(gpu === undefined ? {} : { gpu: String(gpu) }),
  });
  const requests = resources(cpuCores, memoryGb, gpuCores);
  const limits = resources(cpuCoresLimit, memoryGbLimit, gpuCores);
  const filled = {
    ...(Object.keys(requests).length === 0 ? {} : { containerResourceRequests: requests }),
    ...(Object.keys(limits).length === 0 ? {} : { containerResourceLimits: limits }),
  };
  return Object.keys(filled).length === 0 ? undefined : filled;
}

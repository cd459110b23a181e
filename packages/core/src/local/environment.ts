import { hostname } from 'node:os';
import type { WorkspaceIdentity } from '../workspace/arm-id.ts';
import { destinationVariables } from './insights-destination.ts';
import type { ResolvedSettings } from './settings.ts';

const PLACE = 'it follows from the workspace, the service and its models';

/**
 * Variables that belong to the deployment, and how to set each. The caller's own values of them never reach the service:
 * switches of the parent process must not leak into it.
 */
export const RESERVED_VARIABLES: Readonly<Record<string, string>> = {
  AML_MODEL_DC_STORAGE_ENABLED: 'use collectModelData',
  AML_MODEL_DC_STORAGE: 'use storage',
  AML_APP_INSIGHTS_ENABLED: 'use enableAppInsights',
  APPLICATIONINSIGHTS_CONNECTION_STRING: 'use appInsightsConnectionString',
  AML_APP_INSIGHTS_KEY: 'use appInsightsConnectionString',
  AZUREML_ENTRY_SCRIPT: 'use entryScript of InferenceConfig',
  AZUREML_SOURCE_DIRECTORY: 'use sourceDirectory of InferenceConfig',
  AML_APP_ROOT: 'use sourceDirectory of InferenceConfig',
  AZUREML_MODEL_DIR: PLACE,
  SERVICE_NAME: PLACE,
  WORKSPACE_NAME: PLACE,
  AZUREML_ARM_SUBSCRIPTION: PLACE,
  AZUREML_ARM_RESOURCEGROUP: PLACE,
  AZUREML_ARM_WORKSPACE_NAME: PLACE,
  HOSTNAME: 'it is the name of this machine',
};

/** What the environment of a service is made from. */
export interface ServiceEnvironment {
  readonly workspace: WorkspaceIdentity;
  readonly serviceName: string;
  readonly entryScript: string;
  readonly sourceDirectory: string;
  readonly modelDirectory: string;
  /** Variables of the `InferenceConfig`. */
  readonly scriptVariables: Readonly<Record<string, string>>;
  readonly settings: ResolvedSettings;
  /** Storage of collected rows when the settings name none. */
  readonly defaultStorage: string;
}

/**
 * Environment variables of a service's process: the caller's without the reserved ones, then the script's, then the
 * deployment's.
 *
 * @param service What the service is.
 * @param inherited The caller's environment.
 */
export function serviceEnvironment(service: ServiceEnvironment, inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...inherited };
  for (const name of Object.keys(RESERVED_VARIABLES)) {
    delete env[name];
  }
  return Object.assign(env, serviceVariables(service, inherited));
}

/** The variables that a service gets beside the caller's. */
export function serviceVariables(
  service: ServiceEnvironment,
  inherited: NodeJS.ProcessEnv,
): Readonly<Record<string, string>> {
  const { settings, workspace } = service;
  const env: Record<string, string> = {
    ...service.scriptVariables,
    ...settings.environmentVariables,
    SERVICE_NAME: service.serviceName,
    WORKSPACE_NAME: workspace.workspaceName,
    AZUREML_ARM_SUBSCRIPTION: workspace.subscriptionId,
    AZUREML_ARM_RESOURCEGROUP: workspace.resourceGroup,
    AZUREML_ARM_WORKSPACE_NAME: workspace.workspaceName,
    AZUREML_ENTRY_SCRIPT: service.entryScript,
    AZUREML_SOURCE_DIRECTORY: service.sourceDirectory,
    AML_APP_ROOT: service.sourceDirectory,
    AZUREML_MODEL_DIR: service.modelDirectory,
    HOSTNAME: hostname(),
  };
  // Off is said as clearly as on: a script that names a storage itself would collect when nothing is said.
  env['AML_MODEL_DC_STORAGE_ENABLED'] = String(settings.collectModelData);
  env['AML_APP_INSIGHTS_ENABLED'] = String(settings.enableAppInsights);
  if (settings.collectModelData) {
    env['AML_MODEL_DC_STORAGE'] = settings.storage ?? service.defaultStorage;
  }
  return { ...env, ...destinationVariables(settings, inherited) };
}

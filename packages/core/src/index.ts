/**
 * Workspace and web services of Azure Machine Learning: deploy a scoring script, change its switches, score, read logs.
 *
 * @packageDocumentation
 */
export {
  InteractiveLoginAuthentication,
  type InteractiveLoginAuthenticationOptions,
} from './authentication/interactive-login.ts';
export {
  ConfigFileInvalidError,
  ConfigFileNotFoundError,
  DeploymentConfigurationError,
  DeploymentFailedError,
  type DeploymentFailure,
  type DeploymentFault,
  WebserviceError,
} from './errors.ts';
export type { LocalDeploymentConfiguration, LocalDeploymentOptions } from './local/deployment-configuration.ts';
export { type LocalDeleteOptions, LocalWebservice } from './local/local-webservice.ts';
export type { LocalWebserviceSettings } from './local/settings.ts';
export { InferenceConfig, type InferenceConfigOptions } from './model/inference-config.ts';
export { Model, type ModelDeployOptions, type ModelOptions } from './model/model.ts';
export type { DeploymentProgress, ProgressOptions } from './webservice/progress.ts';
export {
  type GetLogsOptions,
  type RunOptions,
  type UpdateOptions,
  type WaitForDeploymentOptions,
  Webservice,
  type WebserviceState,
} from './webservice/webservice.ts';
export type { WorkspaceIdentity } from './workspace/arm-id.ts';
export type { ConfigFileLocation } from './workspace/config-file.ts';
export {
  Workspace,
  type WorkspaceAccess,
  type WorkspaceClientOptions,
  type WorkspaceFromConfigOptions,
  type WorkspaceOptions,
} from './workspace/workspace.ts';

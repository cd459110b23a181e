/**
 * Workspace and web services of Azure Machine Learning: deploy a scoring script, change its switches, score, read logs.
 *
 * @packageDocumentation
 */
export { ArmTokenAuthentication, type ArmTokenAuthenticationOptions } from './authentication/arm-token.ts';
export type { AuthenticationOptions } from './authentication/authority.ts';
export { AzureCliAuthentication, type AzureCliAuthenticationOptions } from './authentication/azure-cli.ts';
export {
  InteractiveLoginAuthentication,
  type InteractiveLoginAuthenticationOptions,
} from './authentication/interactive-login.ts';
export { MsiAuthentication, type MsiAuthenticationOptions } from './authentication/managed-identity.ts';
export {
  ServicePrincipalAuthentication,
  type ServicePrincipalAuthenticationOptions,
} from './authentication/service-principal.ts';
export { TokenAuthentication, type TokenAuthenticationOptions } from './authentication/token.ts';
export { AciWebservice } from './classic/aci-webservice.ts';
export { AksEndpoint } from './classic/aks-endpoint.ts';
export { AksWebservice } from './classic/aks-webservice.ts';
export type {
  Autoscaler,
  ContainerResourceRequirements,
  DataCollectionSwitches,
  EncryptionProperties,
  LivenessProbeRequirements,
  VnetConfiguration,
} from './classic/attributes.ts';
export { ClassicWebservice } from './classic/classic-webservice.ts';
export type { AciDeploymentConfiguration } from './classic/configuration/aci-deployment-configuration.ts';
export type { AciDeploymentOptions, AciSettings } from './classic/configuration/aci-settings.ts';
export type {
  AksDeploymentConfiguration,
  AksEndpointDeploymentConfiguration,
} from './classic/configuration/aks-deployment-configuration.ts';
export type {
  AksDeploymentOptions,
  AksEndpointDeploymentOptions,
  AksSettings,
} from './classic/configuration/aks-settings.ts';
export type { DeploymentConfiguration } from './classic/configuration/deployment-configuration.ts';
export type { ClassicEnvironment } from './classic/create/classic-environment.ts';
export type {
  ClassicDeployment,
  ClassicDeploymentConfiguration,
  DeployFromImageOptions,
} from './classic/create/deploy-classic.ts';
export type { ClassicDeploymentPlan } from './classic/create/plan-classic.ts';
export type { AksEndpointVersion } from './classic/endpoint-version.ts';
export type { ClassicListOptions } from './classic/list-services.ts';
export type { MigrateOptions } from './classic/migrate.ts';
export type { MigrationEntry, MigrationNote } from './classic/migrate-plan/migration-draft.ts';
export {
  type MigratedDeployment,
  type MigrationPlan,
  type PlanMigrationOptions,
  planMigration,
} from './classic/migrate-plan/plan-migration.ts';
export { formatMigrationPlan } from './classic/migrate-plan/plan-yaml.ts';
export type { NoCodeModel } from './classic/no-code-model.ts';
export { UnknownWebservice } from './classic/unknown-webservice.ts';
export type {
  AciUpdateSettings,
  AksEndpointUpdateSettings,
  AksUpdateSettings,
  AksVersionSettings,
  ClassicSources,
} from './classic/update-settings.ts';
export { DeploymentFileError, type DeploymentFileFault } from './deployment-file/deployment-file-error.ts';
export type { FileDeploymentOptions } from './deployment-file/deployment-options.ts';
export type { DeploymentFileType } from './deployment-file/key-rule.ts';
export {
  type DeploymentFile,
  type ReadDeploymentFileOptions,
  readDeploymentFile,
} from './deployment-file/read-deployment-file.ts';
export {
  Environment,
  type EnvironmentBuild,
  type EnvironmentOptions,
  type EnvironmentRoute,
  type EnvironmentRoutes,
  type ListEnvironmentsOptions,
  type RegisterEnvironmentOptions,
} from './environment/environment.ts';
export {
  ConfigFileInvalidError,
  ConfigFileNotFoundError,
  DeploymentConfigurationError,
  DeploymentFailedError,
  type DeploymentFailure,
  type DeploymentFault,
  WebserviceError,
  WebserviceNotFoundError,
} from './errors.ts';
export type { LocalDeploymentConfiguration, LocalDeploymentOptions } from './local/deployment-configuration.ts';
export type {
  GetLocalWebserviceOptions,
  ListLocalWebservicesOptions,
  LocalSearchOptions,
} from './local/local-plane.ts';
export { type LocalDeleteOptions, LocalWebservice } from './local/local-webservice.ts';
export type { LocalDeploymentPlan } from './local/plan-local.ts';
export type { LocalWebserviceSettings } from './local/settings.ts';
export type { DownloadModelOptions } from './model/download-model.ts';
export { InferenceConfig, type InferenceConfigOptions } from './model/inference-config.ts';
export {
  type ListModelsOptions,
  Model,
  type ModelDeployOptions,
  type ModelOptions,
  type RegisteredModel,
} from './model/model.ts';
export type { PlannedRequest, PlannedUpload } from './model/planned-work.ts';
export type { RegisterModelOptions } from './model/registered-models.ts';
export type { Traffic } from './online/check-traffic.ts';
export type { DataCollectionSettings, DataCollectorSettings, RollingRate } from './online/data-collector.ts';
export type { OnlineDeployOptions } from './online/deploy/deploy-options.ts';
export type { DeploymentPlan } from './online/deploy/deployment-plan.ts';
export type { OnlineDeploymentConfiguration, OnlineDeploymentOptions } from './online/deployment-configuration.ts';
export type { EndpointAuthMode } from './online/endpoint-keys.ts';
export type { RotateKeysOptions } from './online/endpoint-secrets.ts';
export type { ListOnlineEndpointsOptions } from './online/list-endpoints.ts';
export { OnlineDeployment } from './online/online-deployment.ts';
export { type DeploymentsOptions, OnlineEndpoint, type UpdateOnlineEndpointOptions } from './online/online-endpoint.ts';
export type { ProvisioningState } from './online/online-state.ts';
export type {
  OnlineEndpointSettings,
  OnlineProbeSettings,
  OnlineRequestSettings,
  OnlineScaleSettings,
} from './online/settings.ts';
export { UpdateIncompleteError } from './online/update-incomplete-error.ts';
export type { UploadProgress } from './upload/upload-content.ts';
export { formatUpdateReport } from './webservice/format-report.ts';
export { LOG_GAP } from './webservice/log-memory.ts';
export type { DeploymentProgress, ProgressOptions, ProgressPhase } from './webservice/progress.ts';
export type { ServiceKeys, ServiceToken } from './webservice/service-keys.ts';
export type { ServiceLinks } from './webservice/service-links.ts';
export type { WebserviceState } from './webservice/state.ts';
export type { UpdateManyOptions, UpdateManyResult } from './webservice/update-many.ts';
export type { FieldChange, UpdatePart, UpdateReport } from './webservice/update-report.ts';
export {
  type DeleteOptions,
  type FollowLogsOptions,
  type GetLogsOptions,
  type GetWebserviceOptions,
  type KeyName,
  type ListWebservicesOptions,
  type LogContainer,
  type RegenerateKeyOptions,
  type RunOptions,
  type ServiceConfiguration,
  type UpdateOptions,
  type WaitForDeploymentOptions,
  Webservice,
} from './webservice/webservice.ts';
export type { WorkspaceIdentity } from './workspace/arm-id.ts';
export type { WorkspaceClientOptions } from './workspace/client-options.ts';
export { type ConfigFileLocation, findConfigFile } from './workspace/config-file.ts';
export type { DefaultStorage, DefaultStorageOptions, DefaultStorageWithKeys } from './workspace/default-storage.ts';
export type { WorkspaceDetails } from './workspace/details.ts';
export type {
  GetWorkspaceOptions,
  WorkspaceAccess,
  WorkspaceFromConfigOptions,
  WorkspaceOptions,
} from './workspace/options.ts';
export { Workspace } from './workspace/workspace.ts';
export type { WriteConfigOptions } from './workspace/write-config.ts';

/**
 * Loopback stand-ins to test against: a workspace in Azure, telemetry ingestion, a blob store, and a proxy that makes
 * the store fail.
 *
 * @packageDocumentation
 */
export { startAzureStandIn } from './azure/stand-in.ts';
export type {
  AssetVersionState,
  AzureExchange,
  AzureFault,
  AzureOperationPlan,
  AzureResource,
  AzureStandIn,
  AzureStandInOptions,
  ClassicServiceState,
  DatastoreState,
  OnlineDeploymentState,
  OnlineEndpointState,
  StandInScore,
} from './azure/stand-in-types.ts';
export { type Azurite, type AzuriteOptions, startAzurite } from './blob/azurite.ts';
export type { BlobFault, BlobFaultConditions, BlobFaultEffect, InjectedBlobFault } from './blob/fault.ts';
export { type BlobFaultProxyOptions, startBlobFaultProxy } from './blob/fault-proxy.ts';
export type { BlobFaultProxy, ProxiedRequest } from './blob/proxy-types.ts';
export { type LogsStandInOptions, startLogsStandIn } from './logs/stand-in.ts';
export type { LogsAnswer, LogsColumnType, LogsRequest, LogsStandIn } from './logs/stand-in-types.ts';
export type { LogsTableName } from './logs/tables.ts';
export { type CollectionSidecarOptions, startCollectionSidecar } from './sidecar/stand-in.ts';
export type { CollectionSidecar, SidecarAnswer, SidecarRecord } from './sidecar/stand-in-types.ts';
export {
  createSpecificationValidator,
  type SpecificationIssue,
  type SpecificationValidator,
  type SpecificationValidatorOptions,
} from './specification/validator.ts';
export type { TelemetryAnswer } from './telemetry/answer.ts';
export { checkTelemetryEnvelope } from './telemetry/envelope-check.ts';
export type { TelemetryItemError } from './telemetry/ingest.ts';
export type { TelemetryItem } from './telemetry/item.ts';
export { startTelemetryStandIn, type TelemetryStandInOptions } from './telemetry/stand-in.ts';
export type { TelemetryFilter, TelemetryRequest, TelemetryStandIn } from './telemetry/stand-in-types.ts';

/**
 * Collect feature rows from a scoring script and store them in Blob Storage.
 *
 * @packageDocumentation
 */
export { addCorrelations } from './collector/add-correlations.ts';
export type { CollectorIssue } from './collector/collector-issue.ts';
export type { Correlations } from './collector/correlations.ts';
export type { CloseOptions, FlushOptions } from './collector/flush-options.ts';
export { ModelDataCollector } from './collector/model-data-collector.ts';
export type { JournalOptions, ModelDataCollectorOptions } from './collector/options.ts';
export type { CollectOptions, CollectReceipt } from './collector/receipt.ts';
export type { CollectorStats, DroppedRows } from './collector/statistics.ts';
export { FlushError, type FlushErrorOptions, isFlushError } from './errors.ts';
export type { StreamIdentity, WorkspaceIdentity } from './format/blob-path.ts';
export { CORRELATION_COLUMNS } from './format/columns.ts';
export type { Cell } from './format/csv-encode.ts';
export type { FileLayout, FilePeriod } from './format/file-layout.ts';
export type { LedgerEntry, LedgerGap } from './format/ledger.ts';
export type {
  ArrowTableLike,
  CollectInput,
  FeatureRecord,
  FeatureValue,
  NumericArray,
  OnnxTensorLike,
  TensorFlowTensorLike,
} from './rows/collect-input.ts';
export type { FeatureType } from './rows/feature-types.ts';
export type { Feature } from './rows/features.ts';
export type { Redaction } from './rows/redact.ts';
export { MemorySink, type MemorySinkHook } from './sinks/memory-sink.ts';
export type {
  AppendContext,
  AppendOutcome,
  BatchSchema,
  RecordContext,
  RowBatch,
  RowSink,
} from './sinks/row-sink.ts';
export type { SpillDocument } from './spill/spill-document.ts';
export { createTraceSpill, type TraceSpillOptions, type TraceSpillStore } from './spill/trace-spill.ts';
export type { StorageTarget } from './storage/storage-target.ts';
export { Collector, type RecordOptions, type ValidateOptions } from './v2/collector.ts';
export { CollectorError, type CollectorErrorCode, isCollectorError } from './v2/collector-error.ts';
export type { CollectorOptions, CollectorSink, JsonLinesTarget, SidecarTarget } from './v2/collector-options.ts';
export {
  BasicCorrelationContext,
  type BasicCorrelationContextOptions,
  CollectedContext,
  type CorrelationContext,
} from './v2/correlation-context.ts';
export type { MonitoredRows } from './v2/monitored-columns.ts';
export {
  type MonitoringFinding,
  type MonitoringSample,
  validateForMonitoring,
} from './v2/validate-for-monitoring.ts';

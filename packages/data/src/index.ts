/**
 * Read collected rows back, typed, and join inputs with predictions.
 *
 * @packageDocumentation
 */
export type { StorageTarget, WorkspaceIdentity } from '@azureml-ts/monitoring/format';
export { CollectedData } from './collected-data.ts';
export type {
  ConversionFile,
  ConversionLoss,
  ConversionManifest,
  ConversionSource,
  ConvertOptions,
  ConvertProgress,
  ConvertResult,
} from './convert/convert-options.ts';
export type {
  CompactedDay,
  CompactedFile,
  CompactOptions,
  CompactProgress,
  CompactResult,
} from './export/closed-days/compact-options.ts';
export type { ColumnSchema } from './export/column-schema.ts';
export type {
  ExportedPartition,
  ExportFormat,
  ExportManifest,
  ExportOptions,
  ExportPartition,
  ExportProgress,
  ExportResult,
  ExportSettings,
  ParquetExportOptions,
} from './export/export-options.ts';
export type { ManifestFile, ManifestHead, ManifestSource } from './export/manifest.ts';
export type { ParquetCompression } from './export/parquet-properties.ts';
export type { CollectedFile, FilesOptions } from './files/collected-file.ts';
export type { PurgeFile, PurgeOptions, PurgePlan, PurgePlanOptions, PurgeResult } from './files/purge.ts';
export type { FileLayout } from './files/stream-selection.ts';
export { type GenerateForOptions, generateFor } from './generate/generate.ts';
export { GENERATE_KINDS, type GenerateKind, type GenerateOptions } from './generate/generate-options.ts';
export type { JoinOptions, JoinSideOptions, RowOrder, RowOrderOptions } from './join/join-options.ts';
export type { JoinDuplicate, JoinedRow, JoinOrphan, JoinSummary } from './join/join-summary.ts';
export type { JoinedRows, LabelledRows, RowStream } from './join/joined-rows.ts';
export type {
  JoinLabelsOptions,
  JoinRowsWithLabelsOptions,
  LabelDuplicate,
  LabelOrphan,
  LabelRecord,
  LabelSource,
} from './join/labels/label-options.ts';
export type { LabelledRow } from './join/labels/label-rows.ts';
export type { LabelSummary } from './join/labels/label-summary.ts';
export type { JsonLinesOptions } from './json-lines/collection-options.ts';
export type { CollectedDataOptions } from './options.ts';
export type { ArrowBatch, ArrowOptions, ArrowTable } from './rows/arrow.ts';
export type { BadRecord } from './rows/bad-record.ts';
export type { BatchesOptions } from './rows/batches-options.ts';
export type { CellType, CellValue } from './rows/cell-types.ts';
export type { Column, ColumnBatch, ColumnType, TextColumn, TypedColumn, Utf8Texts } from './rows/column-batch.ts';
export type { OnBadRecord } from './rows/file-records.ts';
export type { CollectedRow, FeatureRow, ReadingOptions, RowCorrelations, RowsOptions } from './rows/rows-options.ts';
export type { CollectedSchema, SchemaColumn, SchemaOptions, SchemaTypeChange } from './rows/schema.ts';
export type { OnSchemaChange, SchemaChange } from './rows/schema-change.ts';
export type { TailOptions } from './rows/tail-options.ts';
export type { ExportTarget } from './store/export-target.ts';
export type { WrittenFile } from './store/file-sink.ts';
export type { ReadAheadOptions, ReadProgress } from './store/read-ahead.ts';
export type { TrainingManifest, TrainingSource } from './training/manifest.ts';
export type { TrainingColumn, TrainingColumnSource, TrainingSetOptions } from './training/training-options.ts';
export type { TrainingSet } from './training/training-set.ts';
export type { CallNumberRun, Finding, FindingCode, FindingPlace, FindingSeverity } from './verify/finding.ts';
export type { VerifyOptions, VerifyProgress } from './verify/verify-options.ts';
export type {
  DayReport,
  VerifiedFile,
  VerifyReport,
  VerifyTotals,
  WriterReport,
  WriterState,
} from './verify/verify-report.ts';

/**
 * Read collected rows back, typed, and join inputs with predictions.
 *
 * @packageDocumentation
 */
export type { StorageTarget, WorkspaceIdentity } from '@azureml-ts/monitoring/format';
export { CollectedData } from './collected-data.ts';
export type { CollectedFile, FilesOptions } from './files/collected-file.ts';
export type { JoinedRow, JoinSummary } from './join/join-summary.ts';
export type { JoinedRows, JoinOptions, JoinSideOptions } from './join/joined-rows.ts';
export type { CollectedDataOptions } from './options.ts';
export type { BadRecord } from './rows/bad-record.ts';
export type { CellType, CellValue } from './rows/cell-types.ts';
export type { CollectedRow, FeatureRow, RowCorrelations, RowsOptions } from './rows/rows-options.ts';

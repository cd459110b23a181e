import { type JsonValue, ValidationError } from '@azureml-ts/common';
import { type BatchesOptions, checkBatchesOptions, declaredTypes } from '../rows/batches-options.ts';
import type { ColumnType } from '../rows/column-batch.ts';
import { BATCH_ROWS } from '../rows/read-batches.ts';
import type { ColumnSchema } from './column-schema.ts';
import type { ManifestFile, ManifestHead, ManifestSource } from './manifest.ts';
import type { ParquetCompression } from './parquet-properties.ts';

/** How rows are written. */
export type ExportFormat = 'parquet' | 'csv' | 'jsonl';
/** What has a file of its own. */
export type ExportPartition = 'day' | 'month' | 'none';

/**
 * Options of {@link CollectedData.toParquet}.
 *
 * The columns of the call come along; the time of scoring is a timestamp. Types are declared, or inferred from the first
 * 64 KiB of each file. Where a later cell does not fit, the column becomes wider (int64, float64, then string), and what
 * has been written is written again. A column that is empty so far is a string: declare it to be something else.
 *
 * `_manifest.json` says what every file holds and what it was made of; with it a later run writes only days that are new or
 * have changed, and keeps days whose collected rows have been removed. A file is there whole or not at all. Memory holds a
 * row group and what is read ahead. The packages parquet-wasm and apache-arrow must be installed.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import path from 'node:path';
 * import { CollectedData } from '@azureml-ts/data';
 * import { ModelDataCollector } from '@azureml-ts/monitoring';
 *
 * const directory = await mkdtemp(path.join(tmpdir(), 'collected-'));
 * const workspace = { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' };
 * const stream = { storage: { directory }, workspace, webserviceName: 'svc', modelVersion: '1', designation: 'inputs' };
 * const collector = new ModelDataCollector('best_model', { ...stream, featureNames: ['age', 'city'] });
 * collector.collect([[41, 'Ulm'], [37, 'Graz']]);
 * await collector.close();
 *
 * const inputs = await CollectedData.open({ ...stream, modelName: 'best_model' });
 * const { manifest } = await inputs.toParquet(path.join(directory, 'parquet'), { partition: 'none' });
 * console.log(manifest.rows, manifest.partitions[0]?.files[0]?.path); // 2 part-0.parquet
 * await rm(directory, { recursive: true });
 * ```
 */
export interface ParquetExportOptions
  extends Pick<
    BatchesOptions,
    'abortSignal' | 'columns' | 'concurrency' | 'header' | 'maxBufferBytes' | 'onBadRecord' | 'types'
  > {
  /**
   * What has a file of its own. `day` (default): `year=2026/month=11/day=25/part-0.parquet`; `month`:
   * `year=2026/month=11/part-0.parquet`; `none`: `part-0.parquet`. Where several versions of the model were opened, a folder
   * `model_version=<version>` comes before these. Spark, DuckDB, pyarrow and polars read such folders as columns.
   */
  readonly partition?: ExportPartition | undefined;
  /** How pages are compressed. Default `zstd`. */
  readonly compression?: ParquetCompression | undefined;
  /** Most rows of a row group, 1 or more. Default 131,072. */
  readonly rowGroupRows?: number | undefined;
  /** Whether days are written again that are there and unchanged. Default `false`. */
  readonly overwrite?: boolean | undefined;
  /** Told of what is done. */
  readonly onProgress?: ((progress: ExportProgress) => void) | undefined;
}

/** Options of {@link CollectedData.export}. */
export interface ExportOptions extends Omit<ParquetExportOptions, 'compression' | 'rowGroupRows'> {
  /**
   * How rows are written. `parquet` (default), as {@link CollectedData.toParquet} with its defaults. `csv`: with a header,
   * cells as they are stored; types cannot be declared. `jsonl`: an object a line, typed; `NaN` and infinities are texts,
   * times ISO 8601, whole numbers above 9,007,199,254,740,991 keep all their digits.
   */
  readonly format?: ExportFormat | undefined;
  /** Of `parquet`: how pages are compressed. Default `zstd`. */
  readonly compression?: ParquetCompression | undefined;
  /** Of `parquet`: most rows of a row group. Default 131,072. */
  readonly rowGroupRows?: number | undefined;
}

/** How far an export has come. */
export interface ExportProgress {
  /**
   * `reading`: more bytes were read. `written`, `kept`: a partition is done. `restarted`: a column turned out to need a
   * wider type, and what was written is written again with it.
   */
  readonly event: 'reading' | 'written' | 'kept' | 'restarted';
  /** The partition, or the column of a restart and its new type. */
  readonly about: string;
  /** Partitions in all. */
  readonly partitions: number;
  /** Partitions that are done. */
  readonly partitionsDone: number;
  /** Bytes of collected rows to read in all. */
  readonly bytes: number;
  /** Bytes that are read. */
  readonly bytesRead: number;
  /** Rows that were written. */
  readonly rows: number;
}

/** A partition of an export, in its manifest. */
export interface ExportedPartition {
  /** Folder below the target, without slash at the end; empty for `none`. */
  readonly path: string;
  /** First UTC day of its rows. */
  readonly firstDay: string;
  /** Last UTC day of its rows. */
  readonly lastDay: string;
  /** Version of the model; `null` when the partition holds whatever was opened. */
  readonly modelVersion: string | null;
  /** Records that were left out, see `onBadRecord`. */
  readonly badRecords: number;
  /** The files that were read, as they were listed before. */
  readonly sources: readonly ManifestSource[];
  /** The files that were written. */
  readonly files: readonly ManifestFile[];
}

/** What `_manifest.json` of an export holds. */
export interface ExportManifest extends ManifestHead {
  /** Always `azureml-ts-export`. */
  readonly format: 'azureml-ts-export';
  /** Raised when a reader would have to change. */
  readonly formatVersion: 1;
  /** Whether every partition of the last run is in it. */
  readonly isComplete: boolean;
  /** Where the rows came from, without secrets. */
  readonly place: string;
  /** What they are called. */
  readonly stream: JsonValue;
  /** How they were written. */
  readonly settings: ExportSettings;
  /** The columns of all files, in their order. */
  readonly schema: readonly ColumnSchema[];
  /** Rows of all partitions. */
  readonly rows: number;
  /** The partitions, by path. */
  readonly partitions: readonly ExportedPartition[];
}

/** Options that all partitions must share. */
export interface ExportSettings {
  /** Format of the files. */
  readonly format: ExportFormat;
  /** What a folder holds. */
  readonly partition: ExportPartition;
  /** Compression of Parquet; `null` for text. */
  readonly compression: ParquetCompression | null;
  /** Rows of a row group of Parquet; `null` for text. */
  readonly rowGroupRows: number | null;
  /** Columns that were chosen; `null`: all. */
  readonly columns: readonly string[] | null;
  /** Types that were declared. */
  readonly types: Readonly<Record<string, ColumnType>> | 'strings';
}

/** What an export did; see {@link CollectedData.toParquet}. */
export interface ExportResult {
  /** Where the files are, without secrets. */
  readonly place: string;
  /** Partitions that were written now. */
  readonly written: number;
  /** Partitions that were there and unchanged. */
  readonly kept: number;
  /** Columns that needed a wider type, so that what had been written was written again. */
  readonly widened: readonly ColumnSchema[];
  /** What `_manifest.json` holds. */
  readonly manifest: ExportManifest;
}

/**
 * Checks options.
 *
 * @throws ValidationError (`VALIDATION`).
 */
export function checkExportOptions(options: ExportOptions): void {
  const { format, partition, compression, rowGroupRows, overwrite, onProgress, types } = options;
  checkChoice('format', format, ['parquet', 'csv', 'jsonl']);
  checkChoice('partition', partition, ['day', 'month', 'none']);
  checkChoice('compression', compression, ['zstd', 'snappy', 'none']);
  if (rowGroupRows !== undefined && !(Number.isSafeInteger(rowGroupRows) && rowGroupRows >= 1)) {
    throw new ValidationError({ path: 'rowGroupRows', expected: 'a whole number, 1 or more', received: rowGroupRows });
  }
  if (overwrite !== undefined && typeof overwrite !== 'boolean') {
    throw new ValidationError({ path: 'overwrite', expected: 'true or false', received: overwrite });
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new ValidationError({ path: 'onProgress', expected: 'a function', received: onProgress });
  }
  checkBatchesOptions({ ...batchesOptions(options), types });
  for (const name of ['compression', 'rowGroupRows'] as const) {
    if (format !== undefined && format !== 'parquet' && options[name] !== undefined) {
      throw new ValidationError({ path: name, expected: 'left out: it is of Parquet', received: options[name] });
    }
  }
  if (format === 'csv' && types !== undefined && types !== 'strings') {
    throw new ValidationError({
      path: 'types',
      expected: 'left out: CSV has the cells as they are stored',
      received: types,
    });
  }
}

/** What reading is told of the options. */
export function batchesOptions(options: ExportOptions): BatchesOptions {
  const { abortSignal, columns, concurrency, header, maxBufferBytes, onBadRecord } = options;
  // As many as are handed to the writer together: what comes in one batch need not be put together.
  return { abortSignal, columns, concurrency, header, maxBufferBytes, onBadRecord, batchRows: BATCH_ROWS };
}

/** What all partitions must share. */
export function settingsOf(options: ExportOptions): ExportSettings {
  const { format = 'parquet', partition = 'day', columns, types } = options;
  const isParquet = format === 'parquet';
  return {
    format,
    partition,
    compression: isParquet ? (options.compression ?? 'zstd') : null,
    rowGroupRows: isParquet ? (options.rowGroupRows ?? null) : null,
    columns: columns === undefined ? null : [...columns],
    types: format === 'csv' || types === 'strings' ? 'strings' : sorted(declaredTypes({ types })),
  };
}

function sorted(types: Readonly<Record<string, ColumnType>>): Record<string, ColumnType> {
  return Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function checkChoice(path: string, value: unknown, words: readonly string[]): void {
  if (value !== undefined && !words.includes(value as string)) {
    const expected = `one of ${words.map((word) => `'${word}'`).join(', ')}`;
    throw new ValidationError({ path, expected, received: value });
  }
}

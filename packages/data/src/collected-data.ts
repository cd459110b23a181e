import type { StreamIdentity } from '@azureml-ts/monitoring/format';
import { convertOpened } from './convert/convert-opened.ts';
import type { ConvertOptions, ConvertResult } from './convert/convert-options.ts';
import { compactOpened } from './export/closed-days/compact.ts';
import type { CompactOptions, CompactResult } from './export/closed-days/compact-options.ts';
import type { ExportOptions, ExportResult, ParquetExportOptions } from './export/export-options.ts';
import { exportRows } from './export/export-rows.ts';
import type { CollectedFile, FilesOptions } from './files/collected-file.ts';
import type { PurgeOptions, PurgePlan, PurgePlanOptions, PurgeResult } from './files/purge.ts';
import { planPurge, runPurge } from './files/purge.ts';
import { listVersions } from './files/versions.ts';
import { generateOpened, type OpenedStream } from './generate/generate-opened.ts';
import type { GenerateKind, GenerateOptions } from './generate/generate-options.ts';
import { joinOpened, labelOpened, trainOnOpened } from './join/join-opened.ts';
import type { JoinOptions, JoinSideOptions, RowOrderOptions } from './join/join-options.ts';
import { setJoinSide } from './join/join-side.ts';
import type { JoinedRows, LabelledRows } from './join/joined-rows.ts';
import type { JoinRowsWithLabelsOptions, LabelRecord, LabelSource } from './join/labels/label-options.ts';
import type { JsonLinesOptions } from './json-lines/collection-options.ts';
import { openStream } from './open-stream.ts';
import type { CollectedDataOptions } from './options.ts';
import type { ArrowBatch, ArrowOptions, ArrowTable } from './rows/arrow.ts';
import type { BatchesOptions } from './rows/batches-options.ts';
import type { ColumnBatch } from './rows/column-batch.ts';
import * as reading from './rows/read-opened.ts';
import type { CollectedRow, FeatureRow, RowsOptions } from './rows/rows-options.ts';
import type { CollectedSchema, SchemaOptions } from './rows/schema.ts';
import type { TailOptions } from './rows/tail-options.ts';
import type { ExportTarget } from './store/export-target.ts';
import type { TrainingSetOptions } from './training/training-options.ts';
import type { TrainingSet } from './training/training-set.ts';
import { verifyOpened } from './verify/verify.ts';
import type { VerifyOptions } from './verify/verify-options.ts';
import type { VerifyReport } from './verify/verify-report.ts';

/**
 * The collected rows of one stream: the inputs or predictions of a model, as a `ModelDataCollector` stored them. (The
 * article "Collect data from models in production" reads the same blobs with pandas or Power BI.)
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import path from 'node:path';
 * import { CollectedData } from '@azureml-ts/data';
 * import { ModelDataCollector } from '@azureml-ts/monitoring';
 *
 * const storage = { directory: await mkdtemp(path.join(tmpdir(), 'collected-')) };
 * const workspace = { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' };
 * const stream = { storage, workspace, webserviceName: 'svc', modelVersion: '1', designation: 'inputs' };
 *
 * const collector = new ModelDataCollector('best_model', { ...stream, featureNames: ['age', 'city'] });
 * collector.collect([[41, 'Ulm'], [37, 'Graz']]);
 * await collector.close();
 *
 * const inputs = await CollectedData.open({ ...stream, modelName: 'best_model' });
 * for await (const row of inputs.rows<{ age: number; city: string }>()) {
 *   console.log(row.age, row.city); // 41 Ulm, then 37 Graz
 * }
 * await rm(storage.directory, { recursive: true });
 * ```
 */
export class CollectedData {
  /**
   * What the rows are called: everything in their path but the date. Of several versions, `modelVersion` is what was asked
   * for (`all`, `newest`, or the versions with commas); each file tells its own.
   */
  readonly stream: StreamIdentity;
  readonly #opened: OpenedStream;

  private constructor(opened: OpenedStream) {
    const { workspace, webserviceName, modelName, modelVersion, designation } = opened.selection;
    this.#opened = opened;
    this.stream = { workspace, webserviceName, modelName, modelVersion, designation };
    const { store, range } = opened;
    setJoinSide(this, {
      store,
      stream: this.stream,
      range,
      list: (abortSignal) => reading.openedFiles(opened, { abortSignal }),
    });
  }

  /**
   * Opens a stream of collected rows. Nothing is read yet: that the stream exists shows with the first file or row.
   *
   * @throws ValidationError (`VALIDATION`) naming the option that is wrong; AzuremlError `STORAGE_NOT_CONFIGURED` when
   *   there is neither `storage` nor `AML_MODEL_DC_STORAGE`; `IDENTITY_NOT_INSTALLED` when an account is given by its
   *   address alone and @azure/identity is not installed.
   */
  static async open(options: CollectedDataOptions | JsonLinesOptions): Promise<CollectedData> {
    return new CollectedData(await openStream(options));
  }

  /**
   * Finds the files of the stream in both layouts, by day; within a day by version, then `data.csv` first and its numbered
   * parts by number. Other files, such as `aml_telemetry.csv`, are left out. A range takes at most as many requests as it
   * has days, and one (of 5,000 names; more where the workspace has upper-case letters, as Python writes lower case).
   *
   * @throws AzuremlError `COLLECTED_DATA_NOT_FOUND`, naming what is there instead, when the stream has no files of any
   *   day (a stream without files in the range gives none); `STORAGE_READ_FAILED` when the store refuses or fails.
   */
  async *files(options: FilesOptions = {}): AsyncGenerator<CollectedFile, void, undefined> {
    for (const file of await reading.openedFiles(this.#opened, options)) {
      options.abortSignal?.throwIfAborted();
      yield file;
    }
  }

  /**
   * Lists the versions of the model that have a folder, whatever version was opened: whole numbers by their value, then
   * others by text. One request; a second when the workspace has upper-case letters. Throws `STORAGE_READ_FAILED`.
   */
  versions(options: FilesOptions = {}): Promise<string[]> {
    return listVersions(this.#opened.store, this.#opened.selection, options.abortSignal);
  }

  /**
   * Finds what {@link CollectedData.purge} would remove: the files of rows of the days that were opened (`from`, `to` or
   * both must have been given), and the ledgers and `aml_telemetry.csv` of these days. Nothing is removed.
   *
   * @throws ValidationError (`VALIDATION`) when neither was given; AzuremlError as {@link CollectedData.files}.
   */
  purgePlan(options: PurgePlanOptions = {}): Promise<PurgePlan> {
    return planPurge(this.#opened.store, this.#opened.selection, this.#opened.range, options);
  }

  /**
   * Removes the files that {@link CollectedData.purgePlan} found, for good. What cannot be removed is counted.
   *
   * @throws ValidationError (`VALIDATION`) when the plan is of another stream; the reason of the abort signal.
   */
  purge(plan: PurgePlan, options: PurgeOptions = {}): Promise<PurgeResult> {
    return runPurge(this.#opened.store, this.#opened.selection, plan, options);
  }

  /**
   * Reads the rows, file by file, in the order in which they were stored; see {@link RowsOptions}.
   *
   * @throws ValidationError (`VALIDATION`) at once for bad options. While reading, AzuremlError with the codes of
   *   {@link CollectedData.files} and `CSV_BAD_RECORD`, `CSV_BAD_HEADER`, `CSV_RECORD_TOO_LONG`, `CELL_NOT_NUMBER`,
   *   `CELL_NOT_BOOLEAN`, `CELL_NOT_DATE`, `CELL_NOT_BIGINT`, `COLUMN_NOT_FOUND`.
   */
  rows<T extends object = FeatureRow>(options: RowsOptions = {}): AsyncGenerator<CollectedRow<T>, void, undefined> {
    return reading.openedRows<T>(this.#opened, options);
  }

  /**
   * Reads the last rows and, when asked to, those that come later, in the same files and in new ones; see
   * {@link TailOptions}. Rows that are being written are waited for.
   *
   * @throws As {@link CollectedData.rows}; the reason of the signal that ends the following.
   */
  tail<T extends object = FeatureRow>(options: TailOptions = {}): AsyncGenerator<CollectedRow<T>, void, undefined> {
    return reading.openedTail<T>(this.#opened, options);
  }

  /**
   * Reads the rows in batches of typed columns, several times as fast as row by row; see {@link BatchesOptions}.
   *
   * @throws As {@link CollectedData.rows}; also AzuremlError `COLUMN_TYPE_CHANGED`.
   */
  batches(options: BatchesOptions = {}): AsyncGenerator<ColumnBatch, void, undefined> {
    return reading.openedBatches(this.#opened, options);
  }

  /**
   * Finds out which features there are and of which types, and how that changed from file to file.
   *
   * @throws AzuremlError as {@link CollectedData.files}, `CSV_BAD_HEADER`; with `scan: 'all'` also those of bad records.
   */
  schema(options: SchemaOptions = {}): Promise<CollectedSchema> {
    return reading.openedSchema(this.#opened, options);
  }

  /**
   * Reads the rows into a table of Apache Arrow. All of them are then in memory: numbers as they were read, without a copy.
   * Needs the package `apache-arrow`, which is loaded with the first call; `toArrow<Table>()` has its type.
   *
   * @throws As {@link CollectedData.batches}; AzuremlError `ARROW_NOT_INSTALLED`.
   */
  toArrow<T = ArrowTable>(options: ArrowOptions = {}): Promise<T> {
    return reading.openedTable<T>(this.#opened, options);
  }

  /**
   * Reads the rows as batches of Apache Arrow, all of one schema: a stream for engines, with bounded memory.
   *
   * @throws As {@link CollectedData.toArrow}.
   */
  arrowBatches<T = ArrowBatch>(options: ArrowOptions = {}): AsyncGenerator<T, void, undefined> {
    return reading.openedArrowBatches<T>(this.#opened, options);
  }

  /**
   * Joins the rows of two streams, for example inputs with predictions, by the id of their call and their place within it.
   * Rows of both layouts find each other: those of the Python collector carry one id for all rows of a call.
   *
   * @param other The right side; this is the left one.
   * @returns The rows, the `summary` of what had no partner, and what to do with them: `joinLabels`, `trainingSet`.
   * @throws ValidationError (`VALIDATION`) at once for bad options; then as {@link CollectedData.rows}, and
   *   `TEMPORARY_FOLDER_FAILED` when rows are sorted. Bad records always end a join.
   */
  join<T extends object = FeatureRow, U extends object = FeatureRow>(
    other: CollectedData,
    options?: JoinOptions & { readonly how?: 'inner' | undefined },
  ): JoinedRows<T, U>;
  /** The same with `how: 'left'`: rows without a partner come with `null` on the right. */
  join<T extends object = FeatureRow, U extends object = FeatureRow>(
    other: CollectedData,
    options: JoinOptions & { readonly how?: 'inner' | 'left' | undefined },
  ): JoinedRows<T, U | null>;
  /** The same with any `how`: either side may be `null`. */
  join<T extends object = FeatureRow, U extends object = FeatureRow>(
    other: CollectedData,
    options: JoinOptions,
  ): JoinedRows<T | null, U | null>;
  join<T extends object, U extends object>(
    other: CollectedData,
    options: JoinOptions = {},
  ): JoinedRows<T | null, U | null> {
    return joinOpened<T, U>(this, other, options);
  }

  /**
   * Puts labels to the rows of this stream alone; see {@link JoinedRows.joinLabels}, and {@link CollectedData.rows}. A
   * row's features are its `left`, and its `right` is always `null`.
   */
  joinLabels<T extends object = FeatureRow, L extends object = LabelRecord>(
    labels: LabelSource<L>,
    options?: JoinRowsWithLabelsOptions & { readonly how?: 'inner' | undefined },
  ): LabelledRows<T, null, L>;
  /** The same with `how: 'left'`: rows without a label come with `null` in its place. */
  joinLabels<T extends object = FeatureRow, L extends object = LabelRecord>(
    labels: LabelSource<L>,
    options?: JoinRowsWithLabelsOptions,
  ): LabelledRows<T, null, L | null>;
  joinLabels<T extends object, L extends object>(
    labels: LabelSource<L>,
    options: JoinRowsWithLabelsOptions = {},
  ): LabelledRows<T, null, L> {
    return labelOpened<T, L>(this, labels, options);
  }

  /**
   * Writes the rows of this stream alone as a training set; see {@link RowStream.trainingSet}. Rows that were put together
   * are written by `join(...).trainingSet(...)` and `joinLabels(...).trainingSet(...)`.
   */
  trainingSet(
    target: ExportTarget,
    options: TrainingSetOptions & RowOrderOptions & { readonly left?: JoinSideOptions | undefined } = {},
  ): Promise<TrainingSet> {
    return trainOnOpened(this, target, options);
  }

  /**
   * Writes a script, notebook, query or policy for the paths of this stream, see {@link generateFor}. Only which version
   * is the `newest` is looked up.
   *
   * @throws As {@link generateFor}; for the newest version as {@link CollectedData.files}.
   */
  generate(kind: GenerateKind, options: GenerateOptions & FilesOptions = {}): Promise<string> {
    return generateOpened(kind, this.#opened, options);
  }

  /**
   * Proves from the ledgers and the rows that nothing is missing and nothing is there twice; see {@link VerifyReport}. Where
   * there is no ledger (the Python package, JSON Lines) only what is there is checked: `LEDGER_ABSENT`.
   *
   * @throws ValidationError (`VALIDATION`); as {@link CollectedData.files}. What is wrong with the data is in the report.
   */
  verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    return verifyOpened(this.#opened, options);
  }

  /**
   * Writes the rows as Parquet, a file a day, typed, with one schema for all; see {@link ParquetExportOptions}. A run that
   * was cut off is made up for by the next, which writes only what is new or has changed. Each stream has its own target.
   *
   * @throws ValidationError (`VALIDATION`) for bad options; AzuremlError `PARQUET_NOT_INSTALLED`, `EXPORT_DIFFERS` when
   *   something else stands at the target, `MANIFEST_UNKNOWN`, `STORAGE_WRITE_FAILED`; else as {@link CollectedData.batches}.
   */
  toParquet(target: ExportTarget, options: ParquetExportOptions = {}): Promise<ExportResult> {
    return exportRows(this.#opened, target, { ...options, format: 'parquet' });
  }

  /** Writes the rows as Parquet, CSV or JSON Lines; see {@link ExportOptions}, and {@link CollectedData.toParquet}. */
  export(target: ExportTarget, options: ExportOptions = {}): Promise<ExportResult> {
    return exportRows(this.#opened, target, options);
  }

  /**
   * Writes the closed days again as block blobs in the same layout, for readers that cannot read append blobs; see
   * {@link CompactOptions}. Files of a day whose headers are equal become one; ledgers come along.
   *
   * @param target Where to write: another container, prefix or folder; `undefined` with {@link CompactOptions.inPlace}.
   * @throws ValidationError (`VALIDATION`) for bad options; AzuremlError `REWRITE_DIFFERS`, `MANIFEST_UNKNOWN`,
   *   `STORAGE_WRITE_FAILED`; else as {@link CollectedData.files}.
   */
  compactDays(target: ExportTarget | undefined, options: CompactOptions = {}): Promise<CompactResult> {
    return compactOpened(this.#opened, target, options);
  }

  /**
   * Writes the rows as files of another layout, for example those of the Python package as `documented`, or documented ones
   * as `json-lines`, and reads them back: count, names and cells must be the same, in order. `_conversion.json` in the
   * folder of the new stream is written last. It tells every file that was read and written by its SHA-256, and what the
   * new layout cannot hold; see {@link ConvertOptions}. Memory stays bounded: one file at a time, of JSON Lines one call.
   *
   * @throws ValidationError (`VALIDATION`) for bad options, several versions (but for `json-lines`), and the place of the
   *   rows itself; AzuremlError `CONVERSION_TARGET_EXISTS`, `CONVERSION_DIFFERS`, `CONVERSION_RECORD_TOO_LARGE`, `COLUMN_NOT_FOUND`,
   *   `STORAGE_WRITE_FAILED`; else as {@link CollectedData.rows}. Bad records always end a conversion.
   */
  convert(options: ConvertOptions): Promise<ConvertResult> {
    return convertOpened(this.#opened, options);
  }
}

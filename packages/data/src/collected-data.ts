import type { StorageTarget, StreamIdentity } from '@azureml-ts/monitoring/format';
import { type CompactSource, compactOpened } from './export/closed-days/compact.ts';
import type { CompactOptions, CompactResult } from './export/closed-days/compact-options.ts';
import type { ExportOptions, ExportResult, ParquetExportOptions } from './export/export-options.ts';
import { exportRows } from './export/export-rows.ts';
import type { CollectedFile, FilesOptions } from './files/collected-file.ts';
import type { DayRange } from './files/day-range.ts';
import { listFiles } from './files/list-files.ts';
import {
  type PurgeOptions,
  type PurgePlan,
  type PurgePlanOptions,
  type PurgeResult,
  planPurge,
  runPurge,
} from './files/purge.ts';
import type { StreamSelection } from './files/stream-selection.ts';
import { listVersions } from './files/versions.ts';
import { generateOpened } from './generate/generate-opened.ts';
import type { GenerateKind, GenerateOptions } from './generate/generate-options.ts';
import { checkJoinOptions, type JoinOptions, type JoinSideOptions, type RowOrderOptions } from './join/join-options.ts';
import { joinSideOf, setJoinSide } from './join/join-side.ts';
import { type JoinedRows, JoinedStream, type LabelledRows, labelledStream, SourceStream } from './join/joined-rows.ts';
import type { JoinRowsWithLabelsOptions, LabelRecord, LabelSource } from './join/labels/label-options.ts';
import { pairedRows, singleRows } from './join/row-sources.ts';
import type { JsonLinesOptions } from './json-lines/collection-options.ts';
import { type CollectedDataOptions, resolveOptions } from './options.ts';
import {
  type ArrowBatch,
  type ArrowOptions,
  type ArrowTable,
  checkArrowOptions,
  readArrowBatches,
  readArrowTable,
} from './rows/arrow.ts';
import { type BatchesOptions, checkBatchesOptions } from './rows/batches-options.ts';
import type { ColumnBatch } from './rows/column-batch.ts';
import { readBatches } from './rows/read-batches.ts';
import { type RowChunk, readRows } from './rows/read-rows.ts';
import { readTail } from './rows/read-tail.ts';
import { RowIterator } from './rows/row-iterator.ts';
import { type CollectedRow, checkRowsOptions, type FeatureRow, type RowsOptions } from './rows/rows-options.ts';
import { type CollectedSchema, readSchema, type SchemaOptions } from './rows/schema.ts';
import { checkTailOptions, type TailOptions } from './rows/tail-options.ts';
import type { ExportTarget } from './store/export-target.ts';
import type { FileStore } from './store/file-store.ts';
import { openStore } from './store/open-store.ts';
import type { TrainingSetOptions } from './training/training-options.ts';
import type { TrainingSet } from './training/training-set.ts';
import { verifyOpened } from './verify/verify.ts';
import type { VerifyOptions } from './verify/verify-options.ts';
import type { VerifyReport } from './verify/verify-report.ts';

/**
 * The collected rows of one stream: the inputs or predictions of a model, as a `ModelDataCollector` stored them.
 *
 * Source: the article "Collect data from models in production" reads the same blobs with pandas or Power BI.
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
   * What the rows are called: everything in their path but the date. Where several versions were asked for, its
   * `modelVersion` is what was asked for (`all`, `newest`, or the versions with commas); each file tells its own.
   */
  readonly stream: StreamIdentity;
  readonly #selection: StreamSelection;
  readonly #store: FileStore;
  readonly #storage: StorageTarget;
  readonly #range: DayRange;

  private constructor(store: FileStore, storage: StorageTarget, selection: StreamSelection, range: DayRange) {
    const { workspace, webserviceName, modelName, modelVersion, designation } = selection;
    this.#store = store;
    this.#storage = storage;
    this.#selection = selection;
    this.stream = { workspace, webserviceName, modelName, modelVersion, designation };
    this.#range = range;
    setJoinSide(this, { store, stream: this.stream, range, list: (abortSignal) => this.#list(abortSignal) });
  }

  /**
   * Opens a stream of collected rows. Nothing is read yet: that the stream exists shows with the first file or row.
   *
   * @param options Where the rows are, what they are called, and which UTC days to read (both ends included).
   * @throws ValidationError (`VALIDATION`) naming the option that is wrong; AzuremlError `STORAGE_NOT_CONFIGURED` when
   *   there is neither `storage` nor `AML_MODEL_DC_STORAGE`; `IDENTITY_NOT_INSTALLED` when an account is given by its
   *   address alone and @azure/identity is not installed.
   */
  static async open(options: CollectedDataOptions | JsonLinesOptions): Promise<CollectedData> {
    const { storage, container, stream, range } = resolveOptions(options, process.env);
    const collection = stream.layout === 'json-lines' ? { container } : undefined;
    return new CollectedData(await openStore(storage, collection), storage, stream, range);
  }

  /**
   * Finds the files of the stream in both layouts, by day; within a day by version, then `data.csv` first and its numbered
   * parts by number. Other files, such as `aml_telemetry.csv`, are left out.
   *
   * A range of days takes at most as many requests as it has days, and one. (A page of the store holds 5,000 names; the
   * folder of the workspace in lower case, where the Python package writes, is looked into when that is another.)
   *
   * @throws AzuremlError `COLLECTED_DATA_NOT_FOUND`, naming what is there instead, when the stream has no files of any
   *   day (a stream without files in the range gives none); `STORAGE_READ_FAILED` when the store refuses or fails.
   */
  async *files(options: FilesOptions = {}): AsyncGenerator<CollectedFile, void, undefined> {
    for (const file of await this.#list(options.abortSignal)) {
      options.abortSignal?.throwIfAborted();
      yield file;
    }
  }

  /**
   * Lists the versions of the model that have a folder, whatever version was opened: whole numbers by their value, then
   * others by text. One request; a second when the workspace has upper-case letters.
   *
   * @throws AzuremlError `STORAGE_READ_FAILED`.
   */
  versions(options: FilesOptions = {}): Promise<string[]> {
    return listVersions(this.#store, this.#selection, options.abortSignal);
  }

  /**
   * Finds what {@link CollectedData.purge} would remove: the files of rows of the days that were opened (`from`, `to` or
   * both must have been given), and the ledgers and `aml_telemetry.csv` of these days. Nothing is removed.
   *
   * @throws ValidationError (`VALIDATION`) when neither `from` nor `to` was given; AzuremlError as
   *   {@link CollectedData.files}.
   */
  purgePlan(options: PurgePlanOptions = {}): Promise<PurgePlan> {
    return planPurge(this.#store, this.#selection, this.#range, options);
  }

  /**
   * Removes the files of a plan, for good. What cannot be removed is counted, and does not keep the rest.
   *
   * @param plan What {@link CollectedData.purgePlan} found.
   * @throws ValidationError (`VALIDATION`) when the plan is of another stream; the reason of the abort signal.
   */
  purge(plan: PurgePlan, options: PurgeOptions = {}): Promise<PurgeResult> {
    return runPurge(this.#store, this.#selection, plan, options);
  }

  /**
   * Reads the rows, file by file, in the order in which they were stored.
   *
   * Memory stays bounded whatever the size of the files. A download that breaks is taken up where it broke. A row that is
   * just being written (no line end yet) is left for the next time. Files without header have the features `column_1`,
   * `column_2` and so on.
   *
   * @param options What to read, and as what; see {@link RowsOptions.types} for how cells get their types.
   * @throws ValidationError (`VALIDATION`) at once for bad options. While reading, AzuremlError with the codes of
   *   {@link CollectedData.files} and `CSV_BAD_RECORD`, `CSV_BAD_HEADER`, `CSV_RECORD_TOO_LONG`, `CELL_NOT_NUMBER`,
   *   `CELL_NOT_BOOLEAN`, `CELL_NOT_DATE`, `CELL_NOT_BIGINT`, `COLUMN_NOT_FOUND`.
   */
  rows<T extends object = FeatureRow>(options: RowsOptions = {}): AsyncGenerator<CollectedRow<T>, void, undefined> {
    checkRowsOptions(options);
    return new RowIterator(this.#rowChunks<T>(options), options.abortSignal);
  }

  /**
   * Reads the last rows and, when asked to, those that come later: in the same files, in new parts and on new days. Rows
   * that are being written are waited for.
   *
   * Of a file of more than 8 MiB only the end is read, from a row on that is known by its scoring time; the numbers of bad
   * records then count from there.
   *
   * @param options How many rows, and whether to follow.
   * @throws As {@link CollectedData.rows}; the reason of the signal that ends the following.
   */
  tail<T extends object = FeatureRow>(options: TailOptions = {}): AsyncGenerator<CollectedRow<T>, void, undefined> {
    checkTailOptions(options);
    const list = (from: string | undefined) =>
      listFiles(this.#store, this.#selection, { ...this.#range, from: from ?? this.#range.from }, options.abortSignal);
    return new RowIterator(readTail<T>(this.#store, list, options), options.abortSignal);
  }

  /**
   * Reads the rows in batches of typed columns: several times as fast as row by row, and what engines take.
   *
   * Numbers are read from the bytes of the file into typed arrays. Without declared types, they are inferred; see
   * {@link BatchesOptions.types}.
   *
   * @param options What to read, and as what.
   * @throws As {@link CollectedData.rows}; also AzuremlError `COLUMN_TYPE_CHANGED`.
   */
  batches(options: BatchesOptions = {}): AsyncGenerator<ColumnBatch, void, undefined> {
    checkBatchesOptions(options);
    return readBatches(this.#store, () => this.#list(options.abortSignal), options);
  }

  /**
   * Finds out which features there are and of which types, and how that changed from file to file.
   *
   * @param options How much to look at: the head of each file, or all of it.
   * @throws AzuremlError with the codes of {@link CollectedData.files}, `CSV_BAD_HEADER`; with `scan: 'all'` also those of
   *   bad records.
   */
  async schema(options: SchemaOptions = {}): Promise<CollectedSchema> {
    return readSchema(this.#store, await this.#list(options.abortSignal), options);
  }

  /**
   * Reads the rows into a table of Apache Arrow. All of them are then in memory: numbers as they were read, without a copy.
   *
   * Needs the package `apache-arrow`, which is loaded with the first call; `toArrow<Table>()` has its type.
   *
   * @throws As {@link CollectedData.batches}; AzuremlError `ARROW_NOT_INSTALLED`.
   */
  async toArrow<T = ArrowTable>(options: ArrowOptions = {}): Promise<T> {
    checkArrowOptions(options, true);
    checkBatchesOptions(options);
    return (await readArrowTable(this.#store, await this.#list(options.abortSignal), options)) as T;
  }

  /**
   * Reads the rows as batches of Apache Arrow, all of one schema: a stream for engines, with bounded memory.
   *
   * @throws As {@link CollectedData.toArrow}.
   */
  arrowBatches<T = ArrowBatch>(options: ArrowOptions = {}): AsyncGenerator<T, void, undefined> {
    checkArrowOptions(options, false);
    checkBatchesOptions(options);
    return this.#arrowBatches(options) as AsyncGenerator<T, void, undefined>;
  }

  /**
   * Joins the rows of two streams, for example inputs with predictions, by the id of their call and their place within it.
   * Rows of both layouts find each other: those of the Python collector carry one id for all rows of a call.
   *
   * Both sides are read at the same time; in memory are only the calls whose other side has not come yet, of at most two
   * days, and what tells that a call was read before: a bit for each, its id for those of the Python collector (two days).
   *
   * @param other The right side.
   * @param options Which rows to give, in which order, and what to read of each side.
   * @returns The rows, the `summary` of what had no partner, and what to do with them: `joinLabels`, `trainingSet`.
   * @throws ValidationError (`VALIDATION`) at once for bad options; then as {@link CollectedData.rows}, and
   *   `TEMPORARY_FOLDER_FAILED` when rows are sorted. Bad records always end a join.
   * @example
   * ```ts no-run
   * import { CollectedData } from '@azureml-ts/data';
   *
   * const workspace = { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' };
   * const model = { workspace, webserviceName: 'svc', modelName: 'best_model', modelVersion: '1', from: '2026-01-01' };
   * const inputs = await CollectedData.open({ ...model, designation: 'inputs' });
   * const predictions = await CollectedData.open({ ...model, designation: 'predictions' });
   * const joined = inputs.join(predictions, { orderBy: 'time' });
   * for await (const { left, right } of joined) console.log(left, right);
   * console.log(joined.summary.matched, joined.summary.leftOnly);
   * ```
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
    const right = joinSideOf(other, 'other');
    checkJoinOptions(options);
    return new JoinedStream(pairedRows<T, U>(joinSideOf(this, 'this'), right, options));
  }

  /**
   * Puts labels to the rows of this stream alone; see {@link JoinedRows.joinLabels}. A row's features are its `left`, and
   * its `right` is always `null`.
   *
   * @param labels Records, a file, or collected rows; see {@link LabelSource}.
   * @param options Which columns are compared, which rows are given, and in which order.
   * @throws As {@link JoinedRows.joinLabels} and {@link CollectedData.rows}.
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
    checkJoinOptions({ left: options.left, orderBy: options.orderBy });
    return labelledStream<T, null, L>(singleRows<T>(joinSideOf(this, 'this'), options), labels, options);
  }

  /**
   * Writes the rows of this stream alone as a training set; see {@link RowStream.trainingSet}. Rows that were put together
   * are written by `join(...).trainingSet(...)` and `joinLabels(...).trainingSet(...)`.
   *
   * @param target Where to write: a folder or a container.
   * @param options What to write, and what to read of the rows.
   */
  trainingSet(
    target: ExportTarget,
    options: TrainingSetOptions & RowOrderOptions & { readonly left?: JoinSideOptions | undefined } = {},
  ): Promise<TrainingSet> {
    checkJoinOptions({ left: options.left, orderBy: options.orderBy });
    return new SourceStream(singleRows<FeatureRow>(joinSideOf(this, 'this'), options)).trainingSet(target, options);
  }

  /**
   * Writes a script, notebook, query or policy for the paths of this stream, see {@link generateFor}. Nothing is read,
   * except to find out which version is the `newest`.
   *
   * @param kind What to write, see {@link GenerateKind}.
   * @param options What to write of the rows.
   * @returns The text of the file.
   * @throws As {@link generateFor}; for the newest version as {@link CollectedData.files}.
   */
  generate(kind: GenerateKind, options: GenerateOptions & FilesOptions = {}): Promise<string> {
    const opened = { store: this.#store, storage: this.#storage, selection: this.#selection, range: this.#range };
    return generateOpened(kind, opened, options);
  }

  /**
   * Proves from the ledgers and the rows that nothing is missing and nothing is there twice; see {@link VerifyReport}.
   *
   * Every file is read once. Memory holds a bit for each call, and the counts of each writer and day.
   *
   * @throws ValidationError (`VALIDATION`) for bad options; AzuremlError as {@link CollectedData.files}. What is wrong
   *   with the data is no error: it is in the report.
   */
  verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    return verifyOpened({ store: this.#store, selection: this.#selection, range: this.#range }, options);
  }

  /**
   * Writes the rows as Parquet, a file a day, typed, with one schema for all; see {@link ParquetExportOptions}. A run that
   * was cut off is made up for by the next, which writes only what is new or has changed.
   *
   * @param target Where to write: a folder or a container; one for each stream.
   * @param options What has a file of its own, which columns and types, and how they are stored.
   * @throws ValidationError (`VALIDATION`) for bad options; AzuremlError `PARQUET_NOT_INSTALLED`, `EXPORT_DIFFERS` when
   *   something else stands at the target, `MANIFEST_UNKNOWN`, `STORAGE_WRITE_FAILED`; else as {@link CollectedData.batches}.
   */
  toParquet(target: ExportTarget, options: ParquetExportOptions = {}): Promise<ExportResult> {
    return exportRows(this.#opened, target, { ...options, format: 'parquet' });
  }

  /**
   * Writes the rows as Parquet, CSV or JSON Lines; see {@link CollectedData.toParquet}.
   *
   * @param target Where to write: a folder or a container.
   * @param options See {@link ExportOptions}.
   * @throws As {@link CollectedData.toParquet}.
   */
  export(target: ExportTarget, options: ExportOptions = {}): Promise<ExportResult> {
    return exportRows(this.#opened, target, options);
  }

  /**
   * Writes the closed days again as block blobs in the same layout, for readers that cannot read append blobs; see
   * {@link CompactOptions}. Files of a day whose headers are equal become one; ledgers come along.
   *
   * @param target Where to write: another container, prefix or folder; `undefined` with {@link CompactOptions.inPlace}.
   * @param options Whether in place, and whether again.
   * @throws ValidationError (`VALIDATION`) for bad options; AzuremlError `REWRITE_DIFFERS`, `MANIFEST_UNKNOWN`,
   *   `STORAGE_WRITE_FAILED`; else as {@link CollectedData.files}.
   */
  compactDays(target: ExportTarget | undefined, options: CompactOptions = {}): Promise<CompactResult> {
    return compactOpened(this.#opened, target, options);
  }

  async *#rowChunks<T extends object>(
    options: RowsOptions,
  ): AsyncGenerator<RowChunk<CollectedRow<T>>, void, undefined> {
    yield* readRows<T>(this.#store, await this.#list(options.abortSignal), options);
  }

  async *#arrowBatches(options: ArrowOptions): AsyncGenerator<unknown, void, undefined> {
    yield* readArrowBatches(this.#store, await this.#list(options.abortSignal), options);
  }

  get #opened(): CompactSource & { readonly storage: StorageTarget } {
    return { store: this.#store, storage: this.#storage, selection: this.#selection, range: this.#range };
  }

  #list(abortSignal: AbortSignal | undefined): Promise<CollectedFile[]> {
    return listFiles(this.#store, this.#selection, this.#range, abortSignal);
  }
}

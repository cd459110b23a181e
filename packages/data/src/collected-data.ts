import { ValidationError } from '@azureml-ts/common';
import type { StreamIdentity } from '@azureml-ts/monitoring/format';
import type { CollectedFile, FilesOptions } from './files/collected-file.ts';
import type { DayRange } from './files/day-range.ts';
import { listFiles } from './files/list-files.ts';
import { CallJoin, type JoinedRows, type JoinOptions, type JoinSideOptions } from './join/joined-rows.ts';
import { type CollectedDataOptions, resolveOptions } from './options.ts';
import { readCallRows, readRows } from './rows/read-rows.ts';
import { type CollectedRow, checkRowsOptions, type FeatureRow, type RowsOptions } from './rows/rows-options.ts';
import type { FileStore } from './store/file-store.ts';
import { openStore } from './store/open-store.ts';

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
  /** What the rows are called: everything in their path but the date. */
  readonly stream: StreamIdentity;
  readonly #store: FileStore;
  readonly #range: DayRange;

  private constructor(store: FileStore, stream: StreamIdentity, range: DayRange) {
    this.#store = store;
    this.stream = stream;
    this.#range = range;
  }

  /**
   * Opens a stream of collected rows. Nothing is read yet: that the stream exists shows with the first file or row.
   *
   * @param options Where the rows are, what they are called, and which UTC days to read (both ends included).
   * @throws ValidationError (`VALIDATION`) naming the option that is wrong; AzuremlError `STORAGE_NOT_CONFIGURED` when
   *   there is neither `storage` nor `AML_MODEL_DC_STORAGE`; `IDENTITY_NOT_INSTALLED` when an account is given by its
   *   address alone and @azure/identity is not installed.
   */
  static async open(options: CollectedDataOptions): Promise<CollectedData> {
    const { storage, stream, range } = resolveOptions(options, process.env);
    return new CollectedData(await openStore(storage), stream, range);
  }

  /**
   * Finds the files of the stream, by day; within a day `data.csv` first, then its numbered parts by number. Other files,
   * such as `aml_telemetry.csv`, are left out.
   *
   * A range of up to 31 days is listed day by day, a longer one by month or year, an open one whole.
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
    return this.#rows<T>(options);
  }

  /**
   * Joins the rows of two streams, for example inputs with predictions, by the id of their call and their place within it.
   *
   * Both sides are read at the same time; in memory are only the calls whose other side has not come yet: few, as both
   * sides are in about the same order, but all orphans until the end, and one bit for each call.
   *
   * @param other The right side.
   * @param options What to read of each side.
   * @returns The pairs, and the `summary` of what had no partner.
   * @throws As {@link CollectedData.rows}; bad records always end a join.
   * @example
   * ```ts no-run
   * import { CollectedData } from '@azureml-ts/data';
   *
   * const workspace = { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' };
   * const model = { workspace, webserviceName: 'svc', modelName: 'best_model', modelVersion: '1', from: '2026-01-01' };
   * const inputs = await CollectedData.open({ ...model, designation: 'inputs' });
   * const predictions = await CollectedData.open({ ...model, designation: 'predictions' });
   * const joined = inputs.join(predictions);
   * for await (const { left, right } of joined) console.log(left, right);
   * console.log(joined.summary.matched, joined.summary.leftOnly);
   * ```
   */
  join<T extends object = FeatureRow, U extends object = FeatureRow>(
    other: CollectedData,
    options: JoinOptions = {},
  ): JoinedRows<T, U> {
    if (!(other instanceof CollectedData)) {
      throw new ValidationError({ path: 'other', expected: 'what CollectedData.open() gave', received: other });
    }
    const { abortSignal, left = {}, right = {} } = options;
    checkRowsOptions(left, 'left.');
    checkRowsOptions(right, 'right.');
    const sideOf = <V extends object>(data: CollectedData, { columns, types }: JoinSideOptions) =>
      async function* () {
        yield* readCallRows<V>(data.#store, await data.#list(abortSignal), { columns, types, abortSignal });
      };
    return new CallJoin<T, U>(sideOf<T>(this, left), sideOf<U>(other, right), abortSignal);
  }

  async *#rows<T extends object>(options: RowsOptions): AsyncGenerator<CollectedRow<T>, void, undefined> {
    const { abortSignal } = options;
    for await (const { rows } of readRows<T>(this.#store, await this.#list(abortSignal), options)) {
      for (const row of rows) {
        abortSignal?.throwIfAborted();
        yield row;
      }
    }
  }

  #list(abortSignal: AbortSignal | undefined): Promise<CollectedFile[]> {
    return listFiles(this.#store, this.stream, this.#range, abortSignal);
  }
}

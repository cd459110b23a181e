import { type Clock, systemClock, ValidationError } from '@azureml-ts/common';
import type { StreamIdentity } from '../format/blob-path.ts';
import type { CollectInput, FeatureRecord, FeatureValue, NumericArray } from '../rows/collect-input.ts';
import { countRows } from '../rows/count-rows.ts';
import { InvalidRows } from '../rows/invalid-rows.ts';
import type { InputShape } from '../rows/shape-rows.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import { describeStorage, type StorageTarget } from '../storage/storage-target.ts';
import type { addCorrelations } from './add-correlations.ts';
import { CollectorReport } from './collector-report.ts';
import { debugPrintFrom } from './debug-print.ts';
import type { CloseOptions, FlushOptions } from './flush-options.ts';
import type { Intake } from './intake.ts';
import { LedgerBook } from './ledger-book.ts';
import { openIntake } from './open-intake.ts';
import { isSink, openRowStore } from './open-row-store.ts';
import type { ModelDataCollectorOptions } from './options.ts';
import { NO_ROWS, PendingCall } from './pending-call.ts';
import { readFeatures } from './read-features.ts';
import { type CollectOptions, type CollectReceipt, Receipt } from './receipt.ts';
import { resolveStream } from './resolve-stream.ts';
import type { RowStore } from './row-store.ts';
import { isSampled } from './sampling.ts';
import { type CollectorStats, type DroppedRows, Statistics } from './statistics.ts';
import { StoreLifetime } from './store-lifetime.ts';
import { resolveSwitch } from './switch.ts';
import { type CollectorLimits, validateOptions } from './validate-options.ts';

/** What a call without options has. */
const NO_OPTIONS: CollectOptions = {};

/**
 * Collects the feature rows of a model and stores them in Blob Storage, one file a day:
 * `modeldata/<subscriptionid>/<resourcegroup>/<workspace>/<webservice>/<model>/<version>/<designation>/<yyyy>/<mm>/<dd>/data.csv`.
 *
 * `collect` copies the rows and returns; they are sent in the background, by size and by time, and tried again after
 * passing faults. Storage trouble never reaches scoring: it is counted in {@link ModelDataCollector.stats}, told once to
 * `onError` and logged. On SIGTERM, SIGINT and at the natural end of the process what waits is stored first.
 *
 * Source: `azureml.monitoring.ModelDataCollector` of azureml-monitoring 0.1.0a21.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import path from 'node:path';
 * import { ModelDataCollector } from '@azureml-ts/monitoring';
 *
 * const directory = await mkdtemp(path.join(tmpdir(), 'rows-'));
 * const inputs = new ModelDataCollector('best_model', {
 *   designation: 'inputs',
 *   featureNames: ['feat1', 'feat2'],
 *   storage: { directory },
 * });
 * inputs.collect([[1, 2], [3, 4]]);
 * await inputs.close();
 * console.log(inputs.stats().stored); // 2
 * await rm(directory, { recursive: true });
 * ```
 */
export class ModelDataCollector {
  /** Name of the model. */
  readonly modelName: string;
  /** Everything in the path but the date. */
  readonly stream: StreamIdentity;
  /** Whether rows are collected; decided once, when the collector is made. */
  readonly enabled: boolean;
  readonly #limits: CollectorLimits;
  readonly #intake: Intake;
  readonly #statistics = new Statistics();
  readonly #book = new LedgerBook();
  readonly #report: CollectorReport;
  readonly #clock: Clock;
  readonly #throwInvalid: boolean;
  readonly #store: RowStore | undefined;
  readonly #debug = debugPrintFrom(process.env);
  readonly #lifetime: StoreLifetime;

  /**
   * @param modelName Name of the model: one folder of the path.
   * @param options Everything else; most of it comes from the environment inside a web service. Nothing is read, written
   *   or sent before the constructor has returned.
   * @throws ValidationError (`VALIDATION`) when an option has the wrong type or range, or cannot be part of the path.
   *   A storage setting in the environment that is missing or malformed does not throw: it is logged, told to `onError`,
   *   and the rows are counted as `failed`.
   */
  constructor(modelName: string, options: ModelDataCollectorOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new ValidationError({ path: 'options', expected: 'an object', received: options });
    }
    this.#limits = validateOptions(options, process.env);
    this.stream = resolveStream(modelName, options, process.env);
    this.modelName = modelName;
    this.#clock = options.clock ?? systemClock;
    this.#throwInvalid = options.onInvalid === 'throw';
    const { enabled, storage, fault } = resolveSwitch(options, process.env);
    this.enabled = enabled;
    const report = new CollectorReport({
      name: `ModelDataCollector ${this.stream.modelName}/${this.stream.designation}`,
      storageName: storage === undefined ? 'no storage' : nameOf(storage),
      statistics: this.#statistics,
      onError: options.onError,
      now: () => this.#clock.now(),
    });
    this.#report = report;
    const features = readFeatures(options, process.env, enabled ? report : undefined);
    const { intake, addCorrelations: add } = openIntake(this.stream, options, features, process.env);
    this.#intake = intake;
    this.addCorrelations = add;
    for (const unusable of this.#limits.unusable) {
      report.setting('SETTING_IGNORED', `the environment variable ${unusable}; it is not used.`);
    }
    if (fault !== undefined) {
      report.notConfigured(fault);
    }
    if (!enabled) {
      report.switchedOff();
    }
    if (enabled && storage !== undefined) {
      this.#store = openRowStore({
        storage,
        options,
        stream: this.stream,
        limits: this.#limits,
        intake: this.#intake,
        statistics: this.#statistics,
        book: this.#book,
        report,
        clock: this.#clock,
      });
    }
    this.#lifetime = new StoreLifetime(this.#store);
  }

  /**
   * Takes rows. Returns at once and never throws because of storage.
   *
   * @param input One row, rows, records, columns or a tensor; see {@link CollectInput}.
   * @param options The caller's own id, or the correlations of another call.
   * @returns How many rows were taken, why not, and the correlations for the other side.
   * @throws ValidationError (`VALIDATION`) for input that is not rows, only with `onInvalid: 'throw'`.
   */
  collect(input: CollectInput, options: CollectOptions = NO_OPTIONS): CollectReceipt {
    return this.#collect(input, 'auto', options);
  }

  /** As {@link ModelDataCollector.collect} for one row, whatever the number of features. */
  collectRow(
    row: readonly FeatureValue[] | NumericArray | FeatureRecord | object,
    options: CollectOptions = NO_OPTIONS,
  ): CollectReceipt {
    return this.#collect(row, 'row', options);
  }

  /** As {@link ModelDataCollector.collect} for an array of rows. */
  collectRows(
    rows: readonly (readonly FeatureValue[] | NumericArray | FeatureRecord | object)[],
    options: CollectOptions = NO_OPTIONS,
  ): CollectReceipt {
    return this.#collect(rows, 'rows', options);
  }

  /** As {@link ModelDataCollector.collect} for columns of equal length by feature name. */
  collectColumns(
    columns: { readonly [feature: string]: readonly FeatureValue[] | NumericArray },
    options: CollectOptions = NO_OPTIONS,
  ): CollectReceipt {
    return this.#collect(columns, 'columns', options);
  }

  /**
   * Takes rows, and waits for room in memory rather than dropping them.
   *
   * @param input As for {@link ModelDataCollector.collect}.
   * @param options As for `collect`; `abortSignal` ends the wait: the promise rejects with its reason and the rows are not
   *   taken.
   */
  async collectAsync(
    input: CollectInput,
    options: CollectOptions & { readonly abortSignal?: AbortSignal | undefined } = {},
  ): Promise<CollectReceipt> {
    const call = this.#prepare(input, 'auto', options);
    if (!(call instanceof PendingCall)) {
      return call;
    }
    while (!this.#lifetime.isClosing && this.#store?.hasToWait(call) === true) {
      try {
        await this.#store.waitForRoom(options?.abortSignal);
      } catch (error) {
        this.#book.of(call.day).skip('aborted', call.number);
        throw error;
      }
    }
    return this.#admit(call);
  }

  /**
   * Stores what was collected so far.
   *
   * @param options Time limit, abort signal, and how far the rows shall get.
   * @throws FlushError (`FLUSH_FAILED`) when some of it could not be stored in time. The rows are kept and tried again.
   */
  async flush(options: FlushOptions = {}): Promise<void> {
    await this.#lifetime.flush(options);
  }

  /**
   * Stores what was collected and stops. Further rows are counted as `closed`. A second call waits for the first.
   *
   * @param options Time limit and abort signal.
   * @throws FlushError (`FLUSH_FAILED`) when some rows could not be stored in time: `keptRows` are in the journal for the
   *   next process, `lostRows` are lost and counted as `failed`.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    await this.#lifetime.close(options);
  }

  /** As {@link ModelDataCollector.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Adds the columns of a call to data that is collected later, elsewhere: see {@link addCorrelations}. In the layout
   * `python-v1` they are the eight columns of the Python package.
   *
   * Source: `ModelDataCollector.add_correlations`.
   */
  readonly addCorrelations: typeof addCorrelations;

  /** What became of the rows so far. */
  stats(): CollectorStats {
    return this.#statistics.snapshot(this.#lifetime.waiting());
  }

  #collect(input: unknown, shape: InputShape, options: CollectOptions): CollectReceipt {
    const call = this.#prepare(input, shape, options);
    return call instanceof PendingCall ? this.#admit(call) : call;
  }

  /** Copies and checks the rows of a call; a call that is refused already gives its receipt. */
  #prepare(input: unknown, shape: InputShape, options: CollectOptions): PendingCall | CollectReceipt {
    const intake = this.#intake;
    // Callers without types pass null for none; a thrown TypeError would end their request.
    const given = options ?? NO_OPTIONS;
    let call: PendingCall;
    try {
      call = intake.begin(given, this.#clock.now());
    } catch (error) {
      // Options of the caller's may throw when they are read; scoring goes on.
      call = intake.begin(NO_OPTIONS, this.#clock.now());
      return this.#refuseInvalid(error, call, countRows(input, shape, intake.width));
    }
    const reason = this.#reasonBefore(call, input);
    if (reason !== undefined) {
      if (this.#debug !== undefined) {
        this.#printOnly(call, input, shape);
      }
      // Not copied: what is left out should cost next to nothing.
      return this.#refuse(reason, countRows(input, shape, intake.width), call);
    }
    try {
      intake.copy(call, input, shape, given.correlationId != null, this.#limits.samplingRate);
      this.#debug?.print(call);
      return call;
    } catch (error) {
      return this.#refuseInvalid(error, call, countRows(input, shape, intake.width));
    }
  }

  /** A look at rows that are not stored; what is wrong with them does not matter then. */
  #printOnly(call: PendingCall, input: unknown, shape: InputShape): void {
    try {
      this.#intake.copy(call, input, shape, true, 1);
      this.#debug?.print(call);
    } catch {
      // Counted as what it is.
    }
  }

  #reasonBefore(call: PendingCall, input: unknown): keyof DroppedRows | undefined {
    if (!this.enabled) {
      return 'disabled';
    }
    const { samplingRate } = this.#limits;
    if (samplingRate >= 1) {
      return undefined;
    }
    const { correlationId } = call;
    // Correlations from outside may be anything; those that have no id are refused when they are checked.
    if (typeof correlationId !== 'string' || isSampled(correlationId, samplingRate)) {
      return undefined;
    }
    try {
      return this.#intake.bringsIds(input) ? undefined : 'sampled';
    } catch {
      // What is wrong with them is found out when they are copied.
      return undefined;
    }
  }

  /** Takes a prepared call, or counts why not. */
  #admit(call: PendingCall): CollectReceipt {
    const store = this.#store;
    const { rowCount } = call;
    if (this.#lifetime.isClosing || store === undefined) {
      return this.#refuse(store === undefined ? 'failed' : 'closed', rowCount, call);
    }
    if (!store.admit(call)) {
      this.#report.bufferFull(store.pendingBytes, this.#limits.maxBufferBytes, 'New');
      return this.#refuse('bufferFull', rowCount, call);
    }
    const { sampledOut } = call;
    if (sampledOut === 0) {
      return new Receipt(rowCount, 0, undefined, call);
    }
    this.#count('sampled', sampledOut, call, 0);
    return new Receipt(rowCount, sampledOut, 'sampled', call);
  }

  #refuse(reason: keyof DroppedRows, rowCount: number, call: PendingCall): CollectReceipt {
    // The receipt may be kept for long.
    call.rows = NO_ROWS;
    call.more = undefined;
    this.#count(reason, rowCount, call, call.number);
    return new Receipt(0, rowCount, reason, call);
  }

  #count(reason: keyof DroppedRows, rowCount: number, call: PendingCall, number: number): void {
    this.#statistics.refuse(reason, rowCount);
    this.#book.of(call.day).refuse(reason, rowCount, number);
  }

  #refuseInvalid(error: unknown, call: PendingCall, meant: number): CollectReceipt {
    const rowCount = error instanceof InvalidRows ? (error.rowCount ?? meant) : meant;
    const receipt = this.#refuse('invalid', rowCount, call);
    const message = this.#report.invalid(rowCount, error, this.#throwInvalid);
    if (this.#throwInvalid) {
      throw new ValidationError({ path: 'input', expected: 'feature rows', message, cause: error });
    }
    return receipt;
  }
}

function nameOf(storage: StorageTarget | RowSink): string {
  return isSink(storage) ? storage.name : describeStorage(storage);
}

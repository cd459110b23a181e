import { type Clock, type Deadline, deadline, onShutdown, systemClock, ValidationError } from '@azureml-ts/common';
import { CollectionEngine } from '../engine/collection-engine.ts';
import { FlushError } from '../errors.ts';
import { type StreamIdentity, utcDay } from '../format/blob-path.ts';
import type { CollectInput, FeatureRecord, FeatureValue, NumericArray } from '../rows/collect-input.ts';
import { InvalidRows } from '../rows/invalid-rows.ts';
import type { InputShape } from '../rows/shape-rows.ts';
import { openSink } from '../sinks/open-sink.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import { describeStorage } from '../storage/storage-target.ts';
import { CallIntake, type PreparedCall } from './call-intake.ts';
import { CollectorReport } from './collector-report.ts';
import type { Correlations } from './correlations.ts';
import type { ModelDataCollectorOptions } from './options.ts';
import type { CollectOptions, CollectReceipt } from './receipt.ts';
import { resolveStream } from './resolve-stream.ts';
import { isSampled } from './sampling.ts';
import { type CollectorStats, type DroppedRows, Statistics } from './statistics.ts';
import { resolveSwitch } from './switch.ts';
import { type CollectorLimits, validateOptions } from './validate-options.ts';

/** Time that `flush()` takes at most, in milliseconds, unless the call says otherwise. */
const FLUSH_TIMEOUT_MS = 30_000;
/** Time that `close()` takes at most, in milliseconds, unless the call says otherwise. */
const CLOSE_TIMEOUT_MS = 10_000;

/** Options of `flush()` and `close()`. */
export interface FlushOptions {
  /** Longest time, in milliseconds; `Infinity` for no limit. Default 30,000 for `flush()`, 10,000 for `close()`. */
  readonly timeoutMs?: number | undefined;
  /** Ends the attempt early. */
  readonly abortSignal?: AbortSignal | undefined;
}

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
  readonly #intake: CallIntake;
  readonly #statistics = new Statistics();
  readonly #report: CollectorReport;
  readonly #clock: Clock;
  readonly #throwInvalid: boolean;
  readonly #storageName: string;
  readonly #engine: CollectionEngine | undefined;
  readonly #unregister: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param modelName Name of the model: one folder of the path.
   * @param options Everything else; most of it comes from the environment inside a web service.
   * @throws ValidationError (`VALIDATION`) when an option has the wrong type or range, or cannot be part of the path.
   *   A storage setting in the environment that is missing or malformed does not throw: it is logged, told to `onError`,
   *   and the rows are counted as `failed`.
   */
  constructor(modelName: string, options: ModelDataCollectorOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new ValidationError({ path: 'options', expected: 'an object', received: options });
    }
    this.#limits = validateOptions(options);
    this.stream = resolveStream(modelName, options, process.env);
    this.modelName = modelName;
    this.#intake = new CallIntake(this.stream, options.featureNames);
    this.#clock = options.clock ?? systemClock;
    this.#throwInvalid = options.onInvalid === 'throw';
    const { enabled, storage, fault } = resolveSwitch(options, process.env);
    this.enabled = enabled;
    this.#storageName = storage === undefined ? 'no storage' : describeStorage(storage);
    this.#report = new CollectorReport({
      name: `ModelDataCollector ${this.stream.modelName}/${this.stream.designation}`,
      storageName: this.#storageName,
      statistics: this.#statistics,
      onError: options.onError,
      now: () => this.#clock.now(),
    });
    if (fault !== undefined) {
      this.#report.notConfigured(fault);
    }
    if (!enabled) {
      this.#report.switchedOff();
    }
    if (enabled && storage !== undefined) {
      this.#engine = this.#startEngine(openSink(storage, this.stream));
      this.#unregister = onShutdown('collectors', {
        // The shutdown order has the time limit.
        close: (abortSignal) => this.close({ abortSignal, timeoutMs: Number.POSITIVE_INFINITY }),
        onExit: () => this.#report.givenUp(this.#engine?.abandon() ?? 0),
      });
    }
  }

  /**
   * Takes rows. Returns at once and never throws because of storage.
   *
   * @param input One row, rows, records, columns or a tensor; see {@link CollectInput}.
   * @param options The caller's own id, or the correlations of another call.
   * @returns How many rows were taken, why not, and the correlations for the other side.
   * @throws ValidationError (`VALIDATION`) for input that is not rows, only with `onInvalid: 'throw'`.
   */
  collect(input: CollectInput, options: CollectOptions = {}): CollectReceipt {
    return this.#collect(input, 'auto', options);
  }

  /** As {@link ModelDataCollector.collect} for one row, whatever the number of features. */
  collectRow(
    row: readonly FeatureValue[] | NumericArray | FeatureRecord,
    options: CollectOptions = {},
  ): CollectReceipt {
    return this.#collect(row, 'row', options);
  }

  /** As {@link ModelDataCollector.collect} for an array of rows. */
  collectRows(
    rows: readonly (readonly FeatureValue[] | NumericArray | FeatureRecord)[],
    options: CollectOptions = {},
  ): CollectReceipt {
    return this.#collect(rows, 'rows', options);
  }

  /** As {@link ModelDataCollector.collect} for columns of equal length by feature name. */
  collectColumns(
    columns: { readonly [feature: string]: readonly FeatureValue[] | NumericArray },
    options: CollectOptions = {},
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
    const engine = this.#engine;
    // A call that is larger than the whole buffer would wait for ever; it is refused like any other.
    while (
      'rows' in call &&
      engine !== undefined &&
      this.#closing === undefined &&
      call.bytes <= this.#limits.maxBufferBytes &&
      !engine.hasRoom(call.bytes)
    ) {
      await engine.waitForRoom(options.abortSignal);
    }
    return this.#admit(call);
  }

  /**
   * Stores what was collected so far.
   *
   * @param options Time limit and abort signal.
   * @throws FlushError (`FLUSH_FAILED`) when some of it could not be stored in time. The rows are kept and tried again.
   */
  async flush(options: FlushOptions = {}): Promise<void> {
    const engine = this.#engine;
    if (engine === undefined) {
      return;
    }
    const limit = limitOf(options, FLUSH_TIMEOUT_MS);
    const causes = await engine.flush(limit.signal).finally(limit.clear);
    if (causes.length > 0) {
      throw new FlushError({ keptRows: engine.pendingRows, lostRows: 0, causes, storage: this.#storageName });
    }
  }

  /**
   * Stores what was collected and stops. Further rows are counted as `closed`. A second call waits for the first.
   *
   * @param options Time limit and abort signal.
   * @throws FlushError (`FLUSH_FAILED`) when some rows could not be stored in time: they are lost, and counted as `failed`.
   */
  async close(options: FlushOptions = {}): Promise<void> {
    if (this.#closing === undefined) {
      const limit = limitOf(options, CLOSE_TIMEOUT_MS);
      this.#closing = this.#close(limit.signal).finally(limit.clear);
    }
    await this.#closing;
  }

  /** As {@link ModelDataCollector.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What became of the rows so far. */
  stats(): CollectorStats {
    return this.#statistics.snapshot(this.#engine?.pendingRows ?? 0, this.#engine?.pendingBytes ?? 0);
  }

  #collect(input: unknown, shape: InputShape, options: CollectOptions): CollectReceipt {
    return this.#admit(this.#prepare(input, shape, options));
  }

  /** Copies and checks the rows of a call; a call that is refused already gives its receipt. */
  #prepare(input: unknown, shape: InputShape, options: CollectOptions): PreparedCall | CollectReceipt {
    // Callers without types pass null for none; a thrown TypeError would end their request.
    const given = options ?? {};
    const correlations = this.#intake.correlate(given, this.#clock.now());
    try {
      const call = this.#intake.prepare(input, shape, correlations, given.correlationId !== undefined);
      if (!this.enabled) {
        return this.#refuse('disabled', call.rows.length, correlations);
      }
      return isSampled(correlations.correlationId, this.#limits.samplingRate)
        ? call
        : this.#refuse('sampled', call.rows.length, correlations);
    } catch (error) {
      return this.#refuseInvalid(error, correlations);
    }
  }

  /** Takes a prepared call, or counts why not. */
  #admit(call: PreparedCall | CollectReceipt): CollectReceipt {
    if (!('rows' in call)) {
      return call;
    }
    const { schema, rows, correlations, bytes } = call;
    if (this.#closing !== undefined) {
      return this.#refuse('closed', rows.length, correlations);
    }
    if (this.#engine === undefined) {
      return this.#refuse('failed', rows.length, correlations);
    }
    if (!this.#engine.hasRoom(bytes)) {
      this.#report.bufferFull(this.#engine.pendingBytes, this.#limits.maxBufferBytes);
      return this.#refuse('bufferFull', rows.length, correlations);
    }
    this.#statistics.collected += rows.length;
    this.#engine.add({ day: utcDay(Date.parse(correlations.scoringTimestamp)), schema }, rows, bytes);
    return { accepted: rows.length, rejected: 0, correlations };
  }

  #refuse(reason: keyof DroppedRows, rowCount: number, correlations: Correlations): CollectReceipt {
    this.#statistics.refuse(reason, rowCount);
    return { accepted: 0, rejected: rowCount, reason, correlations };
  }

  #refuseInvalid(error: unknown, correlations: Correlations): CollectReceipt {
    const rowCount = error instanceof InvalidRows ? (error.rowCount ?? 1) : 1;
    const receipt = this.#refuse('invalid', rowCount, correlations);
    const message = this.#report.invalid(rowCount, error, this.#throwInvalid);
    if (this.#throwInvalid) {
      throw new ValidationError({ path: 'input', expected: 'feature rows', message, cause: error });
    }
    return receipt;
  }

  #startEngine(sink: RowSink): CollectionEngine {
    return new CollectionEngine({
      sink,
      flushIntervalMs: this.#limits.flushIntervalMs,
      maxBatchBytes: this.#limits.maxBatchBytes,
      maxBufferBytes: this.#limits.maxBufferBytes,
      clock: this.#clock,
      random: Math.random,
      onStored: (rowCount) => this.#report.stored(rowCount),
      onRefused: (rowCount, failure, error) => this.#report.refused(rowCount, failure, error),
      onFailure: (failure, error) => this.#report.failed(failure, error),
    });
  }

  async #close(limit: AbortSignal): Promise<void> {
    const engine = this.#engine;
    if (engine === undefined) {
      return;
    }
    const causes = await engine.flush(limit);
    const lostRows = await engine.stop();
    this.#unregister?.();
    this.#report.givenUp(lostRows);
    if (lostRows > 0) {
      throw new FlushError({ keptRows: 0, lostRows, causes, storage: this.#storageName });
    }
  }
}

function limitOf(options: FlushOptions | null, byDefault: number): Deadline {
  return deadline(options?.timeoutMs ?? byDefault, options?.abortSignal ?? undefined);
}

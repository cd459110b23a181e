import { type Clock, createLogger, errorMessage, systemClock } from '@azureml-ts/common';
import { IssueReporter } from '../collector/collector-issue.ts';
import { CollectorReport } from '../collector/collector-report.ts';
import type { CloseOptions, FlushOptions } from '../collector/flush-options.ts';
import type { RowStore } from '../collector/row-store.ts';
import { isSampled } from '../collector/sampling.ts';
import { type CollectorStats, type DroppedRows, Statistics } from '../collector/statistics.ts';
import { StoreLifetime } from '../collector/store-lifetime.ts';
import type { CollectInput } from '../rows/collect-input.ts';
import type { Feature } from '../rows/features.ts';
import { checkCollectorOptions } from './check-collector-options.ts';
import { CollectorError, type CollectorErrorCode } from './collector-error.ts';
import type { CollectorOptions } from './collector-options.ts';
import {
  BasicCorrelationContext,
  CollectedContext,
  type CorrelationContext,
  type ReadContext,
  readContext,
} from './correlation-context.ts';
import { type DeclaredColumns, declareColumns } from './frame/columns.ts';
import { frameText } from './frame/frame-text.ts';
import { readFrame, UnsupportedData } from './frame/read-frame.ts';
import type { MonitoredRows } from './monitored-columns.ts';
import { type OpenedSink, openCollectorSink } from './open-collector-sink.ts';
import { openRecordStore } from './open-record-store.ts';
import { RecordCall } from './record.ts';
import type { RecordLayout } from './record-layout.ts';
import { readSettings } from './settings/read-settings.ts';
import { timeText } from './time-text.ts';
import { type MonitoringFinding, validateForMonitoring } from './validate-for-monitoring.ts';
import { type CollectorFault, notNamed, whyOff } from './why-off.ts';

const log = createLogger('monitoring');

/** A correlation id that fits into any header, however it has to be encoded. */
const SHORT_ID = 512;

/** Options of one call of `Collector.collect`. */
export interface RecordOptions {
  /** The columns of these rows, instead of those of the collector: names, or names with types. */
  readonly columns?: readonly string[] | readonly Feature[] | undefined;
}

/** Options of {@link Collector.validate}. */
export interface ValidateOptions extends RecordOptions {
  /** The rows that the collector of the other side is given with the same context, or their `data`. Default: none. */
  readonly outputs?: MonitoredRows | undefined;
  /** Rows of the baseline, as the `data` of a record where floats matter. Default: not compared. */
  readonly baseline?: MonitoredRows | undefined;
}

/**
 * Collects the inputs and outputs of a model in the second generation's way: one record for each call, to the collection
 * sidecar of a deployment, to Blob Storage in the layout that Azure ML's model monitoring reads, or to standard output.
 *
 * `collect` writes the rows as JSON at once and returns; records are delivered in the background, in order, and tried again
 * after passing faults. Trouble never reaches scoring: it is told to `onError`, counted in {@link Collector.stats} and
 * logged once for each cause. On SIGTERM, SIGINT and at the natural end of the process what waits is delivered first; what
 * cannot be is kept in a journal for the next process.
 *
 * Source: `azureml.ai.monitoring.Collector` of azureml-ai-monitoring 1.0.0.
 *
 * @example
 * ```ts
 * import { Collector, MemorySink } from '@azureml-ts/monitoring';
 *
 * const sink = new MemorySink();
 * const inputs = new Collector({ name: 'model_inputs', columns: [{ name: 'age', type: 'float64' }], sink });
 * const outputs = new Collector({ name: 'model_outputs', sink });
 * const context = inputs.collect([{ age: 59 }, { age: 61 }]);
 * outputs.collect([{ risk: 0.25 }, { risk: 0.5 }], context);
 * await Promise.all([inputs.close(), outputs.close()]);
 * console.log(sink.records().map(({ data }) => data)); // ages as 59.0 and 61.0, then risks
 * ```
 */
export class Collector {
  /** Name of the collection. */
  readonly name: string;
  /** Whether records are collected; decided once, when the collector is made. */
  readonly enabled: boolean;
  readonly #onError: ((error: CollectorError) => void) | undefined;
  readonly #clock: Clock;
  readonly #samplingRate: number;
  readonly #maxRecords: number;
  readonly #columns: DeclaredColumns | undefined;
  readonly #redactKey: string | Uint8Array | undefined;
  readonly #statistics = new Statistics();
  readonly #said: IssueReporter;
  readonly #report: CollectorReport;
  readonly #opened: OpenedSink | undefined;
  readonly #store: RowStore | undefined;
  /** Why nothing is collected. */
  readonly #off: CollectorFault | undefined;
  readonly #lifetime: StoreLifetime;

  /**
   * @param options Name, columns, where to and how. Nothing is read but the platform's file, and nothing written or sent,
   *   before the constructor has returned.
   * @throws ValidationError (`VALIDATION`) when an option has the wrong type or range. A missing name, and settings of the
   *   platform that are missing or off, do not throw: `onError` is told, and the records are counted as `disabled`.
   */
  constructor(options: CollectorOptions) {
    checkCollectorOptions(options);
    const { name } = options;
    this.name = typeof name === 'string' ? name : '';
    this.#onError = options.onError;
    this.#clock = options.clock ?? systemClock;
    this.#redactKey = options.redactKey ?? (process.env['AML_MODEL_DC_REDACT_KEY'] || undefined);
    this.#columns = options.columns === undefined ? undefined : declareColumns(options.columns, this.#redactKey);
    const now = () => this.#clock.now();
    this.#said = new IssueReporter(({ message }) => log.warning(`Collector ${this.name}: ${message}`), now);
    const settings = readSettings(process.env);
    const collection = settings.collection(this.name);
    this.#samplingRate = options.samplingRate ?? collection?.samplingRate ?? 1;
    this.#maxRecords = options.maxRecords ?? settings.queueCapacity ?? Number.POSITIVE_INFINITY;
    const opened = this.name === '' ? undefined : openCollectorSink(options, settings, process.env);
    this.#off = whyOff(this.name, options, settings, opened instanceof CollectorError ? opened : undefined);
    this.enabled = this.#off === undefined;
    this.#report = new CollectorReport({
      name: `Collector ${this.name}`,
      storageName: opened === undefined || opened instanceof CollectorError ? 'nowhere' : opened.sink.name,
      statistics: this.#statistics,
      onError: ({ code, message, error }) => this.#onError?.(new CollectorError(code, message, error)),
      now,
    });
    if (this.#off !== undefined || opened === undefined || opened instanceof CollectorError) {
      this.#lifetime = new StoreLifetime(undefined);
      this.#fail(...(this.#off ?? notNamed()));
      return;
    }
    for (const message of settings.unused) {
      this.#report.setting('SETTING_IGNORED', message);
    }
    if (this.#columns?.usesRandomKey === true) {
      this.#report.setting(
        'REDACT_KEY_MISSING',
        "there is no key for the columns with redact: 'hash'. A random one is used: its hashes agree with those of no other process. Pass redactKey, or set AML_MODEL_DC_REDACT_KEY.",
      );
    }
    this.#opened = opened;
    this.#store = openRecordStore({
      opened,
      options,
      statistics: this.#statistics,
      report: this.#report,
      clock: this.#clock,
    });
    this.#lifetime = new StoreLifetime(this.#store, () => opened.close());
  }

  /**
   * Collects rows as one record. Returns at once, and never throws but what `onError` throws.
   *
   * @param data Rows, as records, arrays, columns, a tensor or a table: all that `ModelDataCollector` takes. What the caller
   *   does with them later does not reach the record.
   * @param context Ties the record to another one: what that `collect` returned, or one of the caller's own. Default: a new
   *   one with a new id.
   * @param options The columns of these rows.
   * @returns The context, with whether the record was taken; to be given to the collector of the other side.
   */
  collect(data: CollectInput, context?: CorrelationContext | null, options: RecordOptions = {}): CollectedContext {
    const read = readContext(context ?? new BasicCorrelationContext());
    if (read === undefined) {
      const message =
        'what was given as a context is none: pass what collect returned, a BasicCorrelationContext, or an object with getId(), getTimestamp() and getHeaders().';
      const instead = readContext(new BasicCorrelationContext()) as ReadContext;
      return this.#refuse('invalid', instead, 'NOT_A_CONTEXT', message);
    }
    if (this.#off !== undefined) {
      return this.#refuse('disabled', read, ...this.#off);
    }
    if (this.#lifetime.isClosing) {
      return this.#refuse('closed', read, 'COLLECTOR_CLOSED', 'the collector is closed. Make a new one.');
    }
    if (this.#samplingRate < 1 && !isSampled(read.id, this.#samplingRate)) {
      this.#statistics.refuse('sampled', 1);
      return new CollectedContext(read, false, 'dropped_sampling');
    }
    let body: string;
    try {
      body = this.#write(data, options);
    } catch (error) {
      const code = error instanceof UnsupportedData ? 'UNSUPPORTED_DATA_TYPE' : 'INVALID_ROWS';
      return this.#refuse('invalid', read, code, `a record was refused: ${errorMessage(error)}.`, error);
    }
    return this.#admit(read, body);
  }

  /**
   * Delivers what was collected so far.
   *
   * @param options Time limit, abort signal, and how far the records shall get.
   * @throws FlushError (`FLUSH_FAILED`) when some of it could not be delivered in time. The records are kept and tried again.
   */
  async flush(options: FlushOptions = {}): Promise<void> {
    await this.#lifetime.flush(options);
  }

  /**
   * Delivers what was collected and stops. Further records are counted as `closed`. A second call waits for the first.
   *
   * @param options Time limit and abort signal.
   * @throws FlushError (`FLUSH_FAILED`) when some records could not be delivered in time: `keptRows` are in the journal for
   *   the next process, `lostRows` are lost and counted as `failed`.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    await this.#lifetime.close(options);
  }

  /** As {@link Collector.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Predicts what Azure ML's model monitoring would make of rows, given to this collector: which columns it would leave out
   * or misread, and why. Nothing is collected, and it works also where collection is off.
   *
   * @param data Rows, as {@link Collector.collect} takes them.
   * @param options The columns of these rows, the outputs that belong to them, and the baseline.
   * @returns What was found; empty when nothing was. `NOT_ROWS` when `collect` would refuse the rows.
   * @example
   * ```ts
   * import { Collector, MemorySink } from '@azureml-ts/monitoring';
   *
   * const inputs = new Collector({ name: 'model_inputs', sink: new MemorySink() });
   * const [finding] = inputs.validate([{ age: 59 }], { baseline: '[{"age":59.5}]' });
   * console.log(finding?.code, finding?.column); // TYPE_DIFFERS age: declare it as { name: 'age', type: 'float64' }
   * await inputs.close();
   * ```
   *
   * Source: as {@link validateForMonitoring}, which looks at several records.
   */
  validate(data: CollectInput, options: ValidateOptions = {}): MonitoringFinding[] {
    const { outputs, baseline } = options ?? {};
    let text: string;
    try {
      text = this.#write(data, options);
    } catch (error) {
      return [
        { code: 'NOT_ROWS', column: undefined, message: `collect would refuse the rows: ${errorMessage(error)}.` },
      ];
    }
    const listed = (rows: MonitoredRows | undefined) => (rows === undefined ? undefined : [rows]);
    return validateForMonitoring({ inputs: [text], outputs: listed(outputs), baseline: listed(baseline) });
  }

  /** What became of the records so far: every number is one of records, not of rows. */
  stats(): CollectorStats {
    return this.#statistics.snapshot(this.#lifetime.waiting());
  }

  #write(data: unknown, options: RecordOptions | null): string {
    const columns = options?.columns;
    const declared = columns == null ? this.#columns : declareColumns(columns, this.#redactKey);
    return frameText(readFrame(data, declared?.names), declared).text;
  }

  #admit(read: ReadContext, body: string): CollectedContext {
    const { layout, isByHour } = this.#opened as OpenedSink;
    const store = this.#store as RowStore;
    if ((read.headers.length > 0 || read.id.length > SHORT_ID) && !this.#fits(read, layout)) {
      const message = `a correlation id of ${read.id.length} characters is too long for the headers of a request: ${JSON.stringify(read.id.slice(0, 80))}... Use one of at most ${SHORT_ID} characters.`;
      return this.#refuse('invalid', read, 'CONTEXT_TOO_LONG', message);
    }
    if (read.wrongTime !== undefined) {
      const message = `a context has the time ${JSON.stringify(read.wrongTime.slice(0, 40))}, which is in no year from 0 to 9999: give seconds since 1970, not milliseconds. The record has the time of now.`;
      this.#report.setting('TIMESTAMP_LEFT_OUT', message);
    }
    const time = isByHour ? timeText(read.timestamp) : '';
    const place = isByHour ? { day: time.slice(0, 10), hour: time.slice(11, 13) } : { day: '' };
    const isTooMany = store.pendingRows >= this.#maxRecords;
    if (isTooMany || !store.admit(new RecordCall(layout, place, read, body))) {
      const room = isTooMany ? `${this.#maxRecords} records` : `${store.pendingBytes} bytes`;
      return this.#refuse(
        'bufferFull',
        read,
        'QUEUE_FULL',
        `no room for a record of ${body.length} bytes: ${room} wait for ${this.#opened?.sink.name}. Collect less often or fewer rows at once, raise maxBufferBytes, or see why delivery is slow.`,
      );
    }
    return new CollectedContext(read, true, 'accepted');
  }

  /** Whether the record can go; says what of its context cannot. */
  #fits(read: ReadContext, layout: RecordLayout): boolean {
    const { headers, isTooLong } = layout.unfit(read);
    if (headers.length > 0) {
      const message = `a header of a context cannot go along, because its name is taken or cannot stand in a header, or there is no room: ${JSON.stringify(headers[0]?.slice(0, 80))}. The record goes without it.`;
      this.#report.setting('HEADER_LEFT_OUT', message);
    }
    return !isTooLong;
  }

  #refuse(
    reason: keyof DroppedRows,
    context: ReadContext,
    code: CollectorErrorCode,
    message: string,
    cause?: unknown,
  ): CollectedContext {
    this.#statistics.refuse(reason, 1);
    this.#fail(code, message, cause);
    return new CollectedContext(context, false, message);
  }

  /** Tells of a fault of the caller's own call: there what the handler throws is the caller's. */
  #fail(code: CollectorErrorCode, message: string, cause?: unknown): void {
    this.#statistics.lastError = message;
    this.#said.tell({ code, message });
    const answer: unknown = this.#onError?.(new CollectorError(code, `Collector ${this.name}: ${message}`, cause));
    // An async function is a function too: its rejection must not end the process.
    Promise.resolve(answer).catch((error: unknown) =>
      log.error(`onError of Collector ${this.name} failed: ${errorMessage(error)}`),
    );
  }
}

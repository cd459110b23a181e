import { currentRequest } from '@azureml-ts/common';
import type { StreamIdentity } from '../format/blob-path.ts';
import type { RowCorrelations } from '../format/encode-rows.ts';
import { countRows } from '../rows/count-rows.ts';
import type { CompiledFeatures } from '../rows/features.ts';
import { InvalidRows } from '../rows/invalid-rows.ts';
import { RowSchemas } from '../rows/row-schemas.ts';
import { type InputShape, shapeRows } from '../rows/shape-rows.ts';
import { CallNumbers, type CallPlace, checkCorrelations, correlate, dayOfTimestamp } from './correlations.ts';
import { type CorrelatedInput, rowsByDay, takeOwnCorrelations } from './own-correlations.ts';
import { type CallSource, PendingCall } from './pending-call.ts';
import type { CollectOptions } from './receipt.ts';
import { isSampled } from './sampling.ts';
import { ScoringTimes } from './scoring-times.ts';

/** Most bytes of one call by estimate: the service takes 100 MiB, and quotes can make lines longer than estimated. */
const MAX_CALL_BYTES = 48 * 1_048_576;
/** Bytes of the correlation columns of a call that has only its own id: id, timestamp, commas and line end. */
const OWN_ID_BYTES = 52;
/** The same where each row brings its ids along: usual ones. */
const MOST_ID_BYTES = 120;
/** Arrays with more members are looked at before they are copied. */
const MANY = 100_000;

/** The first step of a row: shaped by the collector's features, copied, and given its ids. */
export class CallIntake {
  readonly #place: CallPlace;
  readonly #schemas: RowSchemas;
  readonly #source: CallSource = { numbers: new CallNumbers(), times: new ScoringTimes() };

  /**
   * @param stream What the rows are called.
   * @param featureNames Names of the features, when the caller gave them.
   * @param features Their types, when the caller gave these.
   */
  constructor(
    stream: StreamIdentity,
    featureNames: readonly string[] | undefined,
    features: CompiledFeatures | undefined,
  ) {
    this.#place = { model: `${stream.modelName}/${stream.modelVersion}`, designation: stream.designation };
    this.#schemas = new RowSchemas(featureNames, features);
  }

  /** First part of the ids that this collector gives. */
  get writer(): string {
    return this.#source.numbers.writer;
  }

  /** Number of the latest call that got an id of its own. */
  get lastNumber(): number {
    return this.#source.numbers.last;
  }

  /** Number of features, when it is fixed. */
  get width(): number | undefined {
    return this.#schemas.width;
  }

  /** Begins a call: finds what it is tied to; see {@link correlate}. */
  begin({ correlationId, correlations }: CollectOptions, now: number): PendingCall {
    const { numbers, times } = this.#source;
    const day = times.dayOf(now);
    // Callers without types pass null for none.
    if (correlationId == null && correlations == null && currentRequest() === undefined) {
      numbers.last += 1;
      return new PendingCall(this.#source, now, day, numbers.last, undefined);
    }
    const before = numbers.last;
    const { correlations: given, isFromOutside } = correlate(
      this.#place,
      numbers,
      {
        // Often they have numbers for ids.
        correlationId: typeof correlationId === 'number' ? String(correlationId) : (correlationId ?? undefined),
        correlations: correlations ?? undefined,
      },
      times.timestampOf(now),
    );
    const isOwn = numbers.last !== before;
    // A timestamp that is none is refused later; such a call is counted on its own day.
    const scoringDay = isOwn ? day : (dayOfTimestamp(given.scoringTimestamp) ?? day);
    return new PendingCall(this.#source, now, scoringDay, isOwn ? numbers.last : 0, given, isFromOutside);
  }

  /** Whether sampling is decided row by row, because rows bring the ids of their calls along. */
  bringsIds(input: unknown): boolean {
    return takeOwnCorrelations(input, this.width) !== undefined;
  }

  /**
   * Copies the rows of a call.
   *
   * @param call The call.
   * @param input What `collect` was given.
   * @param shape What the caller says it is.
   * @param hasOwnId Whether the caller gave an id of its own with this very call.
   * @param samplingRate Share of the rows that is kept, where rows bring the ids of their calls along.
   * @throws InvalidRows when the input is not rows, or an id cannot be stored.
   */
  copy(call: PendingCall, input: unknown, shape: InputShape, hasOwnId: boolean, samplingRate: number): void {
    const { copier, width } = this.#schemas;
    copier.bytes = 0;
    if (!Array.isArray(input) || input.length > MANY) {
      // Before anything is copied: what can never be taken must not fill the memory.
      const rowCount = countRows(input, shape, width);
      checkedBytes(rowCount * OWN_ID_BYTES, rowCount);
    }
    const correlated = takeOwnCorrelations(input, width);
    if (correlated !== undefined) {
      this.#copyCorrelated(call, correlated, shape, samplingRate);
      return;
    }
    const { schema, rows } = shapeRows(input, this.#schemas, shape);
    const perRow = call.hasGiven ? this.#settle(call, rows.length, hasOwnId) : OWN_ID_BYTES;
    call.rows = rows;
    call.schema = schema;
    call.bytes = checkedBytes(copier.bytes + rows.length * perRow, rows.length);
  }

  /** Rows that brought their ids along go to the days of their scoring. */
  #copyCorrelated(call: PendingCall, given: CorrelatedInput, shape: InputShape, samplingRate: number): void {
    const { input, correlations } = given;
    const { schema, rows } = shapeRows(input, this.#schemas, shape === 'columns' ? shape : 'auto');
    for (const own of correlations) {
      checkCorrelations(own, rows.length);
    }
    if (rows.length !== correlations.length) {
      throw new InvalidRows(rows.length, `there are ids for ${correlations.length} rows, but ${rows.length} rows`);
    }
    const { bytes } = this.#schemas.copier;
    const perRow = checkedBytes(bytes + rows.length * MOST_ID_BYTES, rows.length) / Math.max(1, rows.length);
    // Row by row: the other side of each was kept or left out by the same id.
    const kept = new Set([...correlations.keys()].filter((index) => this.#isKept(correlations[index], samplingRate)));
    call.sampledOut = rows.length - kept.size;
    const parts = [...rowsByDay(correlations, kept)].map(([day, indexes], part) => {
      const target = part === 0 ? call : call.onDay(day);
      target.day = day;
      target.rows = indexes.map((index) => rows[index] ?? []);
      target.correlations = indexes.map((index) => correlations[index] as RowCorrelations);
      target.schema = schema;
      target.bytes = indexes.length * perRow;
      return target;
    });
    call.more = parts.slice(1);
  }

  #isKept(own: RowCorrelations | undefined, samplingRate: number): boolean {
    return own !== undefined && isSampled(own.correlationId, samplingRate);
  }

  /** Checks ids that came from outside; returns about the bytes of the correlation columns of a row. */
  #settle(call: PendingCall, rowCount: number, hasOwnId: boolean): number {
    const { userCorrelationId } = call.given;
    // The ids of the inputs' rows say nothing about predictions of another number.
    if (!hasOwnId && Array.isArray(userCorrelationId) && userCorrelationId.length !== rowCount) {
      call.given = Object.freeze({ ...call.given, userCorrelationId: undefined });
    }
    const { given } = call;
    if (call.isFromOutside) {
      checkCorrelations(given, rowCount);
    }
    // The texts are shared by all rows, but each line has them.
    const own = typeof given.userCorrelationId === 'object' ? given.userCorrelationId[0] : given.userCorrelationId;
    const { correlationId, scoringTimestamp, requestId = '' } = given;
    return correlationId.length + (own?.length ?? 0) + scoringTimestamp.length + requestId.length + 4;
  }
}

/**
 * Checks that one append can hold a call.
 *
 * @throws InvalidRows when it cannot.
 */
export function checkedBytes(bytes: number, rowCount: number): number {
  if (bytes > MAX_CALL_BYTES) {
    throw new InvalidRows(
      rowCount,
      `one call of about ${bytes} bytes is more than one append can hold (${MAX_CALL_BYTES}); divide it into several calls`,
    );
  }
  return bytes;
}

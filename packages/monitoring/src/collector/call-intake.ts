import { currentRequest } from '@azureml-ts/common';
import { type StreamIdentity, utcDay } from '../format/blob-path.ts';
import type { RowCorrelations } from '../format/encode-rows.ts';
import type { CompiledFeatures } from '../rows/features.ts';
import { InvalidRows } from '../rows/invalid-rows.ts';
import { RowSchemas } from '../rows/row-schemas.ts';
import { type InputShape, shapeRows } from '../rows/shape-rows.ts';
import { CallNumbers, type CallPlace, checkCorrelations, correlate } from './correlations.ts';
import { type CorrelatedInput, rowsByDay, takeOwnCorrelations } from './own-correlations.ts';
import { type CallSource, PendingCall } from './pending-call.ts';
import type { CollectOptions } from './receipt.ts';
import { ScoringTimes } from './scoring-times.ts';

/** Most bytes of one call by estimate: the service takes 100 MiB, and quotes can make lines longer than estimated. */
const MAX_CALL_BYTES = 48 * 1_048_576;
/** Bytes of the correlation columns of a call that has only its own id: id, timestamp, commas and line end. */
const OWN_ID_BYTES = 52;
/** The same where each row brings its ids along: usual ones. */
const MOST_ID_BYTES = 120;

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
    const given = correlate(
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
    const time = isOwn ? now : Date.parse(given.scoringTimestamp);
    return new PendingCall(this.#source, now, time === now ? day : dayOf(time, day), isOwn ? numbers.last : 0, given);
  }

  /**
   * Copies the rows of a call.
   *
   * @param call The call.
   * @param input What `collect` was given.
   * @param shape What the caller says it is.
   * @param hasOwnId Whether the caller gave an id of its own with this very call.
   * @throws InvalidRows when the input is not rows, or an id cannot be stored.
   */
  copy(call: PendingCall, input: unknown, shape: InputShape, hasOwnId: boolean): void {
    const { copier, width } = this.#schemas;
    copier.bytes = 0;
    const correlated = takeOwnCorrelations(input, width);
    if (correlated !== undefined) {
      this.#copyCorrelated(call, correlated, shape);
      return;
    }
    const { schema, rows } = shapeRows(input, this.#schemas, shape);
    const perRow = call.hasGiven ? this.#settle(call, rows.length, hasOwnId) : OWN_ID_BYTES;
    call.rows = rows;
    call.schema = schema;
    call.bytes = checkedBytes(copier.bytes + rows.length * perRow, rows.length);
  }

  /** Rows that brought their ids along go to the days of their scoring. */
  #copyCorrelated(call: PendingCall, { input, correlations }: CorrelatedInput, shape: InputShape): void {
    const { schema, rows } = shapeRows(input, this.#schemas, shape === 'columns' ? shape : 'auto');
    for (const own of correlations) {
      checkCorrelations(own, rows.length);
    }
    if (rows.length !== correlations.length) {
      throw new InvalidRows(rows.length, `there are ids for ${correlations.length} rows, but ${rows.length} rows`);
    }
    const { bytes } = this.#schemas.copier;
    const perRow = checkedBytes(bytes + rows.length * MOST_ID_BYTES, rows.length) / Math.max(1, rows.length);
    const parts = [...rowsByDay(correlations)].map(([day, indexes], part) => {
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

  /** Checks ids that came from outside; returns about the bytes of the correlation columns of a row. */
  #settle(call: PendingCall, rowCount: number, hasOwnId: boolean): number {
    const { given } = call;
    let { userCorrelationId } = given;
    // The ids of the inputs' rows say nothing about predictions of another number.
    if (!hasOwnId && Array.isArray(userCorrelationId) && userCorrelationId.length !== rowCount) {
      userCorrelationId = undefined;
    }
    checkCorrelations({ ...given, userCorrelationId }, rowCount);
    if (typeof userCorrelationId === 'object') {
      userCorrelationId = [...userCorrelationId];
    }
    call.given = { ...given, userCorrelationId };
    // The texts are shared by all rows, but each line has them.
    const own = typeof userCorrelationId === 'object' ? userCorrelationId[0] : userCorrelationId;
    const { correlationId, scoringTimestamp, requestId = '' } = given;
    return correlationId.length + (own?.length ?? 0) + scoringTimestamp.length + requestId.length + 4;
  }
}

function checkedBytes(bytes: number, rowCount: number): number {
  if (bytes > MAX_CALL_BYTES) {
    throw new InvalidRows(
      rowCount,
      `one call of about ${bytes} bytes is more than one append can hold (${MAX_CALL_BYTES}); divide it into several calls`,
    );
  }
  return bytes;
}

/** Day of a time that came from outside; `fallback` when it is none, which is refused later. */
function dayOf(time: number, fallback: string): string {
  return Number.isNaN(time) ? fallback : utcDay(time);
}

import { randomBytes } from 'node:crypto';
import { currentRequest, type RequestContext } from '@azureml-ts/common';
import { type UtcDay, utcDay } from '../format/blob-path.ts';
import { InvalidRows } from '../rows/invalid-rows.ts';
import { callsOf, pairedInputs, rememberInputs } from './request-calls.ts';

/**
 * What ties the rows of one call to those of another: hand what an `inputs` call returned to the `predictions` call.
 *
 * Within one request this is not needed: the n-th call of `inputs` and the n-th call of `predictions` find each other.
 */
export interface Correlations {
  /** Id of the call, `<writer>-<sequence>`: no other call of any process has it. */
  readonly correlationId: string;
  /** The caller's own id: one for all rows, or one for each row. */
  readonly userCorrelationId?: string | readonly string[] | undefined;
  /** When the rows were scored, ISO 8601 UTC with milliseconds. */
  readonly scoringTimestamp: string;
  /** Id of the HTTP request, when there is one. */
  readonly requestId?: string | undefined;
}

const MAX_ID_LENGTH = 256;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same.
const CONTROLS = /[\u0000-\u001f\u007f]/g;

/**
 * Numbers are not made into texts as they are: V8 keeps the texts of the last thousands of numbers, so that each would
 * outlive the short life that garbage collection is fast for.
 */
const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));

/** Gives calls their ids: the writer is new at every start, the sequence has no gaps. */
export class CallNumbers {
  /** Number of the latest call. */
  last = 0;
  readonly #writer = randomBytes(9).toString('base64url').replaceAll('-', 'x').replaceAll('_', 'y');
  // From a private field: in the CommonJS build public ones have no value yet when private ones get theirs.
  readonly #prefix = `${this.#writer}-`;
  /** The last hundred that was asked for, and the start of its ids. */
  #hundred = 0;
  #start = '';

  /** First part of the ids. */
  get writer(): string {
    return this.#writer;
  }

  /** Id of a call. */
  idOf(number: number): string {
    const hundred = Math.floor(number / 100);
    if (hundred === 0) {
      return this.#prefix + number;
    }
    if (hundred !== this.#hundred) {
      this.#hundred = hundred;
      this.#start = this.#prefix + hundred;
    }
    return this.#start + TWO_DIGITS[number % 100];
  }

  /** Id of the next call. */
  next(): string {
    this.last += 1;
    return this.idOf(this.last);
  }
}

/** Where a call stands within its request. */
export interface CallPlace {
  /** Name and version of the model: inputs and predictions of one model belong together. */
  readonly model: string;
  /** The collector's designation. */
  readonly designation: string;
}

/** What a call is tied to. */
export interface Tie {
  readonly correlations: Correlations;
  /** Whether values of it came from outside, which are to be checked; see {@link checkCorrelations}. */
  readonly isFromOutside: boolean;
}

/**
 * Finds what a call is tied to: what the caller handed over, else the inputs call of the same place in this request,
 * else only itself.
 *
 * @param place The collector.
 * @param numbers Gives the id of a call that starts something new.
 * @param given What the caller said.
 * @param now Time of the call, ISO 8601 UTC with milliseconds.
 */
export function correlate(
  place: CallPlace,
  numbers: CallNumbers,
  given: { correlations?: Correlations | undefined; correlationId?: string | readonly string[] | undefined },
  now: string,
): Tie {
  const request = currentRequest();
  const calls = request === undefined ? undefined : callsOf(request, place.model);
  const isInputs = place.designation === 'inputs';
  const found =
    calls === undefined || isInputs ? undefined : pairedInputs(calls, place.designation, given.correlations);
  const isFromOutside =
    given.correlations !== undefined ||
    given.correlationId !== undefined ||
    (found !== undefined && calls?.hasOutside === true);
  if (found !== undefined && !isFromOutside) {
    return { correlations: found, isFromOutside };
  }
  const correlations = newCorrelations(found ?? given.correlations, given.correlationId, numbers, now, request);
  if (isInputs && calls !== undefined) {
    calls.hasOutside ||= isFromOutside;
    rememberInputs(calls, isFromOutside ? withUsableId(correlations) : correlations);
  }
  return { correlations, isFromOutside };
}

function newCorrelations(
  paired: Correlations | undefined,
  ownId: string | readonly string[] | undefined,
  numbers: CallNumbers,
  now: string,
  request: RequestContext | undefined,
): Correlations {
  const own = ownId ?? paired?.userCorrelationId ?? undefined;
  // Copied: what the caller does with its array later must not reach the rows.
  const userCorrelationId = Array.isArray(own) ? Object.freeze([...own]) : own;
  return Object.freeze(
    paired === undefined
      ? {
          correlationId: numbers.next(),
          userCorrelationId,
          scoringTimestamp: now,
          requestId: request === undefined ? undefined : harmlessId(request.requestId),
        }
      : {
          correlationId: paired.correlationId,
          userCorrelationId,
          scoringTimestamp: paired.scoringTimestamp,
          requestId: paired.requestId ?? undefined,
        },
  );
}

/** An id that cannot be stored costs the inputs their rows, but not the predictions. */
function withUsableId(correlations: Correlations): Correlations {
  const { userCorrelationId: own } = correlations;
  const isUsable = (Array.isArray(own) ? own : [own]).every((id) => idFault(id) === undefined);
  return isUsable ? correlations : Object.freeze({ ...correlations, userCorrelationId: undefined });
}

/** The id of a request is the client's choice; it must not cost the request its rows. */
function harmlessId(requestId: string): string {
  return idFault(requestId) === undefined
    ? requestId
    : String(requestId).slice(0, MAX_ID_LENGTH).replaceAll(CONTROLS, '_');
}

function idFault(id: unknown): string | undefined {
  return id === undefined || (typeof id === 'string' && id.length <= MAX_ID_LENGTH && !CONTROL.test(id))
    ? undefined
    : `a correlation id must be a text of at most ${MAX_ID_LENGTH} characters without control characters`;
}

/**
 * Checks ids that come from outside.
 *
 * @throws InvalidRows when an id is longer than 256 characters, holds a control character, or when an array of ids does
 *   not have one for each row.
 */
export function checkCorrelations(correlations: Correlations, rowCount: number): void {
  const { userCorrelationId, correlationId, scoringTimestamp, requestId } = correlations;
  if (Array.isArray(userCorrelationId) && userCorrelationId.length !== rowCount) {
    throw new InvalidRows(rowCount, `there are ${userCorrelationId.length} correlation ids for ${rowCount} rows`);
  }
  const ids = Array.isArray(userCorrelationId) ? userCorrelationId : [userCorrelationId];
  if (correlationId === undefined || correlationId === '') {
    throw new InvalidRows(rowCount, 'the correlations have no correlationId; pass what another collect call returned');
  }
  for (const id of [...ids, correlationId, requestId]) {
    const fault = idFault(id);
    if (fault !== undefined) {
      throw new InvalidRows(rowCount, fault);
    }
  }
  if (dayOfTimestamp(scoringTimestamp) === undefined) {
    throw new InvalidRows(rowCount, 'the scoring timestamp is not of the form 2026-01-02T03:04:05.678Z');
  }
}

/** What the calls of a request share, and what those of a moment do: it is looked at several times for each. */
let lastTimestamp: { readonly text: string; readonly day: UtcDay | undefined } = { text: '', day: undefined };

/** UTC day of a timestamp that came from outside; `undefined` when it is none. */
export function dayOfTimestamp(timestamp: unknown): UtcDay | undefined {
  if (typeof timestamp !== 'string') {
    return undefined;
  }
  if (timestamp !== lastTimestamp.text) {
    lastTimestamp = { text: timestamp, day: readDay(timestamp) };
  }
  return lastTimestamp.day;
}

function readDay(timestamp: string): UtcDay | undefined {
  const time = TIMESTAMP.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  const day = Number.isNaN(time) ? undefined : utcDay(time);
  // The 30th of February would become a day of March.
  return day === timestamp.slice(0, 10) ? day : undefined;
}

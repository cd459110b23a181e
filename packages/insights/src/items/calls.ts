import { type RequestReference, requestInProgress } from '../context.ts';
import { nodeCrypto } from '../node-modules.ts';
import type { DependencyTelemetry, RequestTelemetry } from '../types.ts';
import { formatDuration } from './duration.ts';
import type { WriteData } from './item-draft.ts';
import { jsonPiece } from './json-bytes.ts';
import { nameCharacters } from './limits.ts';
import { operationOf } from './operation.ts';
import { cutText } from './shorten.ts';
import { shownText } from './shown-text.ts';

/** Longest `data` of a dependency, in characters. Source: the schema of Application Insights. */
const MAX_DATA_CHARACTERS = 8_192;

const MAX_ID_CHARACTERS = 128;

const ID = jsonPiece('"id":');
const NAME = jsonPiece(',"name":');
const DURATION = jsonPiece(',"duration":');
const RESPONSE_CODE = jsonPiece(',"responseCode":');
const SUCCESS = jsonPiece(',"success":true');
const NO_SUCCESS = jsonPiece(',"success":false');
const URL_NAME = jsonPiece(',"url":');
const DATA = jsonPiece(',"data":');

const FIRST_TIME = Date.parse('0001-01-01T00:00:00Z');
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** What an item says of a call, received or made. @internal */
export interface Call {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The request that the item belongs to: for a dependency, with the operation of its caller. */
  readonly request: RequestReference | undefined;
  readonly parentSpanId: string | undefined;
  readonly data: WriteData;
}

/** A scoring request that was answered. @internal */
export function requestCall(telemetry: RequestTelemetry, now: number): Call {
  const { name, url, startedAt, durationMs, statusCode, success = statusCode < 400, parentSpanId } = telemetry;
  const shownUrl = url === undefined ? undefined : shownText(String(url));
  const shownName = shownText(String(name));
  const request = { ...referenceOf(telemetry), operationName: shownName };
  const status = String(statusCode);
  return {
    time: timeOf(startedAt, durationMs, now),
    request,
    parentSpanId,
    data(out, limits) {
      out.piece(ID);
      out.text(cutText(request.operation.spanId, MAX_ID_CHARACTERS));
      out.piece(NAME);
      out.piece(shownName.within(nameCharacters(limits)));
      out.piece(DURATION);
      out.text(formatDuration(durationMs));
      out.piece(RESPONSE_CODE);
      out.text(status);
      out.piece(success ? SUCCESS : NO_SUCCESS);
      if (shownUrl !== undefined) {
        out.piece(URL_NAME);
        out.piece(shownUrl.within(2 * nameCharacters(limits)));
      }
      return 0;
    },
  };
}

/** A call to another service. @internal */
export function dependencyCall(telemetry: DependencyTelemetry, now: number): Call {
  const { startedAt, durationMs, resultCode, target, type, data, traceId } = telemetry;
  const { success = resultCode === undefined || !(Number(resultCode) >= 400) } = telemetry;
  const current = requestInProgress();
  const parentSpanId = telemetry.parentSpanId ?? current?.operation.spanId;
  const spanId = telemetry.spanId ?? nodeCrypto().randomBytes(8).toString('hex');
  const name = shownText(String(telemetry.name));
  const texts = Object.entries({ target, type, resultCode }).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, shownText(String(value))] as const],
  );
  const command = data === undefined ? undefined : shownText(String(data));
  return {
    time: timeOf(startedAt, durationMs, now),
    request: traceId === undefined ? current : ofOperation(current, traceId, parentSpanId),
    parentSpanId,
    data(out, limits) {
      out.piece(ID);
      out.text(cutText(spanId, MAX_ID_CHARACTERS));
      out.piece(NAME);
      out.piece(name.within(nameCharacters(limits)));
      out.piece(DURATION);
      out.text(formatDuration(durationMs));
      out.piece(success ? SUCCESS : NO_SUCCESS);
      for (const [key, text] of texts) {
        out.json(`,"${key}":`);
        out.piece(text.within(nameCharacters(limits)));
      }
      if (command !== undefined) {
        out.piece(DATA);
        out.piece(command.within(Math.min(MAX_DATA_CHARACTERS, limits.propertyBytes)));
      }
      return 0;
    },
  };
}

/** A call keeps the operation that it was made in, also when it is reported from elsewhere. */
function ofOperation(
  current: RequestReference | undefined,
  traceId: string,
  spanId: string | undefined,
): RequestReference {
  const isOfCurrent = current?.operation.traceId === traceId;
  return {
    requestId: isOfCurrent ? current.requestId : '',
    clientRequestId: isOfCurrent ? current.clientRequestId : undefined,
    operation: { traceId, spanId: spanId ?? '' },
  };
}

/** The request in progress, unless the telemetry names another. */
function referenceOf({ requestId, clientRequestId, traceId, spanId }: RequestTelemetry): RequestReference {
  const current = requestInProgress();
  const isCurrent = current !== undefined && (requestId === undefined || requestId === current.requestId);
  const id = requestId ?? current?.requestId ?? '';
  const operation =
    traceId !== undefined && spanId !== undefined
      ? { traceId, spanId }
      : isCurrent
        ? current.operation
        : operationOf({ requestId: id === '' ? nodeCrypto().randomUUID() : id });
  return {
    requestId: id,
    clientRequestId: clientRequestId ?? (isCurrent ? current.clientRequestId : undefined),
    operation: { traceId: traceId ?? operation.traceId, spanId: spanId ?? operation.spanId },
  };
}

function timeOf(startedAt: Date, durationMs: number, now: number): number {
  const time = startedAt.getTime();
  if (Number.isNaN(time)) {
    return isShownTime(now - durationMs) ? now - durationMs : now;
  }
  return isShownTime(time) ? time : now;
}

/** Whether a time has a year of four digits: the service refuses others. @internal */
export function isShownTime(time: number): boolean {
  return time >= FIRST_TIME && time <= LAST_TIME;
}

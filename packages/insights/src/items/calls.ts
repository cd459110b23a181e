import { randomBytes, randomUUID } from 'node:crypto';
import { redactSecrets } from '@azureml-ts/common';
import { type RequestReference, requestInProgress } from '../context.ts';
import type { DependencyTelemetry, RequestTelemetry } from '../types.ts';
import { formatDuration } from './duration.ts';
import type { DataWithin } from './item-draft.ts';
import { nameCharacters } from './limits.ts';
import { operationOf } from './operation.ts';
import { cutText } from './shorten.ts';

/** Longest `data` of a dependency, in characters. Source: the schema of Application Insights. */
const MAX_DATA_CHARACTERS = 8_192;

const FIRST_TIME = Date.parse('0001-01-01T00:00:00Z');
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** What an item says of a call, received or made. @internal */
export interface Call {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The request that the item belongs to: for a dependency, with the operation of its caller. */
  readonly request: RequestReference | undefined;
  readonly parentSpanId: string | undefined;
  readonly data: DataWithin;
}

/** A scoring request that was answered. @internal */
export function requestCall(telemetry: RequestTelemetry, now: number): Call {
  const { name, url, startedAt, durationMs, statusCode, success = statusCode < 400, parentSpanId } = telemetry;
  const request = referenceOf(telemetry);
  const shownUrl = url === undefined ? undefined : redactSecrets(String(url));
  const shownName = redactSecrets(String(name));
  return {
    time: timeOf(startedAt, durationMs, now),
    request,
    parentSpanId,
    data: (limits) => ({
      shortened: 0,
      baseData: {
        id: cutText(request.operation.spanId, 128),
        name: cutText(shownName, nameCharacters(limits)),
        duration: formatDuration(durationMs),
        responseCode: String(statusCode),
        success,
        ...(shownUrl === undefined ? {} : { url: cutText(shownUrl, 2 * nameCharacters(limits)) }),
      },
    }),
  };
}

/** A call to another service. @internal */
export function dependencyCall(telemetry: DependencyTelemetry, now: number): Call {
  const { startedAt, durationMs, resultCode, target, type, data, traceId } = telemetry;
  const { success = resultCode === undefined || !(Number(resultCode) >= 400) } = telemetry;
  const current = requestInProgress();
  const parentSpanId = telemetry.parentSpanId ?? current?.operation.spanId;
  const spanId = telemetry.spanId ?? randomBytes(8).toString('hex');
  const name = redactSecrets(String(telemetry.name));
  const texts = Object.entries({ target, type, resultCode }).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, redactSecrets(String(value))] as const],
  );
  const command = data === undefined ? undefined : redactSecrets(String(data));
  return {
    time: timeOf(startedAt, durationMs, now),
    request: traceId === undefined ? current : ofOperation(current, traceId, parentSpanId),
    parentSpanId,
    data: (limits) => ({
      shortened: 0,
      baseData: {
        id: cutText(spanId, 128),
        name: cutText(name, nameCharacters(limits)),
        duration: formatDuration(durationMs),
        success,
        ...Object.fromEntries(texts.map(([key, text]) => [key, cutText(text, nameCharacters(limits))])),
        ...(command === undefined
          ? {}
          : { data: cutText(command, Math.min(MAX_DATA_CHARACTERS, limits.propertyBytes)) }),
      },
    }),
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
  const operation = isCurrent ? current.operation : operationOf({ requestId: id === '' ? randomUUID() : id });
  return {
    requestId: id,
    clientRequestId: clientRequestId ?? (isCurrent ? current.clientRequestId : undefined),
    operation: { traceId: traceId ?? operation.traceId, spanId: spanId ?? operation.spanId },
  };
}

function timeOf(startedAt: Date, durationMs: number, now: number): number {
  const time = startedAt.getTime();
  if (Number.isNaN(time)) {
    return isShown(now - durationMs) ? now - durationMs : now;
  }
  return isShown(time) ? time : now;
}

/** Whether a time has a year of four digits: the service refuses others. */
function isShown(time: number): boolean {
  return time >= FIRST_TIME && time <= LAST_TIME;
}

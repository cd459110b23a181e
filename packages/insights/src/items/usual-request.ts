import { currentRequest } from '@azureml-ts/common';
import type { RequestTelemetry } from '../types.ts';
import { isShownTime } from './calls.ts';
import {
  DURATION_DIGITS,
  type KnownRequests,
  type RequestTemplates,
  SPAN_ID_LENGTH,
  TRACE_ID_LENGTH,
} from './request-templates.ts';

/** Longer ones are left to what shortens them; what has one character is taken for a body by the templates. */
const [MIN_ID_CHARACTERS, MAX_ID_CHARACTERS] = [2, 128];
/** As a JSON text it has up to 6 times as many bytes, which is a property as it is. */
const MAX_BODY_CHARACTERS = 1024;
const MAX_TICKS = 10 ** DURATION_DIGITS;

/** A request of the most frequent form: its items are copies of templates. @internal */
export interface UsualRequest {
  readonly templates: RequestTemplates;
  /** When it came, in milliseconds since 1970. */
  readonly time: number;
  readonly reportedAt: number;
  readonly durationMs: number;
  /** The duration in ten-millionths of a second. */
  readonly ticks: number;
  readonly requestId: string;
  readonly clientRequestId: string | undefined;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly input: string | undefined;
  readonly output: string | undefined;
  /** Whether the output need not be looked at. */
  readonly isOutputJson: boolean;
}

/**
 * Reads a request.
 *
 * @returns `undefined` when it has another form than the usual one: all of its ids, less than a second, short bodies, no
 *   properties.
 * @internal
 */
export function usualRequest(telemetry: RequestTelemetry, now: number, known: KnownRequests): UsualRequest | undefined {
  const { name, url, startedAt, durationMs, statusCode, success = statusCode < 400, properties } = telemetry;
  const { requestId, clientRequestId, traceId, spanId, parentSpanId, input, output, isOutputJson = false } = telemetry;
  const time = startedAt.getTime();
  const ticks = Math.round(durationMs * 10_000);
  if (
    properties !== undefined ||
    typeof name !== 'string' ||
    (url !== undefined && typeof url !== 'string') ||
    typeof durationMs !== 'number' ||
    !Number.isFinite(statusCode) ||
    typeof success !== 'boolean' ||
    !isId(requestId) ||
    !(clientRequestId === undefined ? !hasKnownClient(requestId) : isId(clientRequestId)) ||
    typeof traceId !== 'string' ||
    traceId.length !== TRACE_ID_LENGTH ||
    !isSpanId(spanId) ||
    !(parentSpanId === undefined || isSpanId(parentSpanId)) ||
    !(ticks >= 0 && ticks < MAX_TICKS) ||
    !(isShownTime(time) && isShownTime(now)) ||
    !isShort(input) ||
    !isShort(output)
  ) {
    return undefined;
  }
  const templates = known.templatesOf({
    name,
    url,
    statusCode,
    success,
    hasParent: parentSpanId !== undefined,
    requestIdLength: requestId.length,
    clientRequestIdLength: clientRequestId?.length ?? 0,
    hasInput: input !== undefined,
    hasOutput: output !== undefined,
  });
  return (
    templates && {
      templates,
      time,
      reportedAt: now,
      durationMs,
      ticks,
      requestId,
      clientRequestId,
      traceId,
      spanId,
      parentSpanId,
      input,
      output,
      isOutputJson: isOutputJson === true,
    }
  );
}

/** What it was read from. @internal */
export function telemetryOf({ templates, time, ...facts }: UsualRequest): RequestTelemetry {
  const { name, url, statusCode, success } = templates;
  return { ...facts, name, url, statusCode, success, startedAt: new Date(time) };
}

function isId(id: unknown): id is string {
  return typeof id === 'string' && id.length >= MIN_ID_CHARACTERS && id.length <= MAX_ID_CHARACTERS;
}

function isSpanId(id: unknown): id is string {
  return typeof id === 'string' && id.length === SPAN_ID_LENGTH;
}

function isShort(body: unknown): body is string | undefined {
  return body === undefined || (typeof body === 'string' && body.length <= MAX_BODY_CHARACTERS);
}

/** Whether an id that the caller gave is known from the request in progress. */
function hasKnownClient(requestId: string): boolean {
  const current = currentRequest();
  return current?.clientRequestId !== undefined && current.requestId === requestId;
}

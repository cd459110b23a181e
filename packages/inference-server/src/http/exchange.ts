import type { IncomingMessage } from 'node:http';
import type { RequestContext, RequestSpan, RequestTracer } from '@azureml-ts/common';
import type { ScoreCall } from '../score/score.ts';
import { startRequestSpan } from '../telemetry/request-span.ts';
import type { RequestRecord } from '../telemetry/telemetry.ts';
import type { Answer } from './answer.ts';
import { now } from './monotonic-clock.ts';
import type { OutgoingAnswer } from './outgoing-answer.ts';
import { type RequestIds, requestIds } from './request-ids.ts';
import { requestTarget } from './request-path.ts';
import { traceContext } from './trace-context.ts';

/** One request, with what is known of it before it is answered. */
export interface Exchange extends ScoreCall {
  readonly response: OutgoingAnswer;
  readonly path: string;
  readonly ids: RequestIds;
  /** What `currentRequest()` shows. */
  readonly context: Omit<RequestContext, 'state'> &
    Pick<RequestRecord, 'clientRequestId' | 'traceId' | 'spanId' | 'parentSpanId'>;
  /** Its OpenTelemetry span, where there is any. */
  readonly span: RequestSpan | undefined;
  readonly startedAtMs: number;
  /** Whether it counts as one that is scored. */
  isCounted: boolean;
  /** What the protocol alone says to it. */
  refusal: Answer | undefined;
}

/** What an exchange is made with. */
export interface ExchangeSettings {
  readonly pathPrefix: string;
  /** Makes its span. */
  readonly tracer: RequestTracer;
  /** Whether its item goes to Application Insights. */
  readonly isReported: boolean;
}

/** Reads what the head of a request tells. */
export function exchangeOf(
  request: IncomingMessage,
  response: OutgoingAnswer,
  { pathPrefix, tracer, isReported }: ExchangeSettings,
): Exchange {
  const { headers } = request;
  const { path, query } = requestTarget(request.url ?? '', pathPrefix);
  const ids = requestIds(headers);
  const { requestId, clientRequestId } = ids;
  const method = request.method ?? '';
  const startedAt = new Date();
  const trace = traceContext(headers['traceparent'] as string | undefined, headers['tracestate'] as string | undefined);
  const span = startRequestSpan(tracer, { request, method, path, startedAt, isReported }, trace);
  const { traceId, spanId, parentSpanId } = span ?? trace;
  const { traceState } = trace;
  return {
    request,
    response,
    method,
    path,
    query,
    ids,
    context: { requestId, clientRequestId, startedAt, traceId, spanId, parentSpanId, traceState },
    span,
    startedAtMs: now(),
    requestId,
    isCounted: false,
    refusal: undefined,
    read: undefined,
    input: undefined,
  };
}

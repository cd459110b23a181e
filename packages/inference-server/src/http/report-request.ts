import type { RequestContext, RequestSpan } from '@azureml-ts/common';
import type { AccessLog } from '../log/access-log.ts';
import type { ScoreCall } from '../score/score.ts';
import type { RequestRecord, Telemetry } from '../telemetry/telemetry.ts';
import type { Answer } from './answer.ts';
import type { RequestIds } from './request-ids.ts';
import { isProbePath, routeName } from './routes.ts';

/** One request, with what is known of it before it is answered. */
export interface Exchange extends ScoreCall {
  readonly path: string;
  readonly ids: RequestIds;
  /** What `currentRequest()` shows. */
  readonly context: Omit<RequestContext, 'state'> &
    Pick<RequestRecord, 'clientRequestId' | 'traceId' | 'spanId' | 'parentSpanId'>;
  /** Its OpenTelemetry span, where there is any. */
  readonly span: RequestSpan | undefined;
  readonly startedAtMs: number;
}

/** What became of an answer. */
export interface Written {
  readonly status: number;
  readonly bytes: number;
  /** Whether it broke off. */
  readonly isBroken: boolean;
}

/** Where requests are reported to. */
export interface ReportSettings {
  readonly accessLog: AccessLog;
  readonly telemetry: Telemetry;
}

/** Tells the access log and telemetry of an answered request. Runs inside its context; never throws. */
export function reportRequest(
  { accessLog, telemetry }: ReportSettings,
  exchange: Exchange,
  answer: Answer,
  { status, bytes, isBroken }: Written,
): void {
  const { request, method, path, context, startedAtMs, requestId, input } = exchange;
  const isProbe = isProbePath(path);
  if (isProbe && status < 400) {
    return;
  }
  const { 'content-length': length, host } = request.headers;
  const { clientRequestId } = context;
  const durationMs = performance.now() - startedAtMs;
  accessLog.write({
    method,
    path,
    status,
    durationMs,
    bytesIn: length === undefined ? undefined : Number(length),
    bytesOut: bytes,
    requestId,
    clientRequestId,
  });
  if (!telemetry.isOn || isProbe || (method === 'OPTIONS' && status < 400)) {
    return;
  }
  const { body } = answer;
  telemetry.request({
    ...context,
    durationMs,
    method,
    route: routeName(path),
    url: `http://${host ?? 'localhost'}${path}`,
    status,
    success: status < 400 && !isBroken,
    input,
    output: path === '/score' && typeof body === 'string' && body !== '' ? body : undefined,
  });
}

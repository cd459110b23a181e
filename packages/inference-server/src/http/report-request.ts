import type { AccessLog } from '../log/access-log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { now } from './monotonic-clock.ts';
import { isProbePath, routeName } from './routes.ts';

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
  const { request, method, path, ids, context, startedAtMs, requestId, input } = exchange;
  const isProbe = isProbePath(path);
  if (isProbe && status < 400) {
    return;
  }
  const { 'content-length': length, host } = request.headers;
  const { clientRequestId } = context;
  const durationMs = now() - startedAtMs;
  accessLog.write({
    at: Date.now(),
    method,
    path,
    status,
    durationMs,
    bytesIn: length,
    bytesOut: bytes,
    requestId,
    isOwnId: ids.isOwn,
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

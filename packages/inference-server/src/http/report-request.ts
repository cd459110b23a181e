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
  const { clientRequestId, startedAt, traceId, spanId, parentSpanId } = context;
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
  const { body, contentType } = answer;
  const { name, url } = placeOf(method, host ?? 'localhost', path);
  telemetry.request({
    requestId,
    clientRequestId,
    startedAt,
    durationMs,
    traceId,
    spanId,
    parentSpanId,
    name,
    url,
    statusCode: status,
    success: status < 400 && !isBroken,
    input,
    output: path === '/score' && typeof body === 'string' && body !== '' ? body : undefined,
    // What has no other type was made by JSON.stringify.
    isOutputJson: contentType === undefined,
  });
}

/** Where a request went. */
interface Place {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly url: string;
}

/** Most requests go where the one before went: the same texts take less time all the way than equal ones. */
let last: Place | undefined;

function placeOf(method: string, host: string, path: string): Place {
  if (last === undefined || last.path !== path || last.method !== method || last.host !== host) {
    last = { method, host, path, name: `${method} ${routeName(path)}`, url: `http://${host}${path}` };
  }
  return last;
}

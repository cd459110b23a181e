import { randomBytes } from 'node:crypto';

/** Where a request stands in a distributed trace. */
export interface TraceContext {
  /** Trace id: 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** Id of this request's own span: 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  /** Id of the caller's span, when the caller sent one. */
  readonly parentSpanId: string | undefined;
}

// Versions after 00 may append fields, so only the known part is looked at; version ff is forbidden.
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/**
 * Continues the trace of the caller, or starts a new one.
 *
 * Source: W3C Trace Context, `traceparent`.
 *
 * @param traceparent The header; anything that does not fit the standard is as if it had not been sent.
 */
export function traceContext(traceparent: string | undefined): TraceContext {
  const spanId = randomBytes(8).toString('hex');
  const [, version, traceId, parentSpanId, rest] = TRACEPARENT.exec(traceparent?.trim() ?? '') ?? [];
  const isValid =
    traceId !== undefined &&
    parentSpanId !== undefined &&
    !/^0+$/.test(traceId) &&
    !/^0+$/.test(parentSpanId) &&
    !(version === '00' && rest !== undefined);
  return isValid
    ? { traceId, spanId, parentSpanId }
    : { traceId: randomBytes(16).toString('hex'), spanId, parentSpanId: undefined };
}

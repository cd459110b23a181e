import { randomHex } from './random-ids.ts';

/** Where a request stands in a distributed trace. */
export interface TraceContext {
  /** Trace id: 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** Id of this request's own span: 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  /** Id of the caller's span, when the caller sent one. */
  readonly parentSpanId: string | undefined;
  /** What tracing systems say of the trace besides (`tracestate`), to be passed on. */
  readonly traceState: string | undefined;
  /** Whether the caller's trace is sampled; `true` when it sent none. */
  readonly isSampled: boolean;
}

// Versions after 00 may append fields, so only the known part is looked at; version ff is forbidden.
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;
/** Printable ASCII, at most as long as everybody must be able to pass on. */
const TRACESTATE = /^[ -~]{1,512}$/;

/**
 * Continues the trace of the caller, or starts a new one.
 *
 * Source: W3C Trace Context, `traceparent`.
 *
 * @param traceparent The header; anything that does not fit the standard is as if it had not been sent.
 * @param tracestate The header that goes with it.
 */
export function traceContext(traceparent: string | undefined, tracestate?: string | undefined): TraceContext {
  const spanId = randomHex(8);
  if (traceparent === undefined) {
    return newTrace(spanId);
  }
  const [, version, traceId, parentSpanId, flags = '', rest] = TRACEPARENT.exec(traceparent.trim()) ?? [];
  const isValid =
    traceId !== undefined &&
    parentSpanId !== undefined &&
    !/^0+$/.test(traceId) &&
    !/^0+$/.test(parentSpanId) &&
    !(version === '00' && rest !== undefined);
  if (!isValid) {
    return newTrace(spanId);
  }
  return {
    traceId,
    spanId,
    parentSpanId,
    traceState: tracestate !== undefined && TRACESTATE.test(tracestate) ? tracestate : undefined,
    isSampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0,
  };
}

function newTrace(spanId: string): TraceContext {
  return { traceId: randomHex(16), spanId, parentSpanId: undefined, traceState: undefined, isSampled: true };
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/;
const TRACE_ID = /^(?!0+$)[0-9a-f]{32}$/;
const SAMPLED = 1;

/** What a `traceparent` header says. @internal */
export interface TraceHeader {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
}

/**
 * Writes a `traceparent` header.
 *
 * Source: W3C Trace Context.
 *
 * @returns The text, or `undefined` for a trace id that the standard does not know.
 * @internal
 */
export function traceparent({ traceId, spanId, isSampled }: TraceHeader): string | undefined {
  return TRACE_ID.test(traceId) ? `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}` : undefined;
}

/** Reads a `traceparent` header. @internal */
export function readTraceparent(text: unknown): TraceHeader | undefined {
  const [, traceId, spanId, flags = ''] = (typeof text === 'string' && TRACEPARENT.exec(text)) || [];
  return traceId === undefined || spanId === undefined
    ? undefined
    : { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

/**
 * Where `@opentelemetry/api` 1.x registers what its copies share. It is read, never loaded: a process without
 * OpenTelemetry pays nothing, and no version of that package is asked for.
 */
const API = Symbol.for('opentelemetry.js.api.1');

/** Keys of an OpenTelemetry context; its `createContextKey` makes them with `Symbol.for`. */
export const SPAN_KEY = Symbol.for('OpenTelemetry Context Key SPAN');
/** See {@link SPAN_KEY}. */
export const SUPPRESS_TRACING_KEY = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
/** See {@link SPAN_KEY}. */
export const RPC_METADATA_KEY = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');

/** `SpanKind.SERVER`. */
export const SERVER_KIND = 1;
/** `SpanKind.CLIENT`. */
export const CLIENT_KIND = 2;
/** `SpanStatusCode.ERROR`. */
export const ERROR_STATUS = 2;
/** `TraceFlags.SAMPLED`. */
export const SAMPLED_FLAG = 1;

/** `Context`. */
export interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
  deleteValue(key: symbol): OtelContext;
}

/** `ContextManager`. */
export interface OtelContextManager {
  active(): OtelContext;
  with(context: OtelContext, run: () => void): void;
}

/** `SpanContext`. */
export interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote?: boolean;
}

/** `Span`, with the two fields that the SDK's spans have besides. */
export interface OtelSpan {
  readonly kind?: number;
  readonly parentSpanContext?: OtelSpanContext | undefined;
  spanContext(): OtelSpanContext;
  isRecording(): boolean;
  setAttribute(key: string, value: string | number | boolean): unknown;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  recordException(exception: Error | string): void;
  end(): void;
}

/** `Tracer`. */
export interface OtelTracer {
  startSpan(
    name: string,
    options: {
      readonly kind: number;
      readonly startTime: Date;
      readonly attributes: Readonly<Record<string, string | number | boolean>>;
    },
    context: OtelContext,
  ): OtelSpan;
}

/** `TracerProvider`; the registered one passes everything on to that of the application. */
export interface OtelTracerProvider {
  getTracer(name: string, version: string): OtelTracer;
  getDelegate?(): unknown;
}

/** `TextMapPropagator`. */
export interface OtelPropagator {
  extract(
    context: OtelContext,
    carrier: unknown,
    getter: { get(carrier: unknown, key: string): string | string[] | undefined; keys(carrier: unknown): string[] },
  ): OtelContext;
}

/** What is registered. */
export interface OtelApi {
  readonly trace: OtelTracerProvider | undefined;
  readonly context: OtelContextManager | undefined;
  readonly propagation: OtelPropagator | undefined;
}

/** What OpenTelemetry has registered in this process, if anything. Never throws. */
export function otelApi(): OtelApi | undefined {
  try {
    const registered = (globalThis as { readonly [key: symbol]: OtelApi | undefined })[API];
    if (registered === undefined) {
      return undefined;
    }
    // Taken out here: what throws when it is read is as if it were not registered.
    const { trace, context, propagation } = registered;
    return { trace, context, propagation };
  } catch {
    return undefined;
  }
}

/** Whether both ids are those of a trace: not of a span that was never really made. */
export function isValidSpanContext({ traceId, spanId }: OtelSpanContext): boolean {
  return /^(?!0+$)[0-9a-f]{32}$/.test(traceId) && /^(?!0+$)[0-9a-f]{16}$/.test(spanId);
}

/** The span of the calling code. */
export function activeOtelSpan(): OtelSpan | undefined {
  const span = otelApi()?.context?.active().getValue(SPAN_KEY) as OtelSpan | undefined;
  return span !== undefined && isValidSpanContext(span.spanContext()) ? span : undefined;
}

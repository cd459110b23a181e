/*
 * What @opentelemetry/api and @opentelemetry/api-logs register for all their copies. It is read from where they put it:
 * the copy that this package could load need not be there, nor be the one that was started.
 */
const API = Symbol.for('opentelemetry.js.api.1');
const LOGS = Symbol.for('io.opentelemetry.js.api.logs');
const LOGS_VERSION = 1;
/** Keys of a context; `createContextKey` makes them with `Symbol.for`. */
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');
const SUPPRESS_TRACING = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** Seconds and nanoseconds. @internal */
export type HrTime = readonly [seconds: number, nanoseconds: number];

/** @internal */
export type AttributeValue = string | number | boolean;

/** @internal */
export interface SpanContext {
  traceId: string;
  spanId: string;
  readonly traceFlags: number;
  readonly isRemote?: boolean | undefined;
}

/** @internal */
export interface OtelSpan {
  spanContext(): SpanContext;
  isRecording(): boolean;
  setAttributes(attributes: Readonly<Record<string, AttributeValue>>): void;
  updateName(name: string): void;
  setStatus(status: { readonly code: number }): void;
  end(time: HrTime): void;
  /** Of the SDK's spans. */
  readonly kind?: number | undefined;
}

/** @internal */
export interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
  deleteValue(key: symbol): OtelContext;
}

interface Tracer {
  startSpan(
    name: string,
    options: {
      readonly kind: number;
      readonly startTime: HrTime;
      readonly attributes: Readonly<Record<string, AttributeValue>>;
    },
    context: OtelContext,
  ): OtelSpan;
}

interface Logger {
  emit(record: {
    readonly context: OtelContext;
    readonly timestamp: Date;
    readonly attributes: Readonly<Record<string, AttributeValue>>;
    readonly body: unknown;
  }): void;
}

interface Meter {
  createHistogram(name: string): {
    record(value: number, attributes: Readonly<Record<string, AttributeValue>>, context: OtelContext): void;
  };
}

interface Provider {
  forceFlush?(): Promise<void>;
}

/** The providers that are registered in the process. @internal */
export interface OpenTelemetry {
  readonly context: { active(): OtelContext };
  /** The provider behind the proxy that all copies of the API share. */
  readonly traces: Provider & { getTracer(name: string): Tracer };
  readonly logs: Provider & { getLogger(name: string): Logger };
  readonly metrics: (Provider & { getMeter(name: string): Meter }) | undefined;
}

/** The providers, when there are any. @internal */
export function registeredOpenTelemetry(): OpenTelemetry | undefined {
  try {
    const globals = globalThis as { readonly [key: symbol]: unknown };
    const api = globals[API] as
      | {
          readonly context?: OpenTelemetry['context'];
          readonly trace?: { getDelegate?(): OpenTelemetry['traces'] };
          readonly metrics?: OpenTelemetry['metrics'];
        }
      | undefined;
    const traces = api?.trace?.getDelegate?.();
    const getLogs = globals[LOGS] as ((version: number) => OpenTelemetry['logs']) | undefined;
    const logs = getLogs?.(LOGS_VERSION);
    return api?.context !== undefined && traces !== undefined && logs !== undefined
      ? { context: api.context, traces, logs, metrics: api.metrics }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The span that the calling code runs in. @internal */
export function activeSpan({ context }: OpenTelemetry): OtelSpan | undefined {
  const span = context.active().getValue(SPAN) as OtelSpan | undefined;
  return span !== undefined && /[1-9a-f]/.test(span.spanContext().traceId) ? span : undefined;
}

/** A context in which a span is the parent, and nothing is suppressed. @internal */
export function contextWithParent(
  { context }: OpenTelemetry,
  parent: OtelSpan | Pick<SpanContext, 'traceId' | 'spanId'> | undefined,
): OtelContext {
  const clean = context.active().deleteValue(SUPPRESS_TRACING).deleteValue(SPAN);
  if (parent === undefined) {
    return clean;
  }
  // Remote: a sampler then decides by the trace id, as it does in every process.
  const span =
    'spanContext' in parent ? parent : { spanContext: () => ({ ...parent, traceFlags: 1, isRemote: true as const }) };
  return clean.setValue(SPAN, span);
}

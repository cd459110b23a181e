import { exportsSpansToAzureMonitor } from './azure-monitor.ts';
import { NamedSpan } from './named-span.ts';
import {
  activeOtelSpan,
  isValidSpanContext,
  type OtelApi,
  type OtelContext,
  type OtelSpan,
  otelApi,
  SAMPLED_FLAG,
  SERVER_KIND,
  SPAN_KEY,
} from './otel-api.ts';
import { PlainContext } from './plain-context.ts';
import { nameRoute, RequestSpan } from './request-span.ts';

/** A request that gets a span. */
export interface RequestSpanInit {
  /** Method, for example `POST`. */
  readonly method: string;
  /** The route, for example `/score`: paths that are one and the same to the server have one route. */
  readonly route: string;
  /** When the request came. */
  readonly startedAt: Date;
  /** Headers with names in lower case: the trace of the caller is in them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Attributes besides `http.request.method` and `http.route`. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** The ids that the request has without OpenTelemetry; `parentSpanId` is the caller's span. */
  readonly ids: {
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId?: string | undefined;
    /** Whether the caller's trace is sampled. Default `true`. */
    readonly isSampled?: boolean | undefined;
  };
  /**
   * Whether the request is reported to Application Insights in another way too: where spans go there as well, it then gets
   * no span of its own, and those below it hang on its ids.
   */
  readonly isReported?: boolean | undefined;
}

const KNOWN_METHODS = ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE'];

/**
 * Makes an OpenTelemetry SERVER span of each request, when the application has registered a tracer provider through
 * `@opentelemetry/api` 1.x; that package is never loaded for it.
 *
 * Where an instrumentation has already begun the request's SERVER span, that one is taken, and left to its owner to end.
 *
 * @example
 * ```ts
 * import { RequestTracer } from '@azureml-ts/common';
 *
 * const tracer = new RequestTracer('my-server', '1.0.0');
 * const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
 * const span = tracer.start({ method: 'POST', route: '/score', startedAt: new Date(), headers: {}, ids });
 * console.log(span); // undefined: no provider is registered here
 * ```
 *
 * Source: OpenTelemetry's semantic conventions for HTTP server spans, version 1.23 and later.
 */
export class RequestTracer {
  readonly #name: string;
  readonly #version: string;
  /** A server that is started within a span answers all its requests in the context of that span. */
  readonly #startedIn: OtelSpan | undefined;

  /**
   * @param name Name of the instrumentation: the package.
   * @param version Its version.
   */
  constructor(name: string, version: string) {
    this.#name = name;
    this.#version = version;
    this.#startedIn = harmlessly(activeOtelSpan);
  }

  /** Whether a provider is registered now. */
  get isOn(): boolean {
    return otelApi()?.trace !== undefined;
  }

  /**
   * Starts the span of a request.
   *
   * @param init The request.
   * @returns The span, whose ids are those of the request from now on; `undefined` without a provider. Never throws.
   */
  start(init: RequestSpanInit): RequestSpan | undefined {
    const api = otelApi();
    if (api?.trace === undefined) {
      return undefined;
    }
    return harmlessly(() => this.#adopt(api, init)) ?? harmlessly(() => this.#begin(api, init));
  }

  #adopt(api: OtelApi, { route, ids, isReported = false }: RequestSpanInit): RequestSpan | undefined {
    const span = activeOtelSpan();
    const context = api.context?.active();
    if (span === undefined || context === undefined || span === this.#startedIn) {
      return undefined;
    }
    const { traceId, isRemote } = span.spanContext();
    // A span that is not exported tells no kind.
    if (isRemote === true || (span.kind ?? SERVER_KIND) !== SERVER_KIND) {
      return undefined;
    }
    const parentSpanId = span.parentSpanContext?.spanId ?? (traceId === ids.traceId ? ids.parentSpanId : undefined);
    nameRoute(context, span, route);
    // There, what is recorded on a span is an item too.
    const recordsExceptions = !(isReported && exportsSpansToAzureMonitor());
    return new RequestSpan({ api, span, context, parentSpanId, isOurs: false, recordsExceptions });
  }

  #begin(api: OtelApi, init: RequestSpanInit): RequestSpan | undefined {
    const { method, route, startedAt, attributes, ids, isReported = false } = init;
    const { context, parent } = callerContext(api, init);
    if (isReported && exportsSpansToAzureMonitor()) {
      const span = new NamedSpan({ traceId: ids.traceId, spanId: ids.spanId, traceFlags: SAMPLED_FLAG });
      return new RequestSpan({ api, span, context, parentSpanId: ids.parentSpanId, isOurs: true });
    }
    const isKnown = KNOWN_METHODS.includes(method);
    const span = api.trace?.getTracer(this.#name, this.#version).startSpan(
      `${isKnown ? method : 'HTTP'} ${route}`,
      {
        kind: SERVER_KIND,
        startTime: startedAt,
        attributes: {
          'http.request.method': isKnown ? method : '_OTHER',
          ...(isKnown ? undefined : { 'http.request.method_original': method }),
          'http.route': route,
          ...attributes,
        },
      },
      context,
    );
    if (span === undefined || !isValidSpanContext(span.spanContext())) {
      return undefined;
    }
    const parentSpanId = parent?.traceId === span.spanContext().traceId ? parent.spanId : undefined;
    return new RequestSpan({ api, span, context, parentSpanId, isOurs: true });
  }
}

/** What the caller sent: read by the application's own propagator, and as W3C trace context where that finds nothing. */
function callerContext(api: OtelApi, { headers, ids }: RequestSpanInit) {
  const carrier = headers as Readonly<Record<string, string | string[] | undefined>>;
  const getter = {
    get: (_: unknown, key: string) => carrier[key.toLowerCase()],
    keys: () => Object.keys(carrier),
  };
  const extracted = harmlessly(() => api.propagation?.extract(PlainContext.root, carrier, getter));
  const context: OtelContext = extracted ?? PlainContext.root;
  const found = (context.getValue(SPAN_KEY) as OtelSpan | undefined)?.spanContext();
  if (found !== undefined && isValidSpanContext(found)) {
    return { context, parent: found };
  }
  const { traceId, parentSpanId, isSampled = true } = ids;
  if (parentSpanId === undefined) {
    return { context, parent: undefined };
  }
  const parent = { traceId, spanId: parentSpanId, traceFlags: isSampled ? SAMPLED_FLAG : 0, isRemote: true };
  return { context: context.setValue(SPAN_KEY, new NamedSpan(parent)), parent };
}

function harmlessly<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

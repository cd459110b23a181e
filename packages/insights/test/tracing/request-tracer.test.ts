import { type RequestSpanInit, RequestTracer, recordRequestException, runWithRequest } from '@azureml-ts/common';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { type FinishedSpan, OpenTelemetryBench } from './open-telemetry.ts';

const API = Symbol.for('opentelemetry.js.api.1');
const globals = globalThis as { [key: symbol]: unknown };

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = '00f067aa0ba902b7';
const SPAN = 'b7ad6b7169203331';
const traceparent = `00-${TRACE}-${CALLER}-01`;

const init: RequestSpanInit = {
  method: 'POST',
  route: '/score',
  startedAt: new Date('2026-01-02T03:04:05.678Z'),
  headers: {},
  attributes: { 'url.path': '/score' },
  ids: { traceId: TRACE, spanId: SPAN },
};
const fromCaller: RequestSpanInit = {
  ...init,
  headers: { traceparent, tracestate: 'vendor=1', baggage: 'user=7' },
  ids: { traceId: TRACE, spanId: SPAN, parentSpanId: CALLER },
};

/** Takes no spans, under the name of the exporter of Azure Monitor. */
class AzureMonitorTraceExporter {
  readonly #spans: FinishedSpan[] = [];
  getFinishedSpans = () => this.#spans;
  export(spans: FinishedSpan[], done: (result: { code: number }) => void) {
    this.#spans.push(...spans);
    done({ code: 0 });
  }
  shutdown = () => Promise.resolve();
  forceFlush = () => Promise.resolve();
}

describe('the span of a request', () => {
  let otel: OpenTelemetryBench | undefined;

  const tracer = () => new RequestTracer('my-server', '1.2.3');
  const started = (which = init) => {
    const span = tracer().start(which);
    if (span === undefined) {
      throw new Error('there is no span');
    }
    return span;
  };

  afterEach(async () => {
    await otel?.close();
    otel = undefined;
    delete globals[API];
  });

  it('is none without a provider', () => {
    expect(tracer().isOn).toBe(false);
    expect(tracer().start(init)).toBeUndefined();
  });

  it('is a SERVER span with the conventional name and attributes', () => {
    otel = new OpenTelemetryBench();

    const span = started();
    span.end({ statusCode: 200 });
    span.end({ statusCode: 500 });

    expect(otel.spans).toHaveLength(1);
    expect(otel.spans[0]).toMatchObject({
      name: 'POST /score',
      kind: SpanKind.SERVER,
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/score',
        'http.response.status_code': 200,
        'url.path': '/score',
      },
      instrumentationScope: { name: 'my-server', version: '1.2.3' },
      startTime: [1767323045, 678_000_000],
    });
    expect(otel.spans[0]?.spanContext()).toMatchObject({ traceId: span.traceId, spanId: span.spanId });
    expect(span.parentSpanId).toBeUndefined();
  });

  it.each([
    ['with the propagator of the application', () => undefined],
    ['without a propagator', () => propagation.disable()],
  ])('continues the trace of the caller %s', (_how, prepare) => {
    otel = new OpenTelemetryBench();
    prepare();

    const span = started(fromCaller);
    span.end({ statusCode: 200 });

    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, isSampled: true });
    expect(span.spanId).not.toBe(SPAN);
    expect(otel.spans[0]?.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: CALLER });
  });

  it('leaves it to the sampler of the application what becomes of a trace that the caller left out', () => {
    otel = new OpenTelemetryBench();

    const span = started({
      ...fromCaller,
      headers: { traceparent: traceparent.replace(/01$/, '00') },
      ids: { ...fromCaller.ids, isSampled: false },
    });
    span.end({ statusCode: 200 });

    expect(span).toMatchObject({ traceId: TRACE, isSampled: false });
    expect(otel.spans).toEqual([]);
  });

  it('is the active one in the work, also behind await, with what the caller sent along', async () => {
    otel = new OpenTelemetryBench();
    const span = started(fromCaller);

    const result = await runWithRequest({ requestId: 'r-1' }, () =>
      span.run(async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        trace.getTracer('user').startActiveSpan('load model', (inner) => inner.end());
        return propagation.getActiveBaggage()?.getEntry('user')?.value;
      }),
    );

    expect(result).toBe('7');
    expect(otel.spans.map(({ name, parentSpanContext }) => [name, parentSpanContext?.spanId])).toEqual([
      ['load model', span.spanId],
    ]);
    expect(trace.getActiveSpan()).toBeUndefined();
  });

  it('does not hang on the span in which the server was started', async () => {
    otel = new OpenTelemetryBench();
    await trace.getTracer('user').startActiveSpan('start', { kind: SpanKind.SERVER }, async (outer) => {
      const early = tracer();
      const span = early.start(init);
      expect(span?.traceId).not.toBe(outer.spanContext().traceId);
      expect(span?.parentSpanId).toBeUndefined();
      expect(span?.spanId).not.toBe(outer.spanContext().spanId);
      outer.end();
    });
  });

  it('has the failures of its request, and an error only for what is the fault of the server', () => {
    otel = new OpenTelemetryBench();
    const faulty = started();
    runWithRequest({ requestId: 'r-1' }, () =>
      faulty.run(() => {
        recordRequestException(new TypeError('no model'));
        recordRequestException('a text');
      }),
    );
    faulty.end({ statusCode: 500 });
    started().end({ statusCode: 404 });
    started().end({ statusCode: 503 });
    started().end({ statusCode: 200, isBroken: true });

    const spans = otel.spans;
    expect(spans[0]?.events.map(({ name, attributes }) => [name, attributes?.['exception.message']])).toEqual([
      ['exception', 'no model'],
      ['exception', 'a text'],
    ]);
    expect(spans.map(({ status, attributes }) => [status.code, attributes['error.type']])).toEqual([
      [SpanStatusCode.ERROR, '_OTHER'],
      [SpanStatusCode.UNSET, undefined],
      [SpanStatusCode.ERROR, '503'],
      [SpanStatusCode.ERROR, '_OTHER'],
    ]);
  });

  it('names methods that nobody knows in an attribute of their own', () => {
    otel = new OpenTelemetryBench();

    started({ ...init, method: 'BREW' }).end({ statusCode: 405 });

    expect(otel.spans[0]).toMatchObject({
      name: 'HTTP /score',
      attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': 'BREW' },
    });
  });

  it('is the one that an instrumentation of node:http has begun, which it also ends', () => {
    otel = new OpenTelemetryBench();
    const early = tracer();
    const theirs = trace.getTracer('http').startSpan('POST', { kind: SpanKind.SERVER }, ROOT_CONTEXT);
    const metadata = { route: undefined };
    const active = trace
      .setSpan(ROOT_CONTEXT, theirs)
      .setValue(Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA'), metadata);

    context.with(active, () => {
      const span = early.start(fromCaller);
      expect(span?.spanId).toBe(theirs.spanContext().spanId);
      runWithRequest({ requestId: 'r-1' }, () => span?.run(() => recordRequestException(new Error('boom'))));
      span?.end({ statusCode: 500 });
    });

    expect(metadata.route).toBe('/score');
    expect(otel.spans).toEqual([]);
    theirs.end();
    expect(otel.spans).toMatchObject([{ name: 'POST', attributes: { 'http.route': '/score' }, events: [{}] }]);
  });

  it('is left out where requests and spans go to Azure Monitor, and the spans below hang on the request', () => {
    otel = new OpenTelemetryBench(new AzureMonitorTraceExporter());

    const span = started({ ...init, isReported: true });
    span.run(() => trace.getTracer('user').startActiveSpan('inner', (inner) => inner.end()));
    span.end({ statusCode: 200 });
    const other = started({ ...init, isReported: false });
    other.end({ statusCode: 200 });

    expect(span).toMatchObject({ traceId: TRACE, spanId: SPAN, isSampled: true });
    expect(otel.spans.map(({ name, parentSpanContext }) => [name, parentSpanContext?.spanId])).toEqual([
      ['inner', SPAN],
      ['POST /score', undefined],
    ]);
  });

  const thrower = () => {
    throw new Error('strange');
  };
  it.each([
    ['nothing', {}],
    [
      'a getter that throws',
      {
        get trace() {
          return thrower();
        },
      },
    ],
    ['a provider that throws', { trace: { getTracer: thrower } }],
    ['a tracer that makes nothing', { trace: { getTracer: () => ({ startSpan: () => undefined }) } }],
    [
      'a propagator and a manager that throw',
      {
        trace: { getTracer: () => ({ startSpan: thrower }) },
        context: { active: thrower, with: thrower },
        propagation: { extract: thrower },
      },
    ],
  ])('disturbs nobody, whatever is registered as the API: %s', (_what, api) => {
    globals[API] = api;

    expect(tracer().start(fromCaller)).toBeUndefined();
  });

  it('whose parts all throw still runs the work, once, and throws only what that throws', () => {
    const strange = { traceId: TRACE, spanId: SPAN, traceFlags: 1 };
    globals[API] = {
      trace: {
        getTracer: () => ({
          startSpan: () => ({
            spanContext: () => strange,
            setAttribute: thrower,
            setStatus: thrower,
            recordException: thrower,
            end: thrower,
          }),
        }),
      },
      context: { active: thrower, with: thrower },
    };
    let runs = 0;

    const span = started();
    span.recordException(new Error('boom'));
    const result = span.run(() => {
      runs += 1;
      return 'done';
    });
    span.end({ statusCode: 500 });

    expect([result, runs]).toEqual(['done', 1]);
    expect(() =>
      span.run(() => {
        throw new TypeError('of the work');
      }),
    ).toThrow('of the work');
  });
});

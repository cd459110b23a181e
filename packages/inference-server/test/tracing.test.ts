import { createRequire } from 'node:module';
import { startTelemetryStandIn, type TelemetryItem, type TelemetryStandIn } from '@azureml-ts/testing';
import { running } from './running.ts';

/** The parts of OpenTelemetry that the package applicationinsights brings, as they are used here. */
interface Sdk {
  readonly NodeTracerProvider: new (options: object) => { register(): void; shutdown(): Promise<void> };
  readonly SimpleSpanProcessor: new (exporter: object) => object;
  readonly InMemorySpanExporter: new () => {
    getFinishedSpans(): {
      readonly name: string;
      readonly kind: number;
      readonly attributes: Readonly<Record<string, unknown>>;
      readonly events: readonly { readonly attributes: Readonly<Record<string, unknown>> }[];
      readonly status: { readonly code: number };
      readonly parentSpanContext?: { readonly spanId: string };
      spanContext(): { readonly traceId: string; readonly spanId: string };
    }[];
  };
}
interface Api {
  readonly trace: {
    getTracer(name: string): { startActiveSpan<T>(name: string, run: (span: { end(): void }) => T): T };
    disable(): void;
  };
  readonly context: { disable(): void };
  readonly propagation: { disable(): void };
}
const ofInsights = createRequire(require.resolve('@azureml-ts/insights/package.json'));
const sdk = createRequire(ofInsights.resolve('applicationinsights'))('@opentelemetry/sdk-trace-node') as Sdk;
const { context, propagation, trace } = ofInsights('@opentelemetry/api') as Api;

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = '00f067aa0ba902b7';
const SERVER = 1;
const ERROR = 2;

describe('a trace that goes through the server', () => {
  let standIn: TelemetryStandIn;

  beforeEach(async () => {
    standIn = await startTelemetryStandIn();
    process.env['AML_APP_INSIGHTS_ENABLED'] = 'true';
    process.env['APPLICATIONINSIGHTS_CONNECTION_STRING'] = standIn.connectionString;
  });

  afterEach(async () => {
    delete process.env['AML_APP_INSIGHTS_ENABLED'];
    delete process.env['APPLICATIONINSIGHTS_CONNECTION_STRING'];
    await standIn.close();
  });

  /** The one item of a kind that belongs to a request: the calls of the test itself belong to none. */
  const only = (baseType: string): TelemetryItem => {
    const [item, ...others] = standIn.items((each) => each.baseType === baseType && 'Request Id' in each.properties);
    expect(others).toEqual([]);
    return item as TelemetryItem;
  };

  it.each(['00', '01'])(
    'is continued, from the caller by the request to what it calls, with flags %s',
    async (flags) => {
      const called: (string | undefined)[] = [];
      await using inner = await running((_data, headers) => {
        called.push(headers['traceparent'], headers['tracestate']);
        return 1;
      });
      await using outer = await running(async () => {
        await inner.post('');
        return 1;
      });

      await outer.post('', { traceparent: `00-${TRACE}-${CALLER}-${flags}`, tracestate: 'a=1,b=2' });
      await outer.server.close();
      await inner.server.close();

      const requests = standIn.items({ baseType: 'RequestData' });
      const first = requests.find(({ tags }) => tags['ai.operation.parentId'] === CALLER);
      const second = requests.find((item) => item !== first);
      const dependency = only('RemoteDependencyData');
      expect(requests).toHaveLength(2);
      for (const { tags } of [...requests, dependency]) {
        expect(tags['ai.operation.id']).toBe(TRACE);
      }
      expect(first).toBeDefined();
      expect(dependency.tags['ai.operation.parentId']).toBe(first?.data['id']);
      expect(second?.tags['ai.operation.parentId']).toBe(dependency.data['id']);
      expect(called).toEqual([`00-${TRACE}-${dependency.data['id']}-01`, 'a=1,b=2']);
    },
  );

  describe('with OpenTelemetry', () => {
    let exporter: InstanceType<Sdk['InMemorySpanExporter']>;
    let provider: InstanceType<Sdk['NodeTracerProvider']>;

    beforeEach(() => {
      exporter = new sdk.InMemorySpanExporter();
      provider = new sdk.NodeTracerProvider({ spanProcessors: [new sdk.SimpleSpanProcessor(exporter)] });
      provider.register();
    });

    afterEach(async () => {
      await provider.shutdown();
      trace.disable();
      context.disable();
      propagation.disable();
    });

    const post = async (run: () => unknown, path = '/score') => {
      await using server = await running(run);
      await fetch(`${server.server.url}${path}`, {
        method: 'POST',
        body: '{}',
        headers: { traceparent: `00-${TRACE}-${CALLER}-01` },
      });
      await server.server.close();
    };

    it('has a SERVER span, whose ids are those of the items, and what the script starts is below it', async () => {
      await post(() => trace.getTracer('user').startActiveSpan('load', (span) => span.end()) ?? 1);

      const [inner, span] = exporter.getFinishedSpans();
      expect(span).toMatchObject({
        name: 'POST /score',
        kind: SERVER,
        parentSpanContext: { spanId: CALLER },
        attributes: {
          'http.request.method': 'POST',
          'http.route': '/score',
          'http.response.status_code': 200,
          'url.scheme': 'http',
          'url.path': '/score',
          'server.address': '127.0.0.1',
          'network.protocol.version': '1.1',
          'client.address': '127.0.0.1',
        },
      });
      expect(inner?.parentSpanContext?.spanId).toBe(span?.spanContext().spanId);
      const request = only('RequestData');
      expect(request.data['id']).toBe(span?.spanContext().spanId);
      expect(request.tags).toMatchObject({ 'ai.operation.id': TRACE, 'ai.operation.parentId': CALLER });
    });

    it('has the failure of run(), with and without Application Insights', async () => {
      const fail = () => {
        throw new RangeError('bad row');
      };
      await post(fail);
      delete process.env['AML_APP_INSIGHTS_ENABLED'];
      await post(fail);

      const spans = exporter.getFinishedSpans();
      expect(spans).toHaveLength(2);
      for (const span of spans) {
        expect(span.status.code).toBe(ERROR);
        expect(span.attributes).toMatchObject({ 'error.type': 'RangeError', 'http.response.status_code': 500 });
        expect(span.events.map(({ attributes }) => attributes['exception.message'])).toEqual(['bad row']);
      }
      expect(only('ExceptionData').tags['ai.operation.parentId']).toBe(spans[0]?.spanContext().spanId);
    });

    it('has one name for all paths that nobody serves, and no span for probes', async () => {
      await post(() => 1, '/some/secret');
      await using server = await running(() => 1);
      await fetch(server.server.url);
      await fetch(`${server.server.url}/score`, { method: 'OPTIONS' });

      expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['POST (unknown path)']);
    });
  });
});

import http from 'node:http';
import { runWithRequest } from '@azureml-ts/common';
import { context, trace } from '@opentelemetry/api';
import { Bench } from '../support.ts';
import { OpenTelemetryBench, suppressTracing } from '../tracing/open-telemetry.ts';
import { Backend } from './backend.ts';

const fetched = async (url: string) => (await fetch(url)).text();
const got = (url: string) =>
  new Promise((resolve, reject) => {
    http.get(url, (response) => response.resume().on('end', resolve)).on('error', reject);
  });

describe('beside OpenTelemetry', () => {
  let bench: Bench;
  let backend: Backend;
  let otel: OpenTelemetryBench;

  beforeEach(async () => {
    bench = await Bench.open();
    backend = await Backend.start();
    otel = new OpenTelemetryBench();
  });

  afterEach(async () => {
    await otel.close();
    await backend.close();
    await bench.close();
  });

  it('what an exporter calls is not reported', async () => {
    const insights = bench.start();

    await context.with(suppressTracing(context.active()), async () => {
      await fetched(backend.url);
      await got(backend.url);
    });

    expect(backend.seen).toHaveLength(2);
    expect(insights.stats().tracked).toBe(0);
  });

  it('calls and lines outside a request belong to the active span, and the header is left to OpenTelemetry', async () => {
    const insights = bench.start({ flushIntervalMs: 0 });

    const span = await trace.getTracer('user').startActiveSpan('job', async (active) => {
      await fetched(backend.url);
      await got(backend.url);
      insights.trackTrace({ message: 'in the job' });
      active.end();
      return active.spanContext();
    });

    const items = await bench.standIn.waitFor((all) => all.length === 3);
    for (const { tags, properties } of items) {
      expect(tags).toMatchObject({ 'ai.operation.id': span.traceId, 'ai.operation.parentId': span.spanId });
      expect(properties).not.toHaveProperty('Request Id');
    }
    expect(backend.seen.map(({ headers }) => headers['traceparent'])).toEqual([undefined, undefined]);
  });

  it('a header that the script passes on by hand is not taken for a span of the call', async () => {
    bench.start({ flushIntervalMs: 0 });
    const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const asParent = { ...ids, traceFlags: 1, isRemote: true };

    await runWithRequest({ requestId: 'r-1', ...ids, parentSpanId: '00f067aa0ba902b7' }, () =>
      context.with(trace.setSpanContext(context.active(), asParent), () =>
        trace.getTracer('user').startActiveSpan('inner', async (inner) => {
          for (const spanId of [inner.spanContext().spanId, '00f067aa0ba902b7', ids.spanId]) {
            const headers = { traceparent: `00-${ids.traceId}-${spanId}-01` };
            await (await fetch(backend.url, { headers })).text();
          }
          inner.end();
        }),
      ),
    );

    const items = await bench.standIn.waitFor((all) => all.length === 3);
    const sent = backend.seen.map(({ headers }) => String(headers['traceparent']).split('-')[2]);
    expect(new Set([...sent, ...items.map(({ data }) => data['id'])]).size).toBe(6);
  });

  it('calls of a request hang on the request, whatever spans lie between', async () => {
    bench.start({ flushIntervalMs: 0 });
    const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

    await runWithRequest({ requestId: 'r-1', ...ids }, () =>
      trace.getTracer('user').startActiveSpan('inner', async (inner) => {
        await got(backend.url);
        inner.end();
      }),
    );

    const [item] = await bench.standIn.waitFor((all) => all.length === 1);
    expect(item?.tags).toMatchObject({ 'ai.operation.id': ids.traceId, 'ai.operation.parentId': ids.spanId });
    expect(backend.seen[0]?.headers['traceparent']).toBe(`00-${ids.traceId}-${item?.data['id']}-01`);
  });
});

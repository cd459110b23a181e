import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Bench } from '../support.ts';
import { Backend } from './backend.ts';

const USE_SOURCES = pathToFileURL(join(__dirname, '..', 'fixtures', 'use-sources.mjs')).href;
const LOOPBACK_ONLY = pathToFileURL(join(__dirname, '..', 'fixtures', 'loopback-only.mjs')).href;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

const WORK = `
  const url = process.env.BACKEND;
  const done = (request) => new Promise((resolve) => request.on('response', (r) => r.resume().on('end', resolve)));
  await runWithRequest({ requestId: 'r-1', traceId: '${TRACE}', spanId: '${SPAN}' }, async () => {
    await done(get(url + '/named'));
    await done(early.get(url + '/early'));
    const late = await load();
    await done(late.get(url + '/late'));
    await (await fetch(url + '/fetch')).text();
  });
`;

const FORMATS = {
  module: `
    import * as early from 'node:http';
    import { get } from 'node:http';
    import { runWithRequest } from '@azureml-ts/common';
    import { startInsights } from '@azureml-ts/insights';
    const load = () => import('node:http');
    startInsights();
    ${WORK}`,
  commonjs: `
    const early = require('node:http');
    const { get } = require('node:http');
    const { startInsights } = require('@azureml-ts/insights');
    const { runWithRequest } = require('@azureml-ts/common');
    const load = async () => require('http');
    startInsights();
    (async () => { ${WORK} })();`,
};

/** Has OpenTelemetry's own instrumentation of node:http and a provider, as an application starts them. */
const OPEN_TELEMETRY = `
  import { createRequire } from 'node:module';
  const ofPackage = createRequire(${JSON.stringify(require.resolve('applicationinsights'))});
  const ofMonitor = createRequire(ofPackage.resolve('@azure/monitor-opentelemetry'));
  const { HttpInstrumentation } = ofMonitor('@opentelemetry/instrumentation-http');
  const { NodeTracerProvider } = ofPackage('@opentelemetry/sdk-trace-node');
  new NodeTracerProvider().register();
  const instrumentation = new HttpInstrumentation();
  instrumentation.enable();
`;

describe('calls of a process', () => {
  let bench: Bench;
  let backend: Backend;

  beforeEach(async () => {
    bench = await Bench.open();
    backend = await Backend.start();
  });

  afterEach(async () => {
    await backend.close();
    await bench.close();
  });

  async function run(type: string, program: string): Promise<void> {
    const child = spawn(
      process.execPath,
      ['--import', USE_SOURCES, '--import', LOOPBACK_ONLY, '--no-warnings', `--input-type=${type}`, '--eval', program],
      {
        env: {
          PATH: process.env['PATH'],
          BACKEND: backend.url,
          APPLICATIONINSIGHTS_CONNECTION_STRING: bench.standIn.connectionString,
          APPLICATION_INSIGHTS_NO_STATSBEAT: '1',
          APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true',
        },
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    expect(await once(child, 'close')).toEqual([0, null]);
  }

  const byName = () =>
    new Map(
      bench.standIn
        .items({ baseType: 'RemoteDependencyData' })
        .map(({ data, tags }) => [String(data['name']), { id: data['id'], parent: tags['ai.operation.parentId'] }]),
    );

  it.each(Object.entries(FORMATS))('are items however node:http was loaded: %s', async (type, program) => {
    await run(type, program);

    const items = byName();
    expect([...items.keys()]).toEqual(['GET /named', 'GET /early', 'GET /late', 'GET /fetch']);
    expect(bench.standIn.items()).toHaveLength(4);
    for (const { method, url, headers } of backend.seen) {
      expect(headers['traceparent']).toBe(`00-${TRACE}-${items.get(`${method} ${url}`)?.id}-01`);
    }
  });

  it('that OpenTelemetry has made spans of are one item each, under the id of the span', async () => {
    await run(
      'module',
      `${OPEN_TELEMETRY}
      const { startInsights } = await import('@azureml-ts/insights');
      const { RequestTracer, runWithRequest } = await import('@azureml-ts/common');
      const http = await import('node:http');
      const insights = startInsights();
      const ids = { traceId: '${TRACE}', spanId: '${SPAN}', parentSpanId: undefined };
      const span = new RequestTracer('test', '1').start(
        { method: 'POST', route: '/score', startedAt: new Date(), headers: {}, ids });
      await runWithRequest({ requestId: 'r-1', traceId: span.traceId, spanId: span.spanId }, () => span.run(async () => {
        const request = http.default.get(process.env.BACKEND + '/instrumented');
        await new Promise((resolve) => request.on('response', (r) => r.resume().on('end', resolve)));
        insights.trackTrace({ message: span.spanId });
      }));
      span.end({ statusCode: 200 });
    `,
    );

    const [item] = bench.standIn.items({ baseType: 'RemoteDependencyData' });
    const [message] = bench.standIn.items({ baseType: 'MessageData' });
    const [, traceId, spanId] = backend.seen[0]?.headers['traceparent']?.toString().split('-') ?? [];
    expect(bench.standIn.items()).toHaveLength(2);
    expect(backend.seen[0]?.rawHeaders.filter((text) => /^traceparent$/i.test(text))).toHaveLength(1);
    expect(item?.data['id']).toBe(spanId);
    expect(item?.tags).toMatchObject({
      'ai.operation.id': traceId,
      'ai.operation.parentId': message?.data['message'],
    });
    expect(spanId).not.toBe(message?.data['message']);
  });

  it.each([
    ['reports by itself', "createRequire(import.meta.url)('node:http')"],
    ['does not see', "(await import('node:http'))"],
  ])('that the package applicationinsights %s are one item each', async (_what, http) => {
    await run(
      'module',
      `
      import { createRequire } from 'node:module';
      import { runWithRequest } from '@azureml-ts/common';
      import { startInsights } from '@azureml-ts/insights';
      process.env.PACKAGE_ENDPOINT = ${JSON.stringify(`${bench.standIn.url}/v2.1`)};
      const requireFrom = createRequire(${JSON.stringify(__filename)});
      requireFrom('applicationinsights').useAzureMonitor(requireFrom('../fixtures/package-options.cjs').packageOptions);
      const { get } = ${http};
      const insights = startInsights();
      await runWithRequest({ requestId: 'r-1' }, async () => {
        await new Promise((resolve) => get(process.env.BACKEND + '/http', (r) => r.resume().on('end', resolve)));
        await (await fetch(process.env.BACKEND + '/fetch')).text();
      });
      await insights.close();
      process.exit();
    `,
    );

    const items = byName();
    expect(bench.standIn.items({ baseType: 'RemoteDependencyData' })).toHaveLength(2);
    expect([...items.keys()].sort()).toEqual(['GET /fetch', 'GET /http']);
    for (const { method, url, headers } of backend.seen) {
      expect(headers['traceparent']?.toString().split('-')[2]).toBe(items.get(`${method} ${url}`)?.id);
    }
  });
});

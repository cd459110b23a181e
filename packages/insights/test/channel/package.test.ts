import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TelemetryItem } from '@azureml-ts/testing';
import { Bench } from '../support.ts';

const FIXTURES = join(__dirname, '..', 'fixtures');
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

interface Plan {
  readonly channel: string;
  readonly appStarts?: boolean;
  readonly late?: boolean;
  readonly samplingRate?: number;
  readonly tracesPerSecond?: number;
  readonly form?: string;
}

/** The real package in a child process, with the stand-in as its service. */
describe('channel', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });

  afterEach(async () => {
    await bench.close();
  });

  async function run(plan: Plan, environment: NodeJS.ProcessEnv = {}, fixture = 'package-child.mjs') {
    const child = spawn(
      process.execPath,
      [
        '--import',
        pathToFileURL(join(FIXTURES, 'use-sources.mjs')).href,
        '--import',
        pathToFileURL(join(FIXTURES, 'loopback-only.mjs')).href,
        '--no-warnings',
        join(FIXTURES, fixture),
        JSON.stringify(plan),
      ],
      {
        env: {
          PATH: process.env['PATH'],
          APPLICATIONINSIGHTS_CONNECTION_STRING: bench.standIn.connectionString,
          APPLICATION_INSIGHTS_NO_STATSBEAT: '1',
          APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true',
          PACKAGE_ENDPOINT: `${bench.standIn.url}/v2.1`,
          SERVICE_NAME: 'my-svc',
          ...environment,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    const last = stdout.trim().split('\n').at(-1) ?? '';
    return { code, stderr, stats: last.startsWith('{') ? JSON.parse(last) : { stdout } };
  }

  /** Items of the program: not those that the package makes of itself. */
  const items = (baseType: string) =>
    bench.standIn
      .items({ baseType })
      .filter(({ data }) => !JSON.stringify(data['metrics'] ?? '').includes('_OTELRESOURCE_'));
  const sentByPackage = ({ tags }: TelemetryItem) => !tags['ai.internal.sdkVersion']?.startsWith('azureml-ts');
  const named = (found: readonly TelemetryItem[], name: string) => found.find(({ data }) => data['name'] === name);

  it.each([
    ['applicationinsights, which starts the package', { channel: 'applicationinsights' }],
    [
      'applicationinsights, with the package that the application started',
      { channel: 'applicationinsights', appStarts: true },
    ],
    ['auto, with the package that the application started', { channel: 'auto', appStarts: true }],
  ])(
    '%s, sends every item once and whole, and nothing by itself',
    async (_name, plan) => {
      const { code, stats, stderr } = await run(plan);

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stats).toMatchObject({
        tracked: 47,
        sent: 47,
        pending: 0,
        dropped: { queueFull: 0, rejected: 0, failed: 0 },
      });
      expect(bench.standIn.items().filter((item) => !sentByPackage(item))).toEqual([]);

      const requests = items('RequestData');
      expect(requests).toHaveLength(42);
      const score = named(requests, 'POST /score');
      expect(score).toMatchObject({
        time: '2023-11-14T22:13:20.000Z',
        sampleRate: 100,
        tags: { 'ai.operation.id': TRACE_ID, 'ai.operation.parentId': '1111111111111111' },
        data: {
          id: SPAN_ID,
          url: 'http://svc.example/score?v=2',
          responseCode: '503',
          success: false,
          duration: '00:00:01.2345',
        },
        properties: { model: 'm:3', 'Request Id': 'r-1', 'Service Name': 'my-svc' },
      });
      const job = named(requests, 'job');
      expect(job).toMatchObject({ data: { responseCode: '200', success: true }, properties: { 'Request Id': 'r-2' } });
      expect(job?.tags['ai.operation.parentId']).toBeUndefined();

      const [trace] = items('MessageData');
      expect(trace).toMatchObject({
        tags: { 'ai.operation.id': TRACE_ID, 'ai.operation.parentId': SPAN_ID },
        data: { message: 'STDOUT', severityLevel: 'Warning' },
        properties: { Contents: '{"a":1}', 'property.http.method': 'x', 'Request Id': 'r-1' },
      });
      const [exception] = items('ExceptionData');
      expect(exception).toMatchObject({
        tags: { 'ai.operation.id': TRACE_ID, 'ai.operation.parentId': SPAN_ID },
        data: {
          severityLevel: 'Error',
          exceptions: [
            { typeName: 'TypeError', message: 'bad row' },
            { typeName: 'Error', message: 'column b' },
          ],
        },
      });

      const dependencies = items('RemoteDependencyData');
      expect(dependencies).toHaveLength(2);
      expect(named(dependencies, 'GET items')).toMatchObject({
        tags: { 'ai.operation.id': TRACE_ID, 'ai.operation.parentId': SPAN_ID },
        data: {
          id: '00f067aa0ba902b7',
          type: 'Http',
          target: 'store.example',
          data: 'https://store.example:8443/items/7?x=1',
          resultCode: '404',
          success: false,
          duration: '00:00:00.0125',
        },
      });
      expect(named(dependencies, 'select')).toMatchObject({
        data: { type: 'SQL', target: 'db.example', data: 'select 1', success: false },
      });
      expect(items('MetricData')).toEqual([
        expect.objectContaining({
          data: expect.objectContaining({
            metrics: [expect.objectContaining({ name: 'rows', value: 12, count: 4, min: 1, max: 6 })],
          }),
          properties: expect.objectContaining({ table: 't' }),
        }),
      ]);
    },
    60_000,
  );

  it('applicationinsights, started by us, has the name of the service as its role', async () => {
    await run({ channel: 'applicationinsights' });

    expect(new Set(bench.standIn.items().map(({ tags }) => tags['ai.cloud.role']))).toEqual(new Set(['my-svc']));
  }, 60_000);

  it.each(['auto', 'direct'])(
    '%s, without the package, sends by itself and loads nothing',
    async (channel) => {
      const { stats } = await run({ channel });

      expect(stats).toMatchObject({ tracked: 47, sent: 47, loaded: false });
      expect(bench.standIn.items().filter(sentByPackage)).toEqual([]);
      expect(bench.standIn.items()).toHaveLength(47);
    },
    60_000,
  );

  it('direct sends by itself also beside the package', async () => {
    const { stats } = await run({ channel: 'direct', appStarts: true });

    expect(stats).toMatchObject({ sent: 47 });
    expect(items('RequestData').filter(sentByPackage)).toEqual([]);
  }, 60_000);

  it('auto hands over from the moment the application starts the package', async () => {
    const { stats } = await run({ channel: 'auto', appStarts: true, late: true });

    expect(stats).toMatchObject({ tracked: 48, sent: 48 });
    expect(
      items('MessageData')
        .map((item) => [item.data['message'], sentByPackage(item)])
        .toSorted(),
    ).toEqual([
      ['STDOUT', true],
      ['before', false],
    ]);
  }, 60_000);

  it('tells when the application started the package with a sampler that leaves out requests', async () => {
    const { stderr } = await run({ channel: 'auto', appStarts: true, tracesPerSecond: 5 });

    expect(stderr).toContain('RateLimitedSampler{5}');
    expect(stderr).toContain('tracesPerSecond: 0');
    expect(stderr.split('RateLimitedSampler')).toHaveLength(2);
  }, 60_000);

  it('keeps the rates of samplingRate true for requests and dependencies', async () => {
    await run({ channel: 'applicationinsights', samplingRate: 0.5 });
    const requests = items('RequestData');

    expect(requests.length).toBeLessThan(35);
    expect(new Set(requests.map(({ sampleRate }) => sampleRate))).toEqual(new Set([50]));
  }, 60_000);

  it('sends directly, and says why, when the package cannot be loaded', async () => {
    const { code, stats, stderr } = await run({ channel: 'applicationinsights' }, { HIDE_PACKAGE: '1' });

    expect(code).toBe(0);
    expect(stderr).toContain('applicationinsights cannot be used, items are sent directly');
    expect(stats).toMatchObject({ tracked: 47, sent: 47 });
    expect(bench.standIn.items().filter(sentByPackage)).toEqual([]);
  }, 60_000);

  it('leaves requests to the package where that reports them, with what only we know', async () => {
    const { code, stderr } = await run({ channel: 'auto' }, {}, 'package-server.cjs');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [job, ...requests] = items('RequestData').toSorted((one) => (one.data['name'] === 'job' ? -1 : 1));
    expect(job?.data['name']).toBe('job');
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      data: { name: 'POST /score', responseCode: '200' },
      properties: { 'Request Id': 'r-1', model: 'm:3' },
    });
    const [trace] = items('MessageData');
    expect(trace).toMatchObject({
      tags: {
        'ai.operation.id': requests[0]?.tags['ai.operation.id'],
        'ai.operation.parentId': requests[0]?.data['id'],
      },
      properties: { Contents: 'printed' },
    });
    expect(items('MessageData')).toHaveLength(1);
  }, 60_000);

  it('direct is not seen by the package, which watches http', async () => {
    const { code } = await run({ channel: 'direct' }, {}, 'package-server.cjs');

    expect(code).toBe(0);
    expect(bench.standIn.items().some((item) => !sentByPackage(item))).toBe(true);
    // The call of the program to its own server, and not ours to the service.
    expect(items('RemoteDependencyData').map(({ data }) => String(data['data']))).toEqual([
      expect.stringMatching(/\/score$/),
    ]);
  }, 60_000);

  it('refuses a channel that is none', () => {
    expect(() => bench.start({ channel: 'smoke' as never })).toThrow(expect.objectContaining({ code: 'VALIDATION' }));
  });

  it.each(['usual', 'long'])(
    'has a span processor that reports in turn counted as failed: requests of the %s form',
    async (form) => {
      const { stats } = await run({ channel: 'applicationinsights', form }, {}, 'package-processor.mjs');

      // The processor prints and reports each time.
      const dropped = { queueFull: 0, rejected: 0, failed: 4 };
      expect(stats).toEqual({ spans: 4, tracked: 8, sent: 4, pending: 0, dropped });
      expect(items('MessageData')).toEqual([]);
    },
  );
});

import { existsSync } from 'node:fs';
import { type LogsStandIn, startLogsStandIn, type TelemetryItem } from '../../src/index.ts';
import { post, rowsOf } from './support.ts';

let logs: LogsStandIn;
beforeEach(async () => {
  logs = await startLogsStandIn();
});
afterEach(() => logs.close());

const query = (kql: string, more: object = {}) => post(logs, `/v1${logs.resourceId}/query`, { query: kql, ...more });

const item = (baseType: string, fields: Partial<TelemetryItem> = {}): TelemetryItem => ({
  name: `Microsoft.ApplicationInsights.${baseType}`,
  baseType,
  time: '2026-11-01T10:00:00.1234567Z',
  tags: { 'ai.operation.id': 'op', 'ai.cloud.role': 'svc' },
  data: {},
  properties: { Contents: '{"input":1}' },
  iKey: 'key',
  sampleRate: 100,
  ...fields,
});

describe('the stand-in for the query service', () => {
  it('answers in the form of the service, by the names of the component and of the workspace', async () => {
    logs.addItems([item('MessageData', { data: { message: 'STDOUT', severityLevel: 'Warning' }, sampleRate: 25 })]);
    const { status, json } = await query(
      'traces | project timestamp, message, severityLevel, customDimensions, itemCount',
    );
    expect([status, json]).toEqual([
      200,
      {
        tables: [
          {
            name: 'PrimaryResult',
            columns: [
              { name: 'timestamp', type: 'datetime' },
              { name: 'message', type: 'string' },
              { name: 'severityLevel', type: 'int' },
              { name: 'customDimensions', type: 'dynamic' },
              { name: 'itemCount', type: 'int' },
            ],
            rows: [['2026-11-01T10:00:00.1234567Z', 'STDOUT', 2, '{"Contents":"{\\"input\\":1}"}', 4]],
          },
        ],
      },
    ]);
    const workspace = await post(logs, `/v1/workspaces/${logs.workspaceId}/query`, {
      query: 'AppTraces | project Message, AppRoleName, isnotempty(_ItemId)',
    });
    expect(workspace.json.tables[0].rows).toEqual([['STDOUT', 'svc', true]]);
    const doubled = await post(logs, `/v1/${logs.resourceId}/query`, { query: 'traces | count' });
    expect(doubled.json.tables[0].rows).toEqual([[1]]);
  });

  it('makes rows of requests, dependencies and exceptions, and of nothing else', async () => {
    logs.addItems([
      item('RequestData', {
        data: { id: 'span', name: 'POST /score', duration: '1.02:03:04.5678901', success: false, responseCode: '500' },
      }),
      item('RemoteDependencyData', {
        data: { name: 'PUT', target: 'blob', type: 'Azure blob', data: 'https://x', duration: '0.00:00:00.0125000' },
      }),
      item('ExceptionData', {
        data: {
          severityLevel: 'Error',
          exceptions: [
            { typeName: 'RangeError', message: 'far' },
            { typeName: 'Error', message: 'why' },
          ],
        },
      }),
      item('MetricData'),
    ]);
    const duration = ((24 + 2) * 60 + 3) * 60_000 + 4567.8901;
    expect(await rowsOf(logs, 'requests | project name, success, resultCode, duration, tobool(success)')).toEqual([
      ['POST /score', 'False', '500', duration, false],
    ]);
    expect(await rowsOf(logs, 'dependencies | project target, type, data, duration, success')).toEqual([
      ['blob', 'Azure blob', 'https://x', 12.5, 'True'],
    ]);
    expect(await rowsOf(logs, 'exceptions | project type, outerMessage, innermostMessage, severityLevel')).toEqual([
      ['RangeError', 'far', 'why', 3],
    ]);
    expect(await rowsOf(logs, 'traces')).toEqual([]);
  });

  it('reads a feed of items anew with each query, each with an id of its own that stays', async () => {
    const items = [item('MessageData')];
    await using fed = await startLogsStandIn({ items: () => items });
    const [[first]] = (await rowsOf(fed, 'traces | project itemId')) as [[string]];
    items.push(item('MessageData'));
    const ids = (await rowsOf(fed, 'traces | project itemId')).flat();
    expect(ids).toEqual([first, expect.not.stringContaining(first)]);
  });

  it('keeps a request out that has no token of its own', async () => {
    const body = { query: 'traces' };
    const path = `/v1${logs.resourceId}/query`;
    expect(await post(logs, path, body, { token: undefined })).toMatchObject({
      status: 401,
      json: { error: { code: 'AuthorizationRequiredError' } },
    });
    expect((await post(logs, path, body, { token: 'made-up' })).status).toBe(401);
    expect((await post(logs, path, body)).status).toBe(200);
    expect(logs.tokenRequests).toEqual(['x']);
  });

  it.each([
    ['/v1/workspaces/other/query', 'POST'],
    ['/v1/subscriptions/other/query', 'POST'],
    ['/elsewhere', 'POST'],
    [`/v1/workspaces/5ca1ab1e-0000-4000-8000-00000000a095/query`, 'GET'],
  ])('has nothing at %s for %s', async (path, method) => {
    expect(await post(logs, path, method === 'GET' ? '' : { query: 'traces' }, { method })).toMatchObject({
      status: 404,
      json: { error: { code: 'PathNotFoundError' } },
    });
  });

  it.each([
    ['no JSON'],
    ['{}'],
    ['null'],
    ['{"query":" "}'],
    ['{"query":1}'],
    ['{"query":"traces","timespan":"soon"}'],
  ])('refuses the body %s', async (body) => {
    expect(await post(logs, `/v1${logs.resourceId}/query`, body)).toMatchObject({
      status: 400,
      json: { error: { code: 'BadArgumentError' } },
    });
  });

  it('refuses a query that it does not understand, as the service does', async () => {
    expect((await query('traces\n| where message ~ 1')).json.error).toEqual({
      message: 'The request had some invalid properties',
      code: 'BadArgumentError',
      correlationId: expect.any(String),
      innererror: {
        code: 'SyntaxError',
        message: 'A recognition error occurred in the query.',
        innererror: {
          code: 'SYN0002',
          message: "Query could not be parsed at '~' on line [2,16]",
          line: 2,
          pos: 16,
          token: '~',
        },
      },
    });
    expect((await query('traces | where nosuch == 1')).json.error.innererror).toMatchObject({
      code: 'SemanticError',
      innererror: { code: 'SEM0100', message: expect.stringContaining("named 'nosuch'") },
    });
  });

  it('takes the timespan of the request, too', async () => {
    logs.addRows('traces', [{ timestamp: '2026-11-01T10:00:00Z' }, { timestamp: '2026-11-02T10:00:00Z' }]);
    const count = async (timespan: string) => (await query('traces | count', { timespan })).json.tables[0].rows[0][0];
    expect(await count('2026-11-01/2026-11-02')).toBe(1);
    expect(await count('2026-11-01/P2D')).toBe(2);
    expect(await count('P1DT12H/2026-11-03T00:00:00Z')).toBe(1);
    expect(await count('PT1H')).toBe(0);
  });

  it('gives no more rows than it may, and says so', async () => {
    await using small = await startLogsStandIn({ maxRows: 2 });
    small.addRows('traces', [{}, {}, {}]);
    const { json } = await post(small, `/v1${small.resourceId}/query`, { query: 'traces | project message' });
    expect(json.tables[0].rows).toHaveLength(2);
    expect(json.error).toMatchObject({
      code: 'PartialError',
      details: [
        { code: 'EngineError', innererror: { message: expect.stringContaining('E_QUERY_RESULT_SET_TOO_LARGE') } },
      ],
    });
  });

  it('answers as planned, in order, and records every request', async () => {
    logs.respondWith([
      { status: 429, retryAfter: 7, times: 1 },
      { status: 503, body: 'away', headers: { 'content-type': 'text/plain' }, times: 1 },
      { cut: true, times: 1 },
      { partialRows: 0, times: 1 },
    ]);
    const throttled = await query('traces');
    expect([throttled.status, throttled.headers['retry-after'], throttled.json.error.code]).toEqual([
      429,
      '7',
      'ThrottledError',
    ]);
    expect(await query('traces')).toMatchObject({ status: 503, text: 'away' });
    await expect(query('traces')).rejects.toThrow(/hang up|reset/);
    expect((await query('traces')).json.error.code).toBe('PartialError');
    expect((await query('traces')).status).toBe(200);
    expect(logs.requests().map(({ status, query: text }) => [status, text])).toEqual(
      [429, 503, 0, 200, 200].map((status) => [status, 'traces']),
    );
    logs.clear();
    expect(logs.requests()).toEqual([]);
  });

  it('writes large integers with all their digits', async () => {
    logs.addTable('Large', [{ name: 'n', type: 'long' }], [{ n: 9_007_199_254_740_993n }]);
    expect((await query('Large')).text).toContain('[[9007199254740993]]');
  });

  it('keeps its certificate in a file until it is closed', async () => {
    const file = logs.environment['NODE_EXTRA_CA_CERTS'] ?? '';
    expect(existsSync(file)).toBe(true);
    await logs.close();
    expect(existsSync(file)).toBe(false);
  });

  it('says so when the port is taken, and when a row has a column that is none', async () => {
    const port = Number(new URL(logs.url).port);
    await expect(startLogsStandIn({ port })).rejects.toMatchObject({ code: 'STAND_IN_START_FAILED' });
    expect(() => logs.addRows('traces', [{ Message: 'x' }])).toThrow(/has no column Message/);
  });
});

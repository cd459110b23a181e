import { inspect } from 'node:util';
import { type LogsStandIn, startLogsStandIn } from '@azureml-ts/testing';
import { queryLogs } from '../../src/index.ts';
import { loadQueryPackage } from '../../src/query/load-client.ts';
import { accessTo } from './support.ts';

const SECRET = 'AccountKey=c2VjcmV0c2VjcmV0c2VjcmV0;';

let logs: LogsStandIn;
beforeEach(async () => {
  logs = await startLogsStandIn();
});
afterEach(() => logs.close());

const query = (kql: string, options: Partial<Parameters<typeof queryLogs>[2]> = {}, target = logs.resourceId) =>
  queryLogs(target, kql, { ...accessTo(logs), ...options });

describe('queryLogs', () => {
  it('gives rows as objects with typed values', async () => {
    logs.addTable(
      'Kinds',
      [
        { name: 'when', type: 'datetime' },
        { name: 'what', type: 'dynamic' },
        { name: 'text', type: 'dynamic' },
        { name: 'share', type: 'real' },
        { name: 'yes', type: 'bool' },
        { name: 'none', type: 'long' },
        { name: '__proto__', type: 'string' },
      ],
      [
        Object.fromEntries([
          ['when', '2026-11-01T10:00:00.1234567Z'],
          ['what', { a: [1, null] }],
          ['text', 'plain'],
          ['share', Number.NaN],
          ['yes', true],
          ['none', null],
          ['__proto__', 'own'],
        ]),
      ],
    );
    const result = await query('Kinds');
    expect(result.columns[0]).toEqual({ name: 'when', type: 'datetime' });
    const [row] = result.rows;
    expect(Object.entries(row ?? {})).toEqual([
      ['when', new Date('2026-11-01T10:00:00.123Z')],
      ['what', { a: [1, null] }],
      ['text', 'plain'],
      ['share', Number.NaN],
      ['yes', true],
      ['none', null],
      ['__proto__', 'own'],
    ]);
    expect(result).toMatchObject({ name: 'PrimaryResult', isPartial: false, error: undefined });
    expect(result.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keeps all digits of large integers, which the client alone would not', async () => {
    const large = 9_007_199_254_740_993n;
    const columns = [
      { name: 'n', type: 'long' },
      { name: 'd', type: 'dynamic' },
      { name: 'r', type: 'real' },
    ] as const;
    logs.addTable('Large', columns, [
      { n: large, d: '{"id":-9007199254740993,"text":"9007199254740993 stays"}', r: 1e20 },
      { n: 2 ** 53 - 1, d: null, r: 0.5 },
    ]);
    expect((await query('Large')).rows).toEqual([
      { n: large, d: { id: -large, text: '9007199254740993 stays' }, r: 1e20 },
      { n: 2 ** 53 - 1, d: null, r: 0.5 },
    ]);
  });

  it('asks a workspace by its id and a component by its resource id, for one token', async () => {
    logs.addRows('traces', [{ message: 'one' }]);
    expect((await query('traces | project message')).rows).toEqual([{ message: 'one' }]);
    const workspace = await query('AppTraces | project Message', {}, logs.workspaceId.toUpperCase());
    expect(workspace.rows).toEqual([{ Message: 'one' }]);
    expect(logs.requests().map(({ path }) => path)).toEqual([
      `/v1/${logs.resourceId}/query`,
      `/v1/workspaces/${logs.workspaceId.toUpperCase()}/query`,
    ]);
    expect(logs.tokenRequests).toEqual(Array(2).fill('https://api.loganalytics.io/.default'));
  });

  it('goes to Azure unless told otherwise, and to the cloud of the endpoint', async () => {
    await query('traces', { endpoint: undefined });
    await query('traces', { endpoint: 'https://api.loganalytics.us/' });
    await query('traces', { scope: 'https://example.com/.default' });
    expect(logs.requests().map(({ path }) => path)).toEqual(Array(3).fill(`/v1/${logs.resourceId}/query`));
    expect(logs.tokenRequests).toEqual([
      'https://api.loganalytics.io/.default',
      'https://api.loganalytics.us/.default',
      'https://example.com/.default',
    ]);
  });

  it('passes the timespan on, and none by itself', async () => {
    const from = new Date('2026-11-01T10:00:00Z');
    logs.addRows('traces', [{ timestamp: from }, { timestamp: '2026-10-01T00:00:00Z' }]);
    const count = async (timespan?: Parameters<typeof queryLogs>[2]['timespan']) =>
      (await query('traces | count', { timespan })).rows;
    expect(await count()).toEqual([{ Count: 2 }]);
    expect(await count({ from, to: new Date('2026-11-02T00:00:00Z') })).toEqual([{ Count: 1 }]);
    expect(await count('2026-09-01T00:00:00Z/P45D')).toEqual([{ Count: 1 }]);
    expect(await count('PT1H')).toEqual([{ Count: 0 }]);
    expect(logs.requests().map(({ timespan }) => timespan)).toEqual([
      undefined,
      '2026-11-01T10:00:00.000Z/2026-11-02T00:00:00.000Z',
      '2026-09-01T00:00:00Z/P45D',
      'PT1H',
    ]);
  });

  it('tells the service how long it waits', async () => {
    await query('traces');
    await query('traces', { timeoutMs: 2_500 });
    await query('traces', { timeoutMs: 10_000_000 });
    expect(logs.requests().map(({ headers }) => headers['prefer'])).toEqual(['wait=180', 'wait=3', 'wait=600']);
  });

  it('gives what there is of a partial answer, and why the rest is missing', async () => {
    logs.addRows('traces', [{ message: 'a' }, { message: 'b' }]);
    logs.respondWith({ partialRows: 1 });
    const { rows, isPartial, error } = await query('traces | project message');
    expect([rows, isPartial]).toEqual([[{ message: 'a' }], true]);
    expect(error).toMatchObject({ code: 'QUERY_PARTIAL', details: { code: 'PartialError', innerCode: '-2133196797' } });
    expect(error?.message).toMatch(/only a part of its rows: .* exceed the set limit of 1 records.* Ask for less/);
  });

  it('says where a query is wrong', async () => {
    await expect(query('traces\n| where message ~ 1')).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      statusCode: 400,
      retryable: false,
      details: { code: 'BadArgumentError', innerCode: 'SYN0002', line: 2, column: 17, token: '~' },
      message: expect.stringMatching(/\(SYN0002, line 2, column 17\): Query could not be parsed at '~'/),
    });
    await expect(query('traces | where nosuch == 1')).rejects.toMatchObject({
      code: 'QUERY_INVALID',
      message: expect.stringContaining("named 'nosuch'"),
    });
  });

  it('says that a workspace has other tables than a component', async () => {
    await expect(query('traces', {}, logs.workspaceId)).rejects.toThrow(/A workspace has the tables AppTraces/);
    await expect(query('AppTraces')).rejects.toThrow(/A component has the tables traces/);
  });

  it.each([
    [401, 'AUTHENTICATION_FAILED', false],
    [403, 'PERMISSION_DENIED', false],
    [404, 'NOT_FOUND', false],
    [413, 'REQUEST_REFUSED', false],
    [500, 'SERVICE_FAILED', true],
    [504, 'SERVICE_FAILED', true],
  ])('makes an error of its own of %d', async (status, code, retryable) => {
    logs.respondWith({ status });
    const failure = await query('traces').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, statusCode: status, retryable, requestId: expect.any(String) });
  });

  it('makes an error of an answer that is none, without secrets', async () => {
    logs.respondWith([
      { status: 400, body: `no JSON, ${SECRET}`, times: 1 },
      { status: 400, body: '<html>' },
    ]);
    const failure = await query('traces').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'REQUEST_REFUSED' });
    expect(inspect(failure)).not.toContain('c2VjcmV0');
    await expect(query('traces')).rejects.toThrow(/^The query failed with status 400\. Correct/);
    logs.respondWith({ status: 200, body: '<html>sign in</html>' });
    await expect(query('traces')).rejects.toMatchObject({ code: 'INVALID_ANSWER' });
    logs.respondWith({ status: 200, body: '{"tables":[{}]}' });
    await expect(query('traces')).rejects.toMatchObject({ code: 'INVALID_ANSWER' });
  });

  it('sends again what the service throttles, and says so when it goes on', async () => {
    logs.respondWith({ status: 429, retryAfter: 0, times: 1 });
    expect((await query('traces')).rows).toEqual([]);
    expect(logs.requests().map(({ status }) => status)).toEqual([429, 200]);
    logs.respondWith({ status: 429, retryAfter: 0 });
    await expect(query('traces')).rejects.toMatchObject({ code: 'THROTTLED', retryable: true, statusCode: 429 });
  });

  it('says that it was throttled when the wait is longer than the time that there is', async () => {
    logs.respondWith({ status: 429, retryAfter: 3600 });
    await expect(query('traces', { timeoutMs: 300 })).rejects.toMatchObject({ code: 'THROTTLED' });
  });

  it('ends a query when its time is over, and when it is told to', async () => {
    logs.respondWith({ delayMs: 60_000 });
    await expect(query('traces', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    const abort = new AbortController();
    logs.respondWith({ delayMs: 1, onHit: () => abort.abort(new Error('enough')), cut: true });
    await expect(query('traces', { abortSignal: abort.signal })).rejects.toThrow('enough');
    await expect(query('traces', { abortSignal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });

  it('says that nobody answered', async () => {
    logs.respondWith({ cut: true });
    await expect(query('traces')).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE', retryable: true });
    await expect(
      query('traces', { endpoint: 'https://127.0.0.1:1/v1', clientOptions: { retryOptions: { maxRetries: 0 } } }),
    ).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
  });

  it('says that there was no token', async () => {
    const refusing = {
      getToken: () =>
        Promise.reject(Object.assign(new Error('az login needed'), { name: 'CredentialUnavailableError' })),
    };
    await expect(query('traces', { credential: refusing })).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' });
    expect(logs.requests()).toEqual([]);
  });

  it('says how to get the package that sends queries', async () => {
    const missing = () => Promise.reject(new Error("Cannot find package '@azure/monitor-query-logs'"));
    await expect(loadQueryPackage(missing)).rejects.toMatchObject({
      code: 'MONITOR_QUERY_NOT_INSTALLED',
      message: expect.stringContaining('npm install @azure/monitor-query-logs'),
    });
  });

  it.each([
    ['target', () => query('traces', {}, 'my-workspace')],
    ['target', () => query('traces', {}, 'https://example.com/subscriptions/a/resourceGroups/b/providers/c')],
    ['kql', () => query('  ')],
    ['credential', () => query('traces', { credential: undefined as never })],
    ['credential', () => queryLogs(logs.resourceId, 'traces', undefined as never)],
    ['endpoint', () => query('traces', { endpoint: 'http://127.0.0.1' })],
    ['timespan', () => query('traces', { timespan: 'last week' })],
    ['timespan', () => query('traces', { timespan: { from: new Date(Number.NaN) } })],
    ['timeoutMs', () => query('traces', { timeoutMs: -1 })],
  ])('refuses a %s that is none, without a request', async (path, ask) => {
    await expect(ask()).rejects.toMatchObject({ code: 'VALIDATION', path });
    expect(logs.requests()).toEqual([]);
  });

  it('runs several queries at a time, each with its own answer', async () => {
    logs.addRows(
      'traces',
      Array.from({ length: 8 }, (_, index) => ({ message: `m${index}` })),
    );
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, index) => query(`traces | where message == "m${index}" | project message`)),
    );
    expect(results.map(({ rows }) => rows)).toEqual(results.map((_, index) => [{ message: `m${index}` }]));
  });
});

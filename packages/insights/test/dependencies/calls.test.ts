import { once } from 'node:events';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { runQuietly, runWithRequest } from '@azureml-ts/common';
import type { TelemetryItem } from '@azureml-ts/testing';
import { Bench, balanced } from '../support.ts';
import { Backend } from './backend.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const REQUEST = { requestId: 'r-1', clientRequestId: 'c-1', traceId: TRACE, spanId: SPAN };

/** Calls by `node:http`, reads the answer, and tells the status or the failure. */
async function get(url: string, options: RequestOptions = {}): Promise<number | string | undefined> {
  const request = http.request(url, options);
  request.end();
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response.statusCode;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

const fetched = async (url: string, init: RequestInit = {}) => {
  const response = await fetch(url, init);
  await response.text();
  return response.status;
};

/** The ways to call that must give the same items. */
const CALLERS: readonly [
  string,
  (url: string, options?: { method?: string; signal?: AbortSignal }) => Promise<unknown>,
][] = [
  ['fetch', (url, options) => fetched(url, options).catch((error: Error) => error.name)],
  ['node:http', (url, options) => get(url, options)],
];

describe('calls that a request makes', () => {
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

  /** The dependency items, once there are that many. */
  async function dependencies(count: number): Promise<TelemetryItem[]> {
    const all = await bench.standIn.waitFor((items) => items.length >= count);
    expect(all.map(({ baseType }) => baseType)).toEqual(Array(count).fill('RemoteDependencyData'));
    return all;
  }

  describe.each(CALLERS)('by %s', (_name, call) => {
    it('are one item each, tied to the request, without the values of the query', async () => {
      bench.start({ flushIntervalMs: 0 });
      const before = Date.now();

      const result = await runWithRequest(REQUEST, () =>
        call(`${backend.url}/items/4711?code=secret-1&comp=list`, { method: 'PUT' }),
      );

      expect(result).toBe(200);
      const [item] = await dependencies(1);
      expect(item?.data).toEqual({
        ver: 2,
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        name: 'PUT /items/{id}',
        target: backend.host,
        type: 'HTTP',
        data: `${backend.url}/items/4711?code&comp`,
        resultCode: '200',
        success: true,
        duration: expect.stringMatching(/^0\.00:00:/),
        properties: expect.objectContaining({ 'Request Id': 'r-1', 'Client Request Id': 'c-1' }),
      });
      expect(item?.tags).toMatchObject({ 'ai.operation.id': TRACE, 'ai.operation.parentId': SPAN });
      expect(Date.parse(item?.time ?? '')).toBeGreaterThanOrEqual(before);
      expect(item?.data['id']).not.toBe(SPAN);
    });

    it('tell the service of the trace, under the id of the item', async () => {
      bench.start({ flushIntervalMs: 0 });

      await runWithRequest({ ...REQUEST, traceState: 'vendor=1' }, () => call(`${backend.url}/`));

      const [item] = await dependencies(1);
      const [seen] = backend.seen;
      expect(seen?.headers['traceparent']).toBe(`00-${TRACE}-${item?.data['id']}-01`);
      expect(seen?.headers['tracestate']).toBe('vendor=1');
      expect(seen?.rawHeaders.filter((text) => /^traceparent$/i.test(text))).toHaveLength(1);
    });

    it('are failures from 400 on', async () => {
      bench.start({ flushIntervalMs: 0 });

      await runWithRequest(REQUEST, () => call(`${backend.url}/missing`));

      expect((await dependencies(1))[0]?.data).toMatchObject({ resultCode: '404', success: false });
    });

    it('that nobody takes are failures with the name of the error', async () => {
      bench.start({ flushIntervalMs: 0 });
      const { url } = backend;
      await backend.close();

      await runWithRequest(REQUEST, () => call(`${url}/`));

      const [item] = await dependencies(1);
      expect(item?.data).toMatchObject({ resultCode: 'ECONNREFUSED', success: false });
      expect(item?.properties['Error']).toBe('ECONNREFUSED');
      backend = await Backend.start();
    });

    it('that are given up say so', async () => {
      bench.start({ flushIntervalMs: 0 });
      const giveUp = new AbortController();

      const calling = runWithRequest(REQUEST, () => call(`${backend.url}/silent`, { signal: giveUp.signal }));
      await backend.asked();
      giveUp.abort();
      await calling;

      expect((await dependencies(1))[0]?.data).toMatchObject({ resultCode: 'AbortError', success: false });
    });

    it('whose answer breaks off are failures with the status that came', async () => {
      bench.start({ flushIntervalMs: 0 });

      await runWithRequest(REQUEST, () => call(`${backend.url}/cut`));

      const [item] = await dependencies(1);
      expect(item?.data).toMatchObject({ resultCode: '200', success: false });
      expect(item?.properties['Error']).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/);
    });

    it('outside a request are operations of their own, and tell nobody of it', async () => {
      bench.start({ flushIntervalMs: 0 });

      await call(`${backend.url}/a`);
      await call(`${backend.url}/b`);

      const items = await dependencies(2);
      const operations = items.map(({ tags }) => tags['ai.operation.id']);
      expect(new Set(operations).size).toBe(2);
      expect(operations).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/)]);
      expect(items.map(({ tags }) => tags['ai.operation.parentId'])).toEqual([undefined, undefined]);
      expect(backend.seen.map(({ headers }) => headers['traceparent'])).toEqual([undefined, undefined]);
    });

    it('in background work, to the exporters of telemetry, and with the switch off are none', async () => {
      const insights = bench.start({ flushIntervalMs: 0 });
      await runWithRequest(REQUEST, async () => {
        await runQuietly(() => call(`${backend.url}/quiet`));
        await call(`${bench.standIn.url}/v2.1/track`);
      });
      await insights.flush();
      await insights.close();
      const other = bench.start({ captureDependencies: false });
      await runWithRequest(REQUEST, () => call(`${backend.url}/off`));

      await other.flush();
      expect(backend.seen).toHaveLength(2);
      expect(backend.seen.map(({ headers }) => headers['traceparent'])).toEqual([undefined, undefined]);
      expect(bench.standIn.items()).toEqual([]);
      expect([balanced(insights).tracked, balanced(other).tracked]).toEqual([0, 0]);
    });

    it.each(['/v2/track', '/v2.1/track'])('to a service of the user with the path %s are reported', async (path) => {
      const insights = bench.start({ flushIntervalMs: 0 });
      await runWithRequest(REQUEST, () => call(`${backend.url}${path}`));
      await insights.flush();

      const [item] = await dependencies(1);
      expect(item?.data['data']).toBe(`${backend.url}${path}`);
      expect(backend.seen[0]?.headers['traceparent']).toBeDefined();
    });

    it('follow the sampling of their request, and say so to the service', async () => {
      const insights = bench.start({ samplingRate: 0 });

      await runWithRequest(REQUEST, () => call(`${backend.url}/`));

      await insights.flush();
      expect(backend.seen[0]?.headers['traceparent']).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
      expect(balanced(insights)).toMatchObject({ tracked: 1, sampledOut: 1 });
    });

    it('tell only the hosts of traceContextHosts of the trace', async () => {
      bench.start({ flushIntervalMs: 0, traceContextHosts: ['*.contoso.com'] });
      await runWithRequest(REQUEST, () => call(`${backend.url}/`));
      bench.start({ flushIntervalMs: 0, traceContextHosts: ['127.0.*'] });
      await runWithRequest(REQUEST, () => call(`${backend.url}/`));

      await dependencies(2);
      expect(backend.seen.map(({ headers }) => headers['traceparent'] !== undefined)).toEqual([false, true]);
    });

    it('go to the telemetry that was started last, once', async () => {
      const first = bench.start({ flushIntervalMs: 0 });
      const last = bench.start({ flushIntervalMs: 0 });
      await runWithRequest(REQUEST, () => call(`${backend.url}/`));
      await last.close();
      await runWithRequest(REQUEST, () => call(`${backend.url}/`));

      await dependencies(2);
      expect([balanced(first).tracked, balanced(last).tracked]).toEqual([1, 1]);
    });
  });

  it('are one item a hop when fetch follows a redirect', async () => {
    bench.start({ flushIntervalMs: 0 });

    await runWithRequest(REQUEST, () => fetched(`${backend.url}/moved`));

    const items = await dependencies(2);
    expect(items.map(({ data }) => [data['name'], data['resultCode'], data['success']])).toEqual([
      ['GET /moved', '302', true],
      ['GET /here', '200', true],
    ]);
    expect(new Set(items.map(({ data }) => data['id'])).size).toBe(2);
  });

  it('by https are named so, before anything is encrypted', async () => {
    bench.start({ flushIntervalMs: 0 });

    await runWithRequest(REQUEST, async () => {
      const request = https.get(`https://${backend.host}/a`);
      await once(request, 'error');
    });

    expect((await dependencies(1))[0]?.data).toMatchObject({ data: `https://${backend.host}/a`, success: false });
  });

  it('keep the header that the caller set', async () => {
    bench.start({ flushIntervalMs: 0 });
    const headers = { traceparent: `00-${TRACE}-${SPAN}-00` };

    await runWithRequest(REQUEST, async () => {
      await fetched(`${backend.url}/`, { headers });
      await get(`${backend.url}/`, { headers });
    });

    const items = await dependencies(2);
    expect(backend.seen.map((seen) => seen.headers['traceparent'])).toEqual([headers.traceparent, headers.traceparent]);
    for (const item of items) {
      expect(item.data['id']).not.toBe(SPAN);
    }
  });

  it('that can take no header any more are made all the same', async () => {
    bench.start({ flushIntervalMs: 0 });

    const status = await runWithRequest(REQUEST, () =>
      get(`${backend.url}/`, { headers: ['host', backend.host, 'x-a', '1'] as unknown as http.OutgoingHttpHeaders }),
    );

    expect(status).toBe(200);
    expect(backend.seen[0]?.headers['traceparent']).toBeUndefined();
    expect((await dependencies(1))[0]?.data).toMatchObject({ resultCode: '200' });
  });

  it('to a host of Azure carry the name of its service', async () => {
    bench.start({ flushIntervalMs: 0 });

    await runWithRequest(REQUEST, () =>
      get(`${backend.url}/models/a.json?sig=abc`, { headers: { host: 'my.blob.core.windows.net' } }),
    );

    expect((await dependencies(1))[0]?.data).toMatchObject({
      type: 'Azure blob',
      target: 'my.blob.core.windows.net',
      data: 'http://my.blob.core.windows.net/models/a.json?sig',
    });
  });

  it('belong to their request, also when their end is noticed elsewhere', async () => {
    bench.start({ flushIntervalMs: 0 });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

    await Promise.all(
      ['r-1', 'r-2', 'r-3'].map((requestId) =>
        runWithRequest({ requestId }, () => get(`${backend.url}/${requestId}`, { agent })),
      ),
    );
    agent.destroy();

    const items = await dependencies(3);
    expect(items.map(({ data, properties }) => [data['name'], properties['Request Id']]).sort()).toEqual(
      ['r-1', 'r-2', 'r-3'].map((id) => [`GET /${id}`, id]),
    );
  });

  it('whose answer is not read to its end are reported when telemetry closes', async () => {
    const insights = bench.start();

    const [response, stream] = await runWithRequest(REQUEST, async () => {
      const request = http.get(`${backend.url}/part`);
      const [answer] = (await once(request, 'response')) as [IncomingMessage];
      return [answer, await fetch(`${backend.url}/part`)];
    });
    const unanswered = http.get(`${backend.url}/silent`).on('error', () => undefined);
    await once(unanswered, 'socket');
    await insights.close();

    const items = await dependencies(2);
    expect(
      items.map(({ data, properties }) => [data['resultCode'], data['success'], properties['Request Id']]),
    ).toEqual([
      ['200', true, 'r-1'],
      ['200', true, 'r-1'],
    ]);
    await stream.body?.cancel();
    response.destroy();
    unanswered.destroy();
    expect(balanced(insights)).toMatchObject({ tracked: 2, sent: 2 });
  });

  it('are reported once, and told of the trace once, when two copies of the package are loaded', async () => {
    let copy: typeof import('../../src/index.ts') | undefined;
    jest.isolateModules(() => {
      copy = require('../../src/index.ts');
    });
    const first = bench.start();
    const second = copy?.startInsights({ connectionString: bench.standIn.connectionString, captureConsole: false });

    await runWithRequest(REQUEST, () => fetched(backend.url));
    await second?.close();
    await runWithRequest(REQUEST, () => get(backend.url));
    await first.flush();

    expect(second?.stats().sent).toBe(1);
    expect(balanced(first).sent).toBe(1);
    for (const { rawHeaders } of backend.seen) {
      expect(rawHeaders.filter((text) => /^traceparent$/i.test(text))).toHaveLength(1);
    }
  });

  it('whose answer the caller lets go are no failures', async () => {
    bench.start({ flushIntervalMs: 0 });

    const response = await fetch(`${backend.url}/part`);
    await response.body?.cancel();
    const request = http.get(`${backend.url}/part`);
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    answer.destroy();

    const items = await dependencies(2);
    expect(items.map(({ data }) => data['success'])).toEqual([true, true]);
  });

  it('fail as they do without telemetry, and their bodies stay whole', async () => {
    bench.start();

    await expect(fetch('http://127.0.0.1:1/')).rejects.toThrow('fetch failed');
    const response = await fetch(`${backend.url}/`);
    expect(await response.text()).toBe('answer');
    const request = http.get(`${backend.url}/`);
    expect(request.listenerCount('error')).toBe(0);
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    expect(answer.readableFlowing).toBeNull();
    const chunks = await answer.toArray();
    expect(Buffer.concat(chunks).toString()).toBe('answer');
  });
});

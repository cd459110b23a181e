import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { startTelemetryStandIn, type TelemetryStandIn } from '../../src/index.ts';
import { KEY, post, requestItem, traceItem } from './support.ts';

describe('the telemetry stand-in', () => {
  let standIn: TelemetryStandIn;

  beforeEach(async () => {
    standIn = await startTelemetryStandIn();
  });

  afterEach(async () => {
    await standIn.close();
  });

  it('gives a connection string that leads to itself', () => {
    expect(standIn.connectionString).toBe(`InstrumentationKey=${KEY};IngestionEndpoint=${standIn.url}/`);
    expect(standIn.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('takes a JSON list and lays its items open', async () => {
    const answer = await post(
      standIn,
      JSON.stringify([traceItem({ baseData: { properties: { a: '1' } } }), requestItem()]),
    );

    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ itemsReceived: 2, itemsAccepted: 2, errors: [] });
    expect(standIn.items()[0]).toEqual({
      name: 'Microsoft.ApplicationInsights.Message',
      baseType: 'MessageData',
      time: '2026-11-21T10:00:00.000Z',
      tags: { 'ai.operation.id': 'a'.repeat(32) },
      data: { ver: 2, message: 'STDOUT', severityLevel: 'Information', properties: { a: '1' } },
      properties: { a: '1' },
      iKey: KEY,
      sampleRate: 100,
    });
    expect(standIn.items({ baseType: 'RequestData' })).toHaveLength(1);
    expect(standIn.items((item) => item.properties['a'] === '1')).toHaveLength(1);
  });

  it('takes one object a line, packed with gzip', async () => {
    const body = gzipSync(`${JSON.stringify(traceItem())}\n${JSON.stringify(requestItem())}\n`);
    const answer = await post(standIn, body, {
      'content-encoding': 'gzip',
      'content-type': 'application/x-json-stream',
    });

    expect(answer.status).toBe(200);
    expect(standIn.items()).toHaveLength(2);
    expect(standIn.requests()).toMatchObject([{ path: '/v2.1/track', bodyBytes: body.length, itemsAccepted: 2 }]);
  });

  it.each(['/v2/track', '//v2.1/track'])('also listens on %s', async (path) => {
    expect((await post(standIn, JSON.stringify([traceItem()]), {}, path)).status).toBe(200);
  });

  it('answers 206 and names each refused item by its place', async () => {
    const answer = await post(
      standIn,
      JSON.stringify([traceItem(), traceItem({ baseData: { message: 1 } }), traceItem()]),
    );

    expect(answer.status).toBe(206);
    expect(answer.json()).toMatchObject({
      itemsReceived: 3,
      itemsAccepted: 2,
      errors: [{ index: 1, statusCode: 400, message: expect.stringContaining('baseData.message') }],
    });
  });

  it.each([
    ['no JSON', 'hello', {}],
    ['nothing', '', {}],
    ['what is not gzip but says so', 'hello', { 'content-encoding': 'gzip' }],
    ['only a faulty item', JSON.stringify([{}]), {}],
  ])('answers 400 to %s', async (_what, body, headers) => {
    const answer = await post(standIn, body, headers as Record<string, string>);

    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ itemsAccepted: 0, errors: [{ index: 0, statusCode: 400 }] });
    expect(standIn.items()).toEqual([]);
  });

  it('answers 404 elsewhere and 405 to other methods', async () => {
    expect((await post(standIn, '[]', {}, '/v3/track')).status).toBe(404);
    expect((await fetch(`${standIn.url}/v2.1/track`)).status).toBe(405);
  });

  it('gives planned answers in order, then its own again', async () => {
    standIn.respondWith([
      { status: 429, retryAfter: 7, times: 1 },
      { status: 503, times: 2 },
    ]);
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const answer = await post(standIn, JSON.stringify([traceItem()]));
      statuses.push(answer.status);
      if (i === 0) {
        expect(answer.headers.get('retry-after')).toBe('7');
      }
    }

    expect(statuses).toEqual([429, 503, 503, 200]);
    expect(standIn.items()).toHaveLength(1);
  });

  it('keeps a planned answer without a number of times until null', async () => {
    standIn.respondWith({ status: 500 });
    expect((await post(standIn, JSON.stringify([traceItem()]))).status).toBe(500);
    expect((await post(standIn, JSON.stringify([traceItem()]))).status).toBe(500);
    standIn.respondWith(null);
    expect((await post(standIn, JSON.stringify([traceItem()]))).status).toBe(200);
  });

  it('refuses the items that a test names and takes the others', async () => {
    standIn.respondWith({ itemErrors: [{ index: 0, statusCode: 500, message: 'try again' }], times: 1 });
    const answer = await post(standIn, JSON.stringify([traceItem(), requestItem()]));

    expect(answer.status).toBe(206);
    expect(answer.json()).toMatchObject({ itemsAccepted: 1, errors: [{ index: 0, statusCode: 500 }] });
    expect(standIn.items()).toMatchObject([{ baseType: 'RequestData' }]);
  });

  it('cuts the connection when asked to', async () => {
    standIn.respondWith({ cut: true, times: 1 });

    await expect(post(standIn, JSON.stringify([traceItem()]))).rejects.toThrow('fetch failed');
    expect(standIn.requests()).toMatchObject([{ status: 0, itemsAccepted: 0 }]);
  });

  it('waits for items that come later', async () => {
    const wait = standIn.waitFor((items) => items.length === 2);
    await post(standIn, JSON.stringify([traceItem()]));
    await post(standIn, JSON.stringify([requestItem()]));

    expect((await wait).map(({ baseType }) => baseType)).toEqual(['MessageData', 'RequestData']);
  });

  it('says what came instead when the wait is over', async () => {
    await post(standIn, JSON.stringify([traceItem({ envelope: { iKey: undefined } })]));

    await expect(standIn.waitFor((items) => items.length > 0, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/0 items are there, 1 requests came, 1 items were refused \(first: iKey/),
    });
  });

  it('ends a wait that is aborted, and one whose condition throws', async () => {
    const controller = new AbortController();
    const wait = standIn.waitFor(() => false, { abortSignal: controller.signal });
    controller.abort(new Error('enough'));

    await expect(wait).rejects.toThrow('enough');
    await expect(
      standIn.waitFor(() => {
        throw new Error('bad condition');
      }),
    ).rejects.toThrow('bad condition');
  });

  it('forgets items and requests on clear', async () => {
    await post(standIn, JSON.stringify([traceItem()]));
    standIn.clear();

    expect(standIn.items()).toEqual([]);
    expect(standIn.requests()).toEqual([]);
  });

  it('names the port that it cannot have', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;

    await expect(startTelemetryStandIn({ port })).rejects.toMatchObject({
      code: 'STAND_IN_START_FAILED',
      message: expect.stringContaining(String(port)),
    });
    taken.close();
  });

  it('refuses a key that is no lower-case GUID', async () => {
    await expect(startTelemetryStandIn({ instrumentationKey: 'ABC' })).rejects.toMatchObject({
      code: 'STAND_IN_START_FAILED',
    });
  });

  it('closes while a planned delay holds a request', async () => {
    standIn.respondWith({ status: 200, delayMs: 60_000 });
    const held = post(standIn, JSON.stringify([traceItem()])).catch((error: Error) => error.message);
    await new Promise((resolve) => setImmediate(resolve));
    await standIn.close();

    expect(await held).toBe('fetch failed');
  });
});

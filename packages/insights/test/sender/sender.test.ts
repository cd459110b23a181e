import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TelemetryAnswer } from '@azureml-ts/testing';
import { startTelemetryStandIn } from '@azureml-ts/testing';
import fc from 'fast-check';
import { Bench, balanced } from '../support.ts';

describe('sending', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });

  afterEach(async () => {
    await bench.close();
  });

  const messages = () => bench.standIn.items({ baseType: 'MessageData' }).map(({ data }) => data['message']);

  it('posts packed batches to /v2.1/track over one connection of its own', async () => {
    const insights = bench.start({ maxBatchItems: 2 });
    for (let i = 0; i < 5; i++) {
      insights.trackTrace({ message: `m${i}` });
    }
    const stats = await insights.flush();

    expect(stats).toMatchObject({ tracked: 5, sent: 5, pending: 0, lastError: undefined });
    expect(stats.lastSentAt).toBeInstanceOf(Date);
    expect(messages()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect(bench.standIn.requests()).toMatchObject(
      [2, 2, 1].map((itemsReceived) => ({
        path: '/v2.1/track',
        itemsReceived,
        headers: { 'content-encoding': 'gzip', 'content-type': 'application/json', connection: 'keep-alive' },
      })),
    );
  });

  it('sends by itself after the interval, and at once when a batch is full', async () => {
    const slow = bench.start({ flushIntervalMs: 60_000, maxBatchItems: 3 });
    for (let i = 0; i < 3; i++) {
      slow.trackTrace({ message: 'full' });
    }
    await bench.standIn.waitFor((items) => items.length === 3);

    const quick = bench.start({ flushIntervalMs: 5 });
    quick.trackTrace({ message: 'alone' });
    await bench.standIn.waitFor((items) => items.length === 4);
    expect(bench.standIn.requests()).toHaveLength(2);
  });

  it('keeps a batch within its bytes', async () => {
    const insights = bench.start({ maxBatchBytes: 65_536 });
    for (let i = 0; i < 9; i++) {
      insights.trackTrace({ message: 'x'.repeat(20_000) });
    }
    await insights.flush();

    expect(bench.standIn.requests().map(({ itemsReceived }) => itemsReceived)).toEqual([3, 3, 3]);
  });

  it.each([408, 429, 439, 500, 502, 503, 504])('sends again after %d', async (status) => {
    bench.standIn.respondWith({ status, retryAfter: 0, times: 2 });
    const insights = bench.start();
    insights.trackTrace({ message: 'm' });

    expect(await insights.flush()).toMatchObject({
      sent: 1,
      pending: 0,
      lastError: expect.stringContaining(String(status)),
    });
    expect(bench.standIn.requests().map((request) => request.status)).toEqual([status, status, 200]);
    expect(bench.log.filter((line) => line.includes(String(status)))).toHaveLength(1);
    balanced(insights);
  });

  it('sends again after a cut connection', async () => {
    bench.standIn.respondWith({ cut: true, times: 1 });
    const insights = bench.start();
    insights.trackTrace({ message: 'm' });

    expect(await insights.flush()).toMatchObject({ sent: 1, pending: 0 });
    expect(bench.log).toEqual([expect.stringContaining('could not be reached')]);
  });

  it('respects a Retry-After longer than the flush: it ends early and keeps the items', async () => {
    bench.standIn.respondWith({ status: 503, retryAfter: 60, times: 1 });
    const insights = bench.start();
    insights.trackTrace({ message: 'm' });
    const before = performance.now();

    expect(await insights.flush({ timeoutMs: 5000 })).toMatchObject({ sent: 0, pending: 1 });
    expect(await insights.flush({ timeoutMs: 5000 })).toMatchObject({ sent: 0, pending: 1 });
    expect(performance.now() - before).toBeLessThan(4000);
    expect(bench.standIn.requests()).toHaveLength(1);
  });

  it.each([400, 401, 402, 403, 404, 413])('drops and counts what %d refuses, and logs it once', async (status) => {
    bench.standIn.respondWith({ status });
    const insights = bench.start();
    insights.trackTrace({ message: 'one' });
    await insights.flush();
    insights.trackTrace({ message: 'two' });
    await insights.flush();

    expect(balanced(insights)).toMatchObject({ sent: 0, pending: 0, dropped: { rejected: 2 } });
    expect(bench.log).toEqual([expect.stringContaining(`the service answered ${status}`)]);
  });

  it('of a partly taken batch sends only those again that may be', async () => {
    bench.standIn.respondWith({
      itemErrors: [
        { index: 0, statusCode: 500, message: 'later' },
        { index: 2, statusCode: 400, message: 'never' },
        { index: 3, statusCode: 429, message: 'Telemetry sampled out.' },
      ],
      times: 1,
    });
    const insights = bench.start();
    for (const message of ['a', 'b', 'c', 'd']) {
      insights.trackTrace({ message });
    }

    expect(await insights.flush()).toMatchObject({ sent: 2, pending: 0, dropped: { rejected: 2 } });
    expect(messages()).toEqual(['b', 'a']);
    expect(bench.log).toEqual([expect.stringContaining('400 never')]);
  });

  it('does not take an answer for granted that cannot be read', async () => {
    bench.standIn.respondWith({ status: 206, body: '<html>', times: 1 });
    const insights = bench.start();
    insights.trackTrace({ message: 'm' });

    expect(await insights.flush()).toMatchObject({ sent: 0, dropped: { rejected: 1 } });
  });

  it('follows a redirect, and remembers a permanent one', async () => {
    const other = await startTelemetryStandIn();
    bench.standIn.respondWith({ status: 308, headers: { location: `${other.url}/v2.1/track` } });
    const insights = bench.start();
    insights.trackTrace({ message: 'one' });
    await insights.flush();
    insights.trackTrace({ message: 'two' });
    await insights.flush();

    expect(other.items()).toHaveLength(2);
    expect(bench.standIn.requests()).toHaveLength(1);
    await insights.close();
    await other.close();
  });

  it('does not carry telemetry to a stranger', async () => {
    bench.standIn.respondWith({ status: 307, headers: { location: 'http://stranger.example/v2.1/track' } });
    const insights = bench.start();
    insights.trackTrace({ message: 'm' });

    expect(await insights.flush()).toMatchObject({ sent: 0, dropped: { rejected: 1 } });
  });

  it('drops the newest when the queue is full by number or bytes, says so once, and goes on', async () => {
    const byNumber = bench.start({ maxQueueItems: 2 });
    const byBytes = bench.start({ maxQueueBytes: 65_536 });
    for (const message of ['a', 'b', 'c', 'd']) {
      byNumber.trackTrace({ message });
      byBytes.trackTrace({ message: message.repeat(30_000) });
    }

    expect(await byNumber.flush()).toMatchObject({ sent: 2, dropped: { queueFull: 2 } });
    expect(await byBytes.flush()).toMatchObject({ sent: 2, dropped: { queueFull: 2 } });
    expect(messages().map((text) => String(text)[0])).toEqual(['a', 'b', 'a', 'b']);
    expect(bench.log.filter((line) => line.includes('queue is full'))).toHaveLength(2);
    byNumber.trackTrace({ message: 'e' });
    expect(await byNumber.flush()).toMatchObject({ sent: 3 });
  });

  it('closes under its deadline when nobody answers, and counts the rest as failed', async () => {
    bench.standIn.respondWith({ status: 200, delayMs: 60_000 });
    const insights = bench.start();
    insights.trackTrace({ message: 'm' });
    const before = performance.now();
    const stats = await insights.close({ timeoutMs: 50 });

    expect(performance.now() - before).toBeLessThan(2000);
    expect(stats).toMatchObject({ sent: 0, pending: 0, dropped: { failed: 1 } });
    expect(bench.log).toEqual([expect.stringContaining('1 items could not be sent before the end')]);
    insights.trackTrace({ message: 'late' });
    expect(balanced(insights).dropped.failed).toBe(2);
    expect(await insights.close()).toBe(stats);
  });

  it('reports an endpoint that nobody listens on, and keeps the items', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const insights = bench.start({
      connectionString: `InstrumentationKey=${bench.standIn.instrumentationKey};IngestionEndpoint=http://127.0.0.1:${port}`,
    });
    insights.trackTrace({ message: 'm' });

    expect(await insights.flush({ timeoutMs: 2_000 })).toMatchObject({ sent: 0, pending: 1 });
    expect(bench.log).toEqual([expect.stringMatching(`127.0.0.1:${port} could not be reached: .*ECONNREFUSED`)]);
  });

  it('ends a flush with the reason of its signal, and a close without an error', async () => {
    bench.standIn.respondWith({ status: 200, delayMs: 60_000 });
    const insights = bench.start();
    insights.trackTrace({ message: 'm' });
    const controller = new AbortController();
    const flushed = insights.flush({ abortSignal: controller.signal });
    controller.abort(new Error('enough'));

    await expect(flushed).rejects.toThrow('enough');
    expect(await insights.close({ abortSignal: AbortSignal.abort() })).toMatchObject({ dropped: { failed: 1 } });
  });

  it('does not wait after its end for what nobody would send', async () => {
    const insights = bench.start();
    insights.trackTrace({ message: 'a' });
    await insights.close();
    insights.trackTrace({ message: 'too late' });

    expect(await insights.flush({ timeoutMs: 600_000 })).toMatchObject({ sent: 1, dropped: { failed: 1 } });
  });

  it('flushes what was tracked before, not what keeps coming', async () => {
    const insights = bench.start({ maxBatchItems: 1 });
    let going = true;
    const more = () => {
      if (going) {
        insights.trackTrace({ message: 'more' });
        setImmediate(more);
      }
    };
    insights.trackTrace({ message: 'first' });
    more();
    const before = performance.now();
    await insights.flush({ timeoutMs: 10_000 });
    going = false;

    expect(performance.now() - before).toBeLessThan(5000);
    expect(messages()).toContain('first');
    expect(balanced(insights).pending).toBeGreaterThan(0);
  });

  it('never loses count, whatever the service answers', async () => {
    const answer: fc.Arbitrary<TelemetryAnswer> = fc.oneof(
      fc.constantFrom<TelemetryAnswer>(
        {},
        { status: 400 },
        { status: 503, retryAfter: 0 },
        { status: 429, retryAfter: 60 },
        { cut: true },
        { status: 206, body: '' },
      ),
      fc
        .array(fc.record({ index: fc.nat(6), statusCode: fc.constantFrom(400, 500), message: fc.constant('x') }), {
          maxLength: 4,
        })
        .map((itemErrors) => ({ itemErrors })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { maxLength: 4 }),
        fc.array(fc.nat(6), { maxLength: 4 }),
        async (answers, bursts) => {
          bench.standIn.clear();
          bench.standIn.respondWith(answers.map((planned) => ({ ...planned, times: 1 })));
          const insights = bench.start({ maxQueueItems: 5, maxBatchItems: 3, flushIntervalMs: 0 });
          let tracked = 0;
          for (const burst of bursts) {
            for (let i = 0; i < burst; i++) {
              insights.trackTrace({ message: 'm' });
              tracked += 1;
              balanced(insights);
            }
            const flushed = insights.flush({ timeoutMs: 30 });
            balanced(insights);
            await flushed;
            balanced(insights);
          }
          await insights.close({ timeoutMs: 30 });
          const stats = balanced(insights);

          expect(stats).toMatchObject({ tracked, pending: 0 });
          // An item whose answer was lost may have arrived all the same, but never the other way round.
          expect(bench.standIn.items().length).toBeGreaterThanOrEqual(stats.sent);
        },
      ),
      { numRuns: 100 },
    );
  });
});

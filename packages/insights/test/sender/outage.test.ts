import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runWithRequest } from '@azureml-ts/common';
import type { TelemetryAnswer } from '@azureml-ts/testing';
import fc from 'fast-check';
import { Bench, balanced } from '../support.ts';

const ITEMS = 10_000;

describe('outages', () => {
  let bench: Bench;
  let directory: string;

  beforeEach(async () => {
    bench = await Bench.open();
    directory = mkdtempSync(join(tmpdir(), 'azureml-outage-'));
  });

  afterEach(async () => {
    await bench.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const messages = () => bench.standIn.items({ baseType: 'MessageData' }).map(({ data }) => data['message']);

  it('lose none of 10,000 items that have room, whatever goes wrong meanwhile', async () => {
    const faults: TelemetryAnswer[] = [
      { status: 503, retryAfter: 0, times: 2 },
      { cut: true, times: 1 },
      { itemErrors: [{ index: 0, statusCode: 429, message: 'slower' }], times: 1 },
      { status: 413, times: 2 },
      { status: 500, times: 1 },
      { status: 429, retryAfter: 0, times: 2 },
      { status: 408, times: 1 },
    ];
    bench.standIn.respondWith(faults);
    const insights = bench.start({ flushIntervalMs: 5 });
    for (let index = 0; index < ITEMS; index++) {
      insights.trackTrace({ message: `m${index}` });
      if (index % 500 === 0) {
        balanced(insights);
        await new Promise(setImmediate);
      }
    }
    await insights.flush({ timeoutMs: 50_000 });

    expect(balanced(insights)).toMatchObject({ tracked: ITEMS, sent: ITEMS, pending: 0 });
    expect(new Set(messages()).size).toBe(ITEMS);
    expect(messages()).toHaveLength(ITEMS);
    // Each fault was met.
    expect(new Set(bench.standIn.requests().map(({ status }) => status))).toEqual(
      new Set([503, 0, 206, 413, 500, 429, 408, 200]),
    );
  }, 60_000);

  it('hold no more than the bounds of the queue, and count what had no room', async () => {
    bench.standIn.respondWith({ status: 503, retryAfter: 0 });
    const maxQueueBytes = 1024 * 1024;
    const insights = bench.start({ flushIntervalMs: 5, maxQueueBytes });
    for (let index = 0; index < ITEMS; index++) {
      insights.trackTrace({ message: `m${index} ${'x'.repeat(300)}` });
      if (index % 500 === 0) {
        await new Promise(setImmediate);
      }
    }
    const during = balanced(insights);
    expect(during.pending).toBeGreaterThan(1000);
    expect(during.pending * 700).toBeLessThan(maxQueueBytes);

    bench.standIn.respondWith(null);
    await insights.flush({ timeoutMs: 50_000 });
    const after = balanced(insights);
    expect(after).toMatchObject({ tracked: ITEMS, sent: during.pending, pending: 0 });
    expect(new Set(messages()).size).toBe(during.pending);
  }, 60_000);

  it('with a spool lose none of 10,000 items, although the queue holds a tenth of them', async () => {
    bench.standIn.respondWith({ status: 503, retryAfter: 0 });
    const insights = bench.start({
      flushIntervalMs: 5,
      maxQueueItems: 1000,
      maxBatchItems: 100,
      spool: { directory },
    });
    for (let index = 0; index < ITEMS; index++) {
      insights.trackTrace({ message: `m${index}` });
      while (insights.stats().pending > 800) {
        await new Promise(setImmediate);
      }
    }
    expect(balanced(insights)).toMatchObject({ tracked: ITEMS, sent: 0, dropped: { queueFull: 0 } });

    bench.standIn.respondWith(null);
    await insights.flush({ timeoutMs: 50_000 });
    expect(balanced(insights)).toMatchObject({ sent: ITEMS, pending: 0, spooled: 0 });
    expect(new Set(messages()).size).toBe(ITEMS);
    expect(readdirSync(directory).flatMap((folder) => readdirSync(join(directory, folder)))).toEqual([]);
  }, 60_000);

  it('leave the counts right and every kept item findable, whatever the service answers', async () => {
    const answer: fc.Arbitrary<TelemetryAnswer> = fc.oneof(
      fc.constantFrom<TelemetryAnswer>(
        {},
        {},
        { status: 400 },
        { status: 401 },
        { status: 413 },
        { status: 439 },
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
        fc.array(answer, { maxLength: 6 }),
        fc.array(fc.nat(8), { maxLength: 4 }),
        fc.record({ samplingRate: fc.constantFrom(0, 0.5, 1), hasSpool: fc.boolean(), hasToken: fc.boolean() }),
        async (answers, bursts, { samplingRate, hasSpool, hasToken }) => {
          const folder = mkdtempSync(join(directory, 'run-'));
          const spool = hasSpool ? { directory: folder } : undefined;
          bench.standIn.clear();
          bench.standIn.respondWith(answers.map((planned) => ({ ...planned, times: 1 })));
          const options = {
            maxQueueItems: 5,
            maxBatchItems: 3,
            flushIntervalMs: 0,
            samplingRate,
            spool,
            credential: hasToken
              ? { getToken: async () => ({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) }
              : undefined,
          };
          const insights = bench.start(options);
          let tracked = 0;
          for (const burst of bursts) {
            for (let i = 0; i < burst; i++) {
              const message = `m${tracked++}`;
              runWithRequest({ requestId: message }, () => insights.trackTrace({ message }));
              balanced(insights);
            }
            const flushed = insights.flush({ timeoutMs: 20 });
            balanced(insights);
            await flushed;
            balanced(insights);
          }
          await insights.close({ timeoutMs: 20 });
          const stats = balanced(insights);
          expect(stats).toMatchObject({ tracked, pending: 0 });

          bench.standIn.respondWith(null);
          const next = bench.start({ ...options, samplingRate: 1 });
          await next.close();
          // What lay on disk is sent by the next: nothing is lost without being counted.
          expect(balanced(next)).toMatchObject({ tracked: stats.spooled, sent: stats.spooled });
          expect(new Set(messages()).size).toBeGreaterThanOrEqual(stats.sent + stats.spooled);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});

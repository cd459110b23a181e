import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runWithRequest, setLogSink } from '@azureml-ts/common';
import type { TelemetryAnswer } from '@azureml-ts/testing';
import { startInsights } from '../../src/index.ts';
import { judge } from '../../src/sender/verdict.ts';
import { Bench, balanced } from '../support.ts';

describe('answers of the service', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });

  afterEach(async () => {
    await bench.close();
  });

  const messages = () => bench.standIn.items({ baseType: 'MessageData' }).map(({ data }) => data['message']);
  const losses = () =>
    bench.standIn
      .items({ baseType: 'MetricData' })
      .map(({ data, properties }) => [properties['cause'], (data['metrics'] as { value: number }[])[0]?.value]);

  it('413 sends the batch again in ever smaller parts, and drops only an item that is too large by itself', async () => {
    const tooLarge: TelemetryAnswer = { status: 413, times: 1 };
    // 8 -> 4 -> 2 -> 1: the first alone is refused, the others are taken.
    bench.standIn.respondWith([tooLarge, tooLarge, tooLarge, tooLarge]);
    const insights = bench.start({ maxBatchItems: 8 });
    for (let index = 0; index < 8; index++) {
      insights.trackTrace({ message: `m${index}` });
    }

    expect(await insights.flush()).toMatchObject({ sent: 7, pending: 0, dropped: { rejected: 1 } });
    expect(
      bench.standIn
        .requests()
        .map(({ itemsReceived }) => itemsReceived)
        .slice(0, 5),
    ).toEqual([8, 4, 2, 1, 1]);
    expect(messages()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7']);
    balanced(insights);
  });

  it('400 that names the faulty items drops those, and sends the others again', async () => {
    const named = JSON.stringify({ errors: [{ index: 1, statusCode: 400, message: 'no' }] });
    bench.standIn.respondWith({ status: 400, body: named, times: 1 });
    const insights = bench.start();
    for (const message of ['a', 'b', 'c']) {
      insights.trackTrace({ message });
    }

    expect(await insights.flush()).toMatchObject({ sent: 2, pending: 0, dropped: { rejected: 1 } });
    expect(messages()).toEqual(['a', 'c']);
    expect(bench.log).toEqual([expect.stringContaining('answered 400: no')]);
  });

  it('439, the daily cap, is not asked again soon, nor because somebody flushes', async () => {
    bench.standIn.respondWith({ status: 439 });
    const insights = bench.start();
    insights.trackTrace({ message: 'm' });

    expect(await insights.flush({ timeoutMs: 60_000 })).toMatchObject({ sent: 0, pending: 1 });
    expect(await insights.flush({ timeoutMs: 60_000 })).toMatchObject({ sent: 0, pending: 1 });
    expect(bench.standIn.requests()).toHaveLength(1);
    expect(bench.log).toEqual([expect.stringContaining('439')]);
  });

  it('439 of an item is not asked again soon either', async () => {
    bench.standIn.respondWith({ itemErrors: [{ index: 0, statusCode: 439, message: 'quota' }] });
    const insights = bench.start();
    insights.trackTrace({ message: 'a' });
    insights.trackTrace({ message: 'b' });

    expect(await insights.flush({ timeoutMs: 60_000 })).toMatchObject({ sent: 1, pending: 1 });
    expect(await insights.flush({ timeoutMs: 60_000 })).toMatchObject({ sent: 1, pending: 1 });
    expect(bench.standIn.requests()).toHaveLength(1);
  });

  it('items that the service did not take, and did not name, count as rejected', async () => {
    const body = JSON.stringify({ itemsReceived: 20, itemsAccepted: 0, errors: [] });
    bench.standIn.respondWith({ status: 200, body, times: 1 });
    const insights = bench.start();
    for (let index = 0; index < 20; index++) {
      insights.trackTrace({ message: `m${index}` });
    }

    expect(await insights.flush()).toMatchObject({ sent: 0, pending: 0, dropped: { rejected: 20 } });
    expect(bench.log).toEqual([expect.stringContaining('took fewer items than it named')]);
    balanced(insights);
  });

  it('what was lost is told as one metric a cause when the service takes items again', async () => {
    const insights = bench.start({ maxQueueItems: 3, flushIntervalMs: 60_000 });
    bench.standIn.respondWith([{ status: 400, times: 1 }]);
    insights.trackTrace({ message: 'refused' });
    await insights.flush();
    expect(losses()).toEqual([]);

    for (const message of ['a', 'b', 'c', 'd', 'e']) {
      insights.trackTrace({ message });
    }
    await runWithRequest({ requestId: 'r-1' }, () => insights.flush());

    expect(losses().toSorted()).toEqual([
      ['queueFull', 2],
      ['rejected', 1],
    ]);
    const [report] = bench.standIn.items({ baseType: 'MetricData' });
    expect(report?.data['metrics']).toEqual([expect.objectContaining({ name: 'Telemetry items lost' })]);
    expect(report?.tags['ai.operation.id']).toBeUndefined();
    // Reports are no items of the program.
    expect(balanced(insights)).toMatchObject({ tracked: 6, sent: 3 });
    await insights.flush();
    expect(losses()).toHaveLength(2);
  });

  it('a report that does not arrive is made anew, with what was lost since', async () => {
    const insights = bench.start({ maxQueueItems: 1, flushIntervalMs: 60_000 });
    insights.trackTrace({ message: 'a' });
    insights.trackTrace({ message: 'lost' });
    await insights.flush({ timeoutMs: 0 });
    bench.standIn.respondWith(
      [{}, { status: 503, retryAfter: 0, times: 1 }].map((answer) => ({ times: 1, ...answer })),
    );
    await insights.flush();
    insights.trackTrace({ message: 'b' });
    insights.trackTrace({ message: 'lost' });
    await insights.flush();
    await insights.flush();

    expect(losses().reduce((sum, [, value]) => sum + Number(value), 0)).toBe(2);
    expect(balanced(insights)).toMatchObject({ sent: 2, dropped: { queueFull: 2 } });
  });
});

describe('batches side by side', () => {
  /** Answers when `mayAnswer` says so, and sees how many requests are open. */
  async function serve(status: number, mayAnswer: (open: number, answered: number) => boolean) {
    const open = new Set<ServerResponse>();
    const seen = { most: 0, mostAfterFirst: 0, answered: 0 };
    const server = createServer((request, response) => {
      open.add(response);
      seen.most = Math.max(seen.most, open.size);
      if (seen.answered >= 4) {
        seen.mostAfterFirst = Math.max(seen.mostAfterFirst, open.size);
      }
      request.resume().on('end', () => {
        if (mayAnswer(open.size, seen.answered)) {
          // A little later, so that one too many would be seen.
          setTimeout(() => {
            for (const waiting of open) {
              open.delete(waiting);
              seen.answered += 1;
              waiting.writeHead(status, { 'retry-after': '0' }).end();
            }
          }, 20);
        }
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const insights = startInsights({
      connectionString: `InstrumentationKey=5ca1ab1e-0000-4000-8000-0000c0ffee00;IngestionEndpoint=http://127.0.0.1:${port}`,
      captureConsole: false,
      maxBatchItems: 10,
      maxQueueItems: 1000,
      flushIntervalMs: 60_000,
    });
    const close = async () => {
      await insights.close({ timeoutMs: 0 });
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    };
    return { insights, seen, close };
  }

  it('go out while the queue is long, four at most, and one when it is short', async () => {
    // No answer before four are there: one after the other would never come to an end.
    const { insights, seen, close } = await serve(200, (open, answered) => open === 4 || answered >= 4);
    for (let index = 0; index < 500; index++) {
      insights.trackTrace({ message: `m${index}` });
    }
    await insights.flush({ timeoutMs: 20_000 });

    expect(balanced(insights)).toMatchObject({ sent: 500, pending: 0 });
    expect(seen.most).toBe(4);
    await close();

    const short = await serve(200, () => true);
    for (let index = 0; index < 39; index++) {
      short.insights.trackTrace({ message: `m${index}` });
    }
    await short.insights.flush({ timeoutMs: 20_000 });
    expect(balanced(short.insights)).toMatchObject({ sent: 39 });
    expect(short.seen.most).toBe(1);
    await short.close();
  });

  it('do not go to a service that fails: it is asked by one at a time', async () => {
    const restoreLog = setLogSink(() => undefined);
    const { insights, seen, close } = await serve(503, (open, answered) => open === 4 || answered >= 4);
    for (let index = 0; index < 500; index++) {
      insights.trackTrace({ message: `m${index}` });
    }
    const flushed = insights.flush({ timeoutMs: 20_000 });
    while (seen.answered < 7) {
      await new Promise(setImmediate);
    }
    await close();
    await flushed;
    restoreLog();

    expect(seen).toMatchObject({ most: 4, mostAfterFirst: 1 });
    expect(balanced(insights)).toMatchObject({ sent: 0, dropped: { failed: 500 } });
  });
});

describe('judge', () => {
  it('sends an item that is named twice, with two answers, no more', () => {
    const text = JSON.stringify({
      errors: [
        { index: 0, statusCode: 500, message: 'later' },
        { index: 0, statusCode: 400, message: 'never' },
      ],
    });
    expect(judge(206, text, 2)).toMatchObject({ retry: new Set(), rejected: new Set([0]) });
  });

  it.each([500, 501, 505, 507, 520, 524, 599])('sends again after %d, of all and of an item', (status) => {
    const text = JSON.stringify({ errors: [{ index: 1, statusCode: status, message: 'later' }] });
    expect(judge(status, '', 2)).toMatchObject({ retry: new Set([0, 1]), rejected: new Set() });
    expect(judge(206, text, 2)).toMatchObject({ retry: new Set([1]), rejected: new Set() });
  });

  it.each([200, 206])('believes how many items the service took (%d)', (status) => {
    const none = JSON.stringify({ itemsReceived: 20, itemsAccepted: 0, errors: [] });
    expect(judge(status, none, 20)).toMatchObject({ rejected: { size: 20 }, cause: 'unnamed items' });

    const some = { itemsAccepted: 1, errors: [{ index: 0, statusCode: 500, message: 'later' }] };
    const verdict = judge(status, JSON.stringify(some), 4);
    expect(verdict).toMatchObject({ retry: new Set([0]), rejected: { size: 2 } });
    expect(verdict.problem).toContain('the service took fewer items than it named');
    expect(verdict.rejected).not.toContain(0);

    const all = JSON.stringify({ itemsAccepted: 3, errors: [{ index: 0, statusCode: 400, message: 'no' }] });
    expect(judge(status, all, 4)).toMatchObject({ retry: new Set(), rejected: new Set([0]), cause: 'item 400' });
  });

  it.each([null, '', ' ', false, [], {}])('does not take the place %j for the first', (index) => {
    const text = JSON.stringify({ errors: [{ index, statusCode: 500, message: 'no' }] });
    expect(judge(206, text, 2)).toMatchObject({ retry: new Set(), rejected: new Set() });
  });

  it('takes 439 of an item for the daily cap', () => {
    const text = JSON.stringify({ errors: [{ index: 1, statusCode: 439, message: 'quota' }] });
    expect(judge(206, text, 2)).toMatchObject({ retry: new Set([1]), reason: 'daily cap' });
  });

  it.each([401, 403])('sends again after %d only with a credential', (status) => {
    expect(judge(status, '', 2, true)).toMatchObject({ retry: new Set([0, 1]), rejected: new Set() });
    expect(judge(status, '', 2, false)).toMatchObject({ retry: new Set(), rejected: new Set([0, 1]) });
  });
});

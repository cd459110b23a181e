import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@azureml-ts/common';
import { Bench, balanced } from '../support.ts';

const HOUR = 3_600_000;

describe('a clock that is set while telemetry waits for the service', () => {
  let bench: Bench;
  let shift: number;
  const clock = { ...systemClock, now: () => Date.now() + shift };

  beforeEach(async () => {
    bench = await Bench.open();
    shift = 0;
  });

  afterEach(async () => {
    await bench.close();
  });

  it.each([
    ['back', -HOUR, {}],
    ['back, after a wish of the service', -HOUR, { retryAfter: 1 }],
    ['forward', HOUR, {}],
  ])('%s puts nothing off', async (_, step, wish) => {
    bench.standIn.respondWith([{ status: 503, times: 1, ...wish }, {}]);
    const insights = bench.start({ clock, flushIntervalMs: 5 });
    insights.trackTrace({ message: 'before' });
    while (insights.stats().lastError === undefined) {
      await new Promise(setImmediate);
    }
    shift = step;
    insights.trackTrace({ message: 'after' });
    await bench.standIn.waitFor((items) => items.length === 2);
    await insights.flush();

    expect(balanced(insights)).toMatchObject({ sent: 2, pending: 0 });
  });

  it('back does not keep items in memory that the disk takes again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'azureml-clock-'));
    const directory = join(folder, 'spool');
    // No folder can be made there.
    writeFileSync(directory, '');
    bench.standIn.respondWith({ status: 503 });
    const insights = bench.start({ clock, maxQueueItems: 10, flushIntervalMs: 60_000, spool: { directory } });
    for (let index = 0; index < 9; index++) {
      insights.trackTrace({ message: `m${index}` });
    }
    while (insights.stats().lastError === undefined) {
      await new Promise(setImmediate);
    }
    shift = -HOUR;
    rmSync(directory);
    insights.trackTrace({ message: 'm9' });
    while (insights.stats().pending === 10) {
      await new Promise(setImmediate);
    }

    expect(balanced(insights)).toMatchObject({ pending: 0, spooled: 10, dropped: { queueFull: 0 } });
    await insights.close();
    rmSync(folder, { recursive: true });
  });
});

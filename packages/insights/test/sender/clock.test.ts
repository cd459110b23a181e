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
});

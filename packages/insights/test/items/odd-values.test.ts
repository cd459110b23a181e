import type { RequestTelemetry } from '../../src/index.ts';
import { Bench, balanced } from '../support.ts';

describe('values that are none', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });

  afterEach(async () => {
    await bench.close();
  });

  const request = { name: 'POST /score', startedAt: new Date(), durationMs: 1, statusCode: 200 };

  it.each([undefined, null, 5, 'text'])('an exception that is %p never throws', async (exception) => {
    const insights = bench.start();
    expect(() => insights.trackException(exception as never)).not.toThrow();
    expect(balanced(insights)).toMatchObject({ tracked: 1 });
  });

  it.each(['error', 'severity', 'properties'])('an exception whose %s throws is counted', (field) => {
    const insights = bench.start();
    const exception = Object.defineProperty({ error: new Error('boom') }, field, { get: thrower });
    expect(() => insights.trackException(exception)).not.toThrow();
    expect(balanced(insights)).toMatchObject({ tracked: 1, dropped: { failed: 1 } });
  });

  it.each(['name', 'startedAt', 'properties', 'input', 'output'])('a request whose %s throws is counted', (field) => {
    const insights = bench.start();
    const telemetry = Object.defineProperty({ ...request } as RequestTelemetry, field, { get: thrower });
    expect(() => insights.trackRequest(telemetry)).not.toThrow();
    expect(balanced(insights)).toMatchObject({ sampledOut: 0, dropped: { failed: 1 } });
    expect(() => insights.trackRequest(undefined as never)).not.toThrow();
    expect(balanced(insights)).toMatchObject({ dropped: { failed: 2 } });
  });

  it.each([
    ['a time and a duration that are none', new Date(Number.NaN), Number.NaN],
    ['a year of five digits', new Date(8.64e15), 1],
    ['a year before the first', new Date(-8.64e15), 1],
    ['no time, and a duration beyond all', new Date(Number.NaN), Number.MAX_VALUE],
  ])('%s: the item is of now', async (_, startedAt, durationMs) => {
    const insights = bench.start();
    const before = Date.now();
    insights.trackRequest({ ...request, startedAt, durationMs });
    insights.trackDependency({ name: 'GET /', startedAt, durationMs });
    expect(await insights.flush()).toMatchObject({ sent: 2 });

    const times = bench.standIn.items().map(({ time }) => Date.parse(String(time)));
    expect(times.filter((time) => time >= before && time <= Date.now())).toHaveLength(2);
  });

  it('a severity that is none of the names is Information', async () => {
    const insights = bench.start();
    insights.trackTrace({ message: 'm', severity: 'fatal' as never });
    insights.trackException({ error: new Error('boom'), severity: 3 as never });
    expect(await insights.flush()).toMatchObject({ sent: 2 });

    expect(bench.standIn.items().map(({ data }) => data['severityLevel'])).toEqual(['Information', 'Information']);
  });
});

function thrower(): never {
  throw new Error('getter');
}

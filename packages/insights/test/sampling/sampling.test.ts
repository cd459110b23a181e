import { runWithRequest } from '@azureml-ts/common';
import fc from 'fast-check';
import { createSampler, samplingScore } from '../../src/sampling.ts';
import { Bench, balanced } from '../support.ts';

const operationId = fc.stringMatching(/^[0-9a-f]{32}$/);

describe('createSampler', () => {
  it('keeps everything by default, and nothing of an operation at 0', () => {
    fc.assert(
      fc.property(operationId, (id) => {
        expect(createSampler(undefined).keeps(id)).toBe(true);
        expect(createSampler(1).keeps(id)).toBe(true);
        expect(createSampler(0).keeps(id)).toBe(false);
      }),
    );
  });

  it('keeps with a higher rate all that a lower one keeps', () => {
    const rate = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(operationId, rate, rate, (id, one, other) => {
        const [low, high] = one < other ? [one, other] : [other, one];
        expect(!createSampler(low).keeps(id) || createSampler(high).keeps(id)).toBe(true);
      }),
    );
  });

  it('keeps about the share that was asked for', () => {
    const sampler = createSampler(0.25);
    const kept = Array.from({ length: 20_000 }, (_, index) => {
      const random = (index * 2_654_435_761) % 4_294_967_296;
      return random.toString(16).padStart(8, '0').repeat(4);
    }).filter((id) => sampler.keeps(id)).length;

    expect(sampler.sampleRate).toBe(25);
    expect(kept / 20_000).toBeGreaterThan(0.22);
    expect(kept / 20_000).toBeLessThan(0.28);
  });

  it('decides as the Application Insights SDKs do', () => {
    expect(samplingScore('0af7651916cd43dd8448eb211c80319c')).toBeCloseTo(52.78893, 4);
    expect(samplingScore('abc')).toBe(samplingScore('abcabcabcabc'));
    expect(samplingScore('')).toBeLessThan(100);
  });

  it.each([-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the rate %d', (rate) => {
    expect(() => createSampler(rate)).toThrow(expect.objectContaining({ code: 'VALIDATION' }));
  });
});

describe('samplingRate', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });

  afterEach(async () => {
    await bench.close();
  });

  it('keeps a request together with its traces, dependencies and exceptions, and says how many it stands for', async () => {
    const insights = bench.start({ samplingRate: 0.5 });
    for (let index = 0; index < 40; index++) {
      await runWithRequest({ requestId: `request-${index}` }, async () => {
        insights.trackTrace({ message: 'trace' });
        insights.trackDependency({ name: 'GET /', startedAt: new Date(), durationMs: 1, resultCode: 200 });
        insights.trackException({ error: new Error('boom') });
        insights.trackRequest({ name: 'POST /score', startedAt: new Date(), durationMs: 1, statusCode: 500 });
      });
    }
    await insights.flush();
    const kinds = new Map<string | undefined, string[]>();
    for (const { tags, baseType } of bench.standIn.items()) {
      const id = tags['ai.operation.id'];
      kinds.set(id, [...(kinds.get(id) ?? []), baseType]);
    }

    expect(kinds.size).toBeGreaterThan(5);
    expect(kinds.size).toBeLessThan(35);
    for (const found of kinds.values()) {
      expect(found.toSorted()).toEqual(['ExceptionData', 'MessageData', 'RemoteDependencyData', 'RequestData']);
    }
    expect(new Set(bench.standIn.items().map(({ sampleRate }) => sampleRate))).toEqual(new Set([50]));
    expect(balanced(insights)).toMatchObject({ tracked: 160, sampledOut: (40 - kinds.size) * 4 });
  });

  it('keeps under load all items of each kept request, and their counts tell the true rate', async () => {
    const requests = 4000;
    const insights = bench.start({ samplingRate: 0.25, maxQueueItems: 4 * requests });
    const work = async (index: number) => {
      const random = (index * 2_654_435_761) % 4_294_967_296;
      const traceId = random.toString(16).padStart(8, '0').repeat(4);
      const ids = { requestId: `request-${index}`, traceId, spanId: traceId.slice(0, 16) };
      await runWithRequest(ids, async () => {
        insights.trackTrace({ message: 'scored', properties: { index } });
        await new Promise((resolve) => setImmediate(resolve));
        insights.trackRequest({
          ...ids,
          name: 'POST /score',
          startedAt: new Date(),
          durationMs: 1,
          statusCode: 200,
          input: `${index}`,
          output: '1',
        });
      });
    };
    await Promise.all(Array.from({ length: requests }, (_, index) => work(index)));
    await insights.flush();
    const items = bench.standIn.items();
    const sent = items.filter(({ baseType }) => baseType === 'RequestData');
    const kept = (kind: string) =>
      items
        .filter(({ baseType, data }) => (data['message'] ?? baseType) === kind)
        .map(({ tags, properties }) => [tags['ai.operation.id'], properties['Request Id']])
        .toSorted();

    expect(kept('scored')).toEqual(kept('RequestData'));
    expect(kept('model_data_collection')).toEqual(kept('RequestData'));
    const told = sent.reduce((sum, { sampleRate }) => sum + 100 / sampleRate, 0);
    expect(told / requests).toBeGreaterThan(0.9);
    expect(told / requests).toBeLessThan(1.1);
    expect(balanced(insights)).toMatchObject({ tracked: 3 * requests, sampledOut: 3 * (requests - sent.length) });
  });

  it('leaves out no metric and nothing that belongs to no operation', async () => {
    const insights = bench.start({ samplingRate: 0 });
    insights.trackTrace({ message: 'starting' });
    insights.trackMetric({ name: 'rows', value: 3 });
    await runWithRequest({ requestId: 'r-1' }, async () => {
      insights.trackMetric({ name: 'rows', value: 4 });
      insights.trackTrace({ message: 'inside' });
    });
    await insights.flush();

    expect(bench.standIn.items().map(({ baseType, sampleRate }) => [baseType, sampleRate])).toEqual([
      ['MessageData', 100],
      ['MetricData', 100],
      ['MetricData', 100],
    ]);
    expect(balanced(insights)).toMatchObject({ tracked: 4, sent: 3, sampledOut: 1 });
  });
});

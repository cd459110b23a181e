import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import {
  BasicCorrelationContext,
  Collector,
  type CollectorError,
  type CorrelationContext,
  isCollectorError,
  MemorySink,
} from '../../src/index.ts';
import { identity } from '../support/workspace.ts';
import { collecting, logged } from './support.ts';

const idsIn = (sink: MemorySink) => sink.records().map(({ correlationid }) => correlationid);

describe('a correlation context', () => {
  it('has a new id, the time in seconds and no headers when nothing is given', () => {
    const before = Math.floor(Date.now() / 1_000);
    const context = new BasicCorrelationContext();
    expect(context.getId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(context.getTimestamp()).toBeGreaterThanOrEqual(before);
    expect(Number.isInteger(context.getTimestamp())).toBe(true);
    expect(context.getHeaders()).toEqual({});
    expect(new BasicCorrelationContext({ id: '', timestamp: 0 }).getId()).not.toBe('');
  });

  it('is its id as text', () => {
    expect(String(new BasicCorrelationContext({ id: 'loan-4711' }))).toBe('loan-4711');
  });

  it('comes back with whether the record was taken, and ties the next one to it', async () => {
    const sink = new MemorySink();
    const { collector } = collecting({ sink });
    const { collector: outputs } = collecting({ sink, name: 'model_outputs' });
    const given = new BasicCorrelationContext({ id: 'a', timestamp: 5, headers: { 'x-Tenant': 't', id: 'no' } });
    const context = collector.collect([{ a: 1 }], given);
    expect([context.isSuccess(), context.message, String(context)]).toEqual([true, 'accepted', 'a']);
    expect([context.getId(), context.getTimestamp(), context.getHeaders()]).toEqual([
      'a',
      5,
      { 'x-Tenant': 't', id: 'no' },
    ]);
    outputs.collect([{ b: 2 }], context);
    await Promise.all([collector.close(), outputs.close()]);
    expect(sink.records().map(({ correlationid, time, xtenant }) => [correlationid, time, xtenant])).toEqual([
      ['a', '1970-01-01T00:00:05Z', 't'],
      ['a', '1970-01-01T00:00:05Z', 't'],
    ]);
  });

  it('may be an object of the caller’s own', async () => {
    const sink = new MemorySink();
    const { collector } = collecting({ sink });
    class Mine implements CorrelationContext {
      getId = () => 'mine';
      getTimestamp = () => Number.NaN;
      getHeaders = () => ({});
      toString = () => 'mine';
    }
    expect(collector.collect([{ a: 1 }], new Mine()).isSuccess()).toBe(true);
    await collector.close();
    expect(sink.records()[0]).toMatchObject({ correlationid: 'mine' });
  });

  it.each([undefined, null, ''])('with the id %p gets a new one, which the next record shares', async (id) => {
    const sink = new MemorySink();
    const { collector } = collecting({ sink });
    const mine = { getId: () => id, getTimestamp: () => 5, getHeaders: () => ({}) };
    const context = collector.collect([{ a: 1 }], mine as never);
    collector.collect([{ a: 2 }], context);
    await collector.close();
    const ids = idsIn(sink);
    expect(ids).toEqual([context.getId(), context.getId()]);
    expect(context.getId()).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('that says another id each time is the one that the record has', async () => {
    const sink = new MemorySink();
    const { collector } = collecting({ sink });
    let asked = 0;
    const restless = {
      getId: () => {
        asked += 1;
        return `id-${asked}`;
      },
      getTimestamp: () => asked,
      getHeaders: () => ({}),
    };
    const context = collector.collect([{ a: 1 }], restless);
    expect([context.getId(), String(context)]).toEqual(['id-1', 'id-1']);
    await collector.close();
    expect(idsIn(sink)).toEqual(['id-1']);
  });

  it.each([
    ['milliseconds', 1_795_613_447_280],
    ['a time before the year 0', -1e11],
    ['a time of no calendar', 1e20],
  ])('with %s as its time has the time of now, and it is told once', async (_, timestamp) => {
    const sink = new MemorySink();
    const { collector, codes } = collecting({ sink });
    const before = Math.floor(Date.now() / 1_000);
    const context = collector.collect([{ a: 1 }], new BasicCorrelationContext({ timestamp }));
    collector.collect([{ a: 1 }], new BasicCorrelationContext({ timestamp }));
    await collector.close();
    expect(context.getTimestamp()).toBeGreaterThanOrEqual(before);
    expect(sink.files()[0]).toMatch(/\/model_inputs\/\d{4}\/\d\d\/\d\d\/\d\d\/[0-9a-f]{38}\.jsonl$/);
    expect(sink.records()[0]?.['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(codes()).toEqual(['TIMESTAMP_LEFT_OUT']);
  });

  it('takes headers that have a value, also as pairs', async () => {
    const sink = new MemorySink();
    const { collector } = collecting({ sink });
    collector.collect([{ a: 1 }], new BasicCorrelationContext({ headers: { tenant: 't', none: undefined } }));
    collector.collect([{ a: 1 }], new BasicCorrelationContext({ headers: new Headers({ tenant: 'u' }) }));
    collector.collect([{ a: 1 }], new BasicCorrelationContext({ headers: new Map([['tenant', 'v']]) }));
    await collector.close();
    expect(sink.records().map(({ tenant, none }) => [tenant, none])).toEqual([
      ['t', undefined],
      ['u', undefined],
      ['v', undefined],
    ]);
  });

  it('tells of a header that has no place in a record, because its name is taken', async () => {
    const sink = new MemorySink();
    const { collector, errors } = collecting({ sink });
    collector.collect([{ a: 1 }], new BasicCorrelationContext({ headers: { time: '1', 'b d': '2' } }));
    await collector.close();
    expect(sink.records()[0]).toMatchObject({ bd: '2' });
    expect(errors.map(({ code, message }) => `${code} ${/: "(.*)"/.exec(message)?.[1]}`)).toEqual([
      'HEADER_LEFT_OUT time',
    ]);
  });

  it.each([
    ['an object of another kind', { id: 1 }],
    ['a text', 'abc'],
    [
      'one that throws',
      {
        getId: () => {
          throw new Error('no');
        },
        getTimestamp: () => 1,
        getHeaders: () => ({}),
      },
    ],
  ])('is not taken from %s, and nothing is thrown', async (_, context) => {
    const { collector, codes } = collecting({ sink: new MemorySink() });
    const answer = collector.collect([{ a: 1 }], context as never);
    expect([answer.isSuccess(), codes()]).toEqual([false, ['NOT_A_CONTEXT']]);
    expect(answer.getId()).toMatch(/^[0-9a-f-]{36}$/);
    await collector.close();
  });
});

describe('a record that is stored', () => {
  it('says all that the platform says of one', async () => {
    const sink = new MemorySink();
    const { collector } = collecting({ sink, workspace: identity.workspace, modelVersion: 3 });
    collector.collect([{ x: 5.5, s: 'é/' }], new BasicCorrelationContext({ id: 'ä"', timestamp: 1_767_323_045.9 }));
    await collector.close();
    const line = sink.text();
    const data = '[{"x":5.5,"s":"\\u00e9\\/"}]';
    expect(line).toContain(`,"data":${data},"contentrange":"bytes 0-${data.length - 1}/${data.length}",`);
    expect(sink.records()).toEqual([
      {
        specversion: '1.0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        source:
          '/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints/default/deployments/default',
        type: 'azureml.inference.model_inputs',
        datacontenttype: 'application/json',
        time: '2026-01-02T03:04:05Z',
        data: [{ x: 5.5, s: 'é/' }],
        contentrange: `bytes 0-${data.length - 1}/${data.length}`,
        correlationid: 'ä"',
        xrequestid: 'ä"',
        modelversion: '3',
        collectdatatype: 'pandas.DataFrame',
        agent: 'azureml-ts',
      },
    ]);
    expect(sink.files()).toEqual([
      expect.stringMatching(
        /^modelDataCollector\/default\/default\/model_inputs\/2026\/01\/02\/03\/[0-9a-f]{32}000001\.jsonl$/,
      ),
    ]);
  });
});

describe('errors', () => {
  it('reach the handler each time, with a code and a cause', async () => {
    const { collector, errors } = collecting({ sink: new MemorySink() });
    for (const data of ['text', [[1], [1, 2]], null]) {
      expect(collector.collect(data as never).isSuccess()).toBe(false);
    }
    expect(errors.map(({ code }) => code)).toEqual(['UNSUPPORTED_DATA_TYPE', 'INVALID_ROWS', 'UNSUPPORTED_DATA_TYPE']);
    expect(errors.every(isCollectorError)).toBe(true);
    expect(isCollectorError(new Error('x'))).toBe(false);
    expect(collector.stats()).toMatchObject({ collected: 3, stored: 0, dropped: { invalid: 3 } });
    await collector.close();
  });

  it('are logged once for each cause without a handler, and nothing is thrown', async () => {
    const collector = new Collector({ name: 'a', sink: new MemorySink() });
    for (let call = 0; call < 3; call += 1) {
      collector.collect('text' as never);
    }
    expect(logged.filter((line) => line.includes('is not a row'))).toHaveLength(1);
    await collector.close();
  });

  it('are thrown at the caller when the handler throws them, as the Python collector does', async () => {
    const raise = (error: CollectorError) => {
      throw error;
    };
    expect(() => new Collector({ name: 'a', onError: raise })).toThrow(
      expect.objectContaining({ code: 'CUSTOM_LOGGING_DISABLED' }),
    );
    const collector = new Collector({ name: 'a', sink: new MemorySink(), onError: raise });
    expect(() => collector.collect('text' as never)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_DATA_TYPE' }),
    );
    await collector.close();
  });

  it('from the background never reach scoring, whatever the handler throws', async () => {
    const sink = new MemorySink();
    sink.before = () => {
      throw Object.assign(new Error('away'), { code: 'AWAY' });
    };
    let told = 0;
    const collector = new Collector({
      name: 'a',
      sink,
      onError: () => {
        told += 1;
        throw new Error('mine');
      },
    });
    collector.collect([{ a: 1 }]);
    while (told === 0) {
      await wait(5);
    }
    expect(logged.join('\n')).toContain('onError of Collector a failed: mine');
    sink.before = () => undefined;
    await collector.close();
    expect(sink.records()).toHaveLength(1);
  });

  it('never end the process when the handler is an async function that fails', async () => {
    const onError = async (): Promise<void> => {
      throw new Error('mine');
    };
    const off = new Collector({ name: 'off', onError });
    const collector = new Collector({ name: 'on', sink: new MemorySink(), onError });
    // A rejection that nobody handles fails the test.
    expect(off.collect([{ a: 1 }]).isSuccess()).toBe(false);
    expect(collector.collect('text' as never).isSuccess()).toBe(false);
    await collector.close();
    await wait(0);
    expect(logged.filter((line) => line.includes('onError of Collector o'))).toHaveLength(3);
  });

  it('come after close as the record that they are about', async () => {
    const { collector, codes } = collecting({ sink: new MemorySink() });
    await collector.close();
    expect(collector.collect([{ a: 1 }]).isSuccess()).toBe(false);
    expect(codes()).toEqual(['COLLECTOR_CLOSED']);
    expect(collector.stats().dropped.closed).toBe(1);
  });
});

describe('the numbers of a collector', () => {
  it('agree whatever is collected, refused, dropped and sampled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<unknown>([{ a: 1 }], 'text', [[1], [1, 2]], [{ s: 'x'.repeat(700) }]), {
          maxLength: 60,
        }),
        fc.constantFrom('dropNewest' as const, 'dropOldest' as const),
        fc.constantFrom(1, 0.5),
        async (inputs, onFull, samplingRate) => {
          const sink = new MemorySink();
          const { collector } = collecting({ sink, onFull, samplingRate, maxBufferBytes: 4_096 });
          const taken = inputs.map((input) => collector.collect(input as never).isSuccess());
          await collector.close();
          const { collected, stored, pending, dropped } = collector.stats();
          const gone = Object.values(dropped).reduce((sum, count) => sum + count, 0);
          expect([collected, stored + pending + gone]).toEqual([inputs.length, inputs.length]);
          expect(sink.records()).toHaveLength(stored);
          expect(onFull === 'dropNewest' ? stored : stored + dropped.bufferFull).toBeGreaterThanOrEqual(
            onFull === 'dropNewest' ? taken.filter(Boolean).length : 0,
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are there at once with `await using`', async () => {
    const sink = new MemorySink();
    {
      await using collector = new Collector({ name: 'a', sink });
      collector.collect([{ a: 1 }]);
    }
    expect(sink.records()).toHaveLength(1);
  });
});

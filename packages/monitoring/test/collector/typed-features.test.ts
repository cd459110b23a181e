import { setLogSink } from '@azureml-ts/common';
import {
  type CollectorIssue,
  MemorySink,
  ModelDataCollector,
  type ModelDataCollectorOptions,
} from '../../src/index.ts';
import { identity } from '../support/workspace.ts';

const lines: string[] = [];
let restoreLog: () => void;
beforeEach(() => {
  lines.length = 0;
  restoreLog = setLogSink((line) => lines.push(line));
});
afterEach(() => {
  restoreLog();
  delete process.env['AML_MODEL_DC_REDACT_KEY'];
});

function make(options: ModelDataCollectorOptions) {
  const sink = new MemorySink();
  const collector = new ModelDataCollector('best_model', { ...identity, designation: 'inputs', sink, ...options });
  return { collector, sink };
}

describe('declared features', () => {
  it('have the text of their types, however rows are given', async () => {
    const features = [
      { name: 'income', type: 'float64' },
      { name: 'account', type: 'int64' },
      { name: 'isNew', type: 'boolean' },
    ] as const;
    const { collector, sink } = make({ features });
    collector.collect([5, 9_007_199_254_740_993n, true]);
    collector.collect([{ account: 1, income: -0 }]);
    collector.collect({ income: [1e21], account: [2], isNew: [false] });
    collector.collect({ data: new Float64Array([7, 8, Number.NaN]), dims: [1, 3] });
    await collector.close();
    expect(
      sink
        .text()
        .split('\n')
        .map((line) => line.split(',').slice(0, 3).join()),
    ).toEqual(['5.0,9007199254740993,true', '-0.0,1,', '1e+21,2,false', '']);
    expect(collector.stats()).toMatchObject({ collected: 4, stored: 3, dropped: { invalid: 1 } });
    expect(lines.join()).toContain('isNew');
  });

  it('are checked when the collector is made', () => {
    const name = 'a';
    expect(() => make({ features: [{ name, type: 'flot64' as never }] })).toThrow(/features\[0\]\.type.*float64/s);
    expect(() => make({ features: [{ name, type: 'string' }], featureNames: ['a'] })).toThrow(
      /features must be left out/,
    );
  });

  it('leave out and hide what they are told to, before anything is kept', async () => {
    const { collector, sink } = make({
      features: [
        { name: 'ssn', type: 'string', redact: 'drop' },
        { name: 'mail', type: 'string', redact: 'hash' },
        { name: 'age', type: 'int32', redact: (age) => Math.floor(Number(age) / 10) * 10 },
      ],
      redactKey: 'a secret key',
    });
    collector.collect([
      ['123-45-6789', 'ada@example.org', 36],
      ['987-65-4321', 'ada@example.org', 41],
    ]);
    await collector.close();
    const [first, second] = sink.rows();
    expect(Object.keys(first ?? {}).slice(0, 2)).toEqual(['mail', 'age']);
    expect(first?.['mail']).toMatch(/^[0-9a-f]{32,64}$/);
    expect(first?.['mail']).toBe(second?.['mail']);
    expect([first?.['age'], second?.['age']]).toEqual(['30', '40']);
    expect(sink.text()).not.toMatch(/ada|123-45|987-65|secret/);
  });

  it('give the same hash for the same key in another collector, and that of a random key without one', async () => {
    const hashOf = async (options: ModelDataCollectorOptions) => {
      const { collector, sink } = make({ features: [{ name: 'mail', type: 'string', redact: 'hash' }], ...options });
      collector.collect(['ada@example.org']);
      await collector.close();
      return sink.rows()[0]?.['mail'];
    };
    process.env['AML_MODEL_DC_REDACT_KEY'] = 'from the environment';
    const hash = await hashOf({});
    expect(await hashOf({ redactKey: 'from the environment' })).toBe(hash);
    expect(await hashOf({ redactKey: 'another' })).not.toBe(hash);
    delete process.env['AML_MODEL_DC_REDACT_KEY'];
    const issues: CollectorIssue[] = [];
    const random = await hashOf({ onError: (issue) => issues.push(issue) });
    expect(random).toMatch(/^[0-9a-f]+$/);
    expect(random).not.toBe(hash);
    expect(issues.map(({ code }) => code)).toEqual(['REDACT_KEY_MISSING']);
  });

  it('never show a hidden value in a message', async () => {
    const { collector } = make({
      features: [{ name: 'ssn', type: 'int64', redact: () => 'topsecret-1' }],
      onInvalid: 'throw',
    });
    expect(() => collector.collect([['topsecret-2']])).toThrow(/ssn/);
    expect(() => collector.collect([['topsecret-2']])).not.toThrow(/topsecret/);
    await collector.close();
    expect(lines.join()).not.toContain('topsecret');
  });
});

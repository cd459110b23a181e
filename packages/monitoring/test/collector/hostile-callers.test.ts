import { runWithRequest, setLogSink } from '@azureml-ts/common';
import {
  type CollectorIssue,
  MemorySink,
  ModelDataCollector,
  type ModelDataCollectorOptions,
} from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { identity } from '../support/workspace.ts';

const lines: string[] = [];
let restoreLog: () => void;
beforeEach(() => {
  lines.length = 0;
  restoreLog = setLogSink((line) => lines.push(line));
});
afterEach(() => restoreLog());

function make(options: ModelDataCollectorOptions = {}) {
  const sink = new MemorySink();
  const collector = new ModelDataCollector('best_model', {
    ...identity,
    designation: 'inputs',
    featureNames: ['x'],
    sink,
    ...options,
  });
  return { collector, sink };
}

describe('a caller that means harm or knows no types', () => {
  it.each([
    ['a symbol for a time', { correlations: { correlationId: 'w-1', scoringTimestamp: Symbol('now') } }],
    ['an object for a time', { correlations: { correlationId: 'w-1', scoringTimestamp: Object.create(null) } }],
    [
      'options that throw',
      {
        get correlationId(): string {
          throw new Error('mine');
        },
      },
    ],
  ])('cannot make collect throw by %s', async (_, options) => {
    const { collector } = make();
    expect(collector.collect([[1], [2]], options as never)).toMatchObject({ rejected: 2, reason: 'invalid' });
    await collector.close();
  });

  it('cannot change what was accepted', async () => {
    const { collector, sink } = make();
    const ids = ['u1', 'u2'];
    const { correlations } = collector.collect([[1], [2]], { correlationId: ids });
    ids[0] = 'changed';
    expect(() => Object.assign(correlations, { correlationId: 'forged' })).toThrow(TypeError);
    const alone = collector.collect([3]).correlations;
    expect(() => Object.assign(alone, { scoringTimestamp: 'forged' })).toThrow(TypeError);
    await collector.close();
    expect(sink.rows().map((row) => row['$aml_dc_user_correlation_id'])).toEqual(['u1', 'u2', '']);
  });

  it('cannot keep rows from being collected by the id of its request', async () => {
    const { collector, sink } = make();
    runWithRequest({ requestId: 'a\tb\u0000' }, () => collector.collect([1]));
    runWithRequest({ requestId: 'x'.repeat(1_000) }, () => collector.collect([2]));
    await collector.close();
    expect(sink.rows().map((row) => row['$aml_request_id'])).toEqual(['a_b_', 'x'.repeat(256)]);
  });

  it('cannot make up numbers of rows', async () => {
    for (const dims of [
      [1e300, 0],
      [1e17, 2],
      [2 ** 53, 1],
    ]) {
      for (const samplingRate of [0, 1]) {
        const { collector } = make({ featureNames: ['a', 'b'], samplingRate });
        expect(collector.collect({ data: [], dims } as never)).toMatchObject({ accepted: 0, rejected: 1 });
        expect(collector.stats().collected).toBe(1);
        await collector.close();
      }
    }
  });

  it('cannot fill the memory with what can never be taken', async () => {
    const { collector } = make({ maxBufferBytes: Number.MAX_SAFE_INTEGER });
    const before = process.memoryUsage().rss;
    const many = new Float64Array(5_000_000);
    expect(collector.collect(many)).toMatchObject({ rejected: 5_000_000, reason: 'invalid' });
    expect(collector.collect({ data: many, dims: [5_000_000, 1] })).toMatchObject({ reason: 'invalid' });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1_048_576);
    await collector.close();
  });

  it('cannot open days with timestamps that are none', async () => {
    const { collector, sink } = make({ clock: new FakeClock('2026-03-04T00:00:00.000Z') });
    for (const scoringTimestamp of ['+123456-01-01T00:00:00Z', '1', 'Jan 1, 1999', '2026-02-30T00:00:00Z']) {
      const correlations = { correlationId: 'w-1', scoringTimestamp };
      expect(collector.collect([1], { correlations }).reason).toBe('invalid');
    }
    await collector.close();
    expect(sink.ledger.map(({ day, dropped }) => [day, dropped])).toEqual([['2026-03-04', { invalid: 4 }]]);
  });

  it('is not answered with secrets', async () => {
    const issues: CollectorIssue[] = [];
    const collector = new ModelDataCollector('m', {
      ...identity,
      storage: {
        connectionString:
          'BlobEndpoint=http://user:topsecret@127.0.0.1:9/a?sig=topsecret;SharedAccessSignature=sig=topsecret',
      },
      journal: false,
      onError: (issue) => issues.push(issue),
    });
    collector.collect([1]);
    await expect(collector.close({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'FLUSH_FAILED' });
    const told = issues.map(({ message }) => message).join() + collector.stats().lastError + lines.join();
    expect(told).toContain('127.0.0.1:9');
    expect(told).not.toContain('topsecret');
  });
});

describe('a tensor whose values have to be fetched', () => {
  it('is asked for them once, and not at all when its rows are left out', async () => {
    for (const [options, fetches] of [
      [{}, 1],
      [{ enabled: false }, 0],
      [{ samplingRate: 0 }, 0],
    ] as const) {
      const { collector } = make({ featureNames: ['a', 'b'], ...options });
      const dataSync = jest.fn(() => new Float32Array([1, 2, 3, 4]));
      const { accepted, rejected } = collector.collect({ shape: [2, 2], dataSync });
      expect(accepted + rejected).toBe(2);
      expect(dataSync).toHaveBeenCalledTimes(fetches);
      await collector.close();
    }
  });
});

describe('calls of one request', () => {
  function pair() {
    const { collector: inputs } = make();
    const { collector: predictions } = make({ designation: 'predictions' });
    return { inputs, predictions, close: () => Promise.all([inputs.close(), predictions.close()]) };
  }

  it('are paired n-th with n-th, also when a prediction comes before its inputs', async () => {
    const { inputs, predictions, close } = pair();
    runWithRequest({ requestId: 'r' }, () => {
      predictions.collect([1]);
      inputs.collect([1]);
      const second = inputs.collect([2]).correlations.correlationId;
      expect(predictions.collect([2]).correlations.correlationId).toBe(second);
    });
    await close();
  });

  it('do not cost the predictions their rows when the inputs had an id that cannot be stored', async () => {
    const { inputs, predictions, close } = pair();
    runWithRequest({ requestId: 'r' }, () => {
      const { reason, correlations } = inputs.collect([1], { correlationId: 'x'.repeat(300) });
      expect(reason).toBe('invalid');
      const prediction = predictions.collect([1]);
      expect(prediction.accepted).toBe(1);
      expect(prediction.correlations.correlationId).toBe(correlations.correlationId);
    });
    await close();
  });
});

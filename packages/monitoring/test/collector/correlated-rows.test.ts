import { setLogSink } from '@azureml-ts/common';
import { addCorrelations, type Correlations, MemorySink, ModelDataCollector } from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { identity } from '../support/workspace.ts';

let restoreLog: () => void;
beforeAll(() => {
  restoreLog = setLogSink(() => undefined);
});
afterAll(() => restoreLog());

function make(featureNames: string[] | undefined, sink = new MemorySink()) {
  const labels = new ModelDataCollector('best_model', {
    ...identity,
    designation: 'labels',
    ...(featureNames === undefined ? {} : { featureNames }),
    sink,
    clock: new FakeClock('2026-05-01T00:00:00.000Z'),
  });
  return { labels, sink };
}

const first: Correlations = { correlationId: 'w-1', scoringTimestamp: '2026-03-04T01:02:03.004Z', requestId: 'r1' };
const second: Correlations = { correlationId: 'w-2', scoringTimestamp: '2026-03-05T01:02:03.004Z' };

describe('rows that bring the ids of their calls along', () => {
  it.each([
    ['records', [addCorrelations({ truth: 1 }, first), addCorrelations({ truth: 0 }, second)]],
    ['rows', [addCorrelations([1], first), addCorrelations([0], second)]],
    [
      'columns',
      {
        truth: [1, 0],
        $aml_dc_correlation_id: ['w-1', 'w-2'],
        $aml_dc_user_correlation_id: [null, ''],
        $aml_dc_scoring_timestamp: [first.scoringTimestamp, second.scoringTimestamp],
        $aml_request_id: ['r1', ''],
      },
    ],
  ])('go to the day of their scoring, as %s', async (_, rows) => {
    const { labels, sink } = make(['truth']);
    expect(labels.collect(rows as never)).toMatchObject({ accepted: 2, rejected: 0 });
    await labels.close();
    expect(sink.files()).toEqual([
      'sub/rg/ws/svc/best_model/1/labels/2026/03/04/data.csv',
      'sub/rg/ws/svc/best_model/1/labels/2026/03/05/data.csv',
    ]);
    expect(sink.rows()).toEqual([
      {
        truth: '1',
        $aml_dc_correlation_id: 'w-1',
        $aml_dc_user_correlation_id: '',
        $aml_dc_scoring_timestamp: first.scoringTimestamp,
        $aml_request_id: 'r1',
      },
      {
        truth: '0',
        $aml_dc_correlation_id: 'w-2',
        $aml_dc_user_correlation_id: '',
        $aml_dc_scoring_timestamp: second.scoringTimestamp,
        $aml_request_id: '',
      },
    ]);
    expect(labels.stats()).toMatchObject({ collected: 2, stored: 2 });
  });

  it('take one row too, with more than one feature', async () => {
    const { labels, sink } = make(['a', 'b']);
    expect(labels.collect(labels.addCorrelations([1, 2], first)).accepted).toBe(1);
    expect(labels.collect(labels.addCorrelations({ a: 3, b: 4 }, first)).accepted).toBe(1);
    await labels.close();
    expect(sink.rows().map((row) => [row['a'], row['b'], row['$aml_dc_correlation_id']])).toEqual([
      ['1', '2', 'w-1'],
      ['3', '4', 'w-1'],
    ]);
  });

  it('are refused as a whole when one of them has no id, or an id that cannot be stored', async () => {
    const { labels } = make(['truth']);
    const good = addCorrelations({ truth: 1 }, first);
    for (const bad of [
      { ...good, $aml_dc_correlation_id: '' },
      { ...good, $aml_dc_correlation_id: 'a\nb' },
      { ...good, $aml_dc_scoring_timestamp: 'yesterday' },
      { truth: 1 },
    ]) {
      expect(labels.collect([good, bad] as never)).toMatchObject({ accepted: 0, rejected: 2, reason: 'invalid' });
    }
    await labels.close();
    expect(labels.stats()).toMatchObject({ collected: 8, dropped: { invalid: 8 } });
  });

  it('leave a note in the ledger that no row carries the number of their call', async () => {
    const { labels, sink } = make(['truth']);
    labels.collect([addCorrelations({ truth: 1 }, first)]);
    await labels.close();
    expect(sink.ledger.at(-1)).toMatchObject({
      day: '2026-03-04',
      kind: 'closed',
      collected: 1,
      stored: 1,
      gaps: [{ reason: 'ownIds', first: 1, last: 1, rows: 0 }],
    });
  });
});

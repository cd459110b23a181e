import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import {
  addCorrelations,
  type CollectorIssue,
  MemorySink,
  ModelDataCollector,
  type ModelDataCollectorOptions,
} from '../../src/index.ts';
import { identity, temporaryFolder } from '../support/workspace.ts';

function make(options: ModelDataCollectorOptions & { sink?: MemorySink } = {}) {
  const sink = options.sink ?? new MemorySink();
  return { sink, collector: new ModelDataCollector('best_model', { ...identity, ...options, sink }) };
}

describe('an entry of the ledger', () => {
  it('says how many rows are under ids of other calls, and which columns they have', async () => {
    const { collector, sink } = make();
    const { correlations } = collector.collect([1, 2]);
    collector.collect([[3, 4]], { correlations });
    collector.collect([addCorrelations({ a: 5 }, correlations), addCorrelations({ a: 6 }, correlations)]);
    await collector.close();
    const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);
    const header = 'a,$aml_dc_correlation_id,$aml_dc_user_correlation_id,$aml_dc_scoring_timestamp,$aml_request_id\n';
    expect(sink.ledger.at(-1)).toMatchObject({
      collected: 4,
      stored: 4,
      otherIds: 3,
      schemas: [hashOf('2 unnamed features'), hashOf(header)],
    });
  });

  it('is tried again after passing faults, as nothing comes after the last one', async () => {
    const sink = new MemorySink();
    const issues: CollectorIssue[] = [];
    const record = sink.record.bind(sink);
    let tries = 0;
    sink.record = (entry) => {
      tries += 1;
      return tries % 3 === 0 ? record(entry) : Promise.reject(Object.assign(new Error('busy'), { statusCode: 503 }));
    };
    const { collector } = make({ sink, onError: (issue) => issues.push(issue) });
    collector.collect([1]);
    await collector.close();
    expect(sink.ledger.at(-1)).toMatchObject({ kind: 'closed', stored: 1 });
    expect(issues).toEqual([]);
  });

  it('is given up after five tries', async () => {
    const sink = new MemorySink();
    const issues: CollectorIssue[] = [];
    let closing = 0;
    sink.record = (entry) => {
      closing += entry.kind === 'closed' ? 1 : 0;
      return Promise.reject(Object.assign(new Error('busy'), { statusCode: 503 }));
    };
    const { collector } = make({ sink, onError: (issue) => issues.push(issue) });
    collector.collect([1]);
    await collector.close();
    expect(closing).toBe(5);
    expect(issues.map(({ code }) => code)).toEqual(['LEDGER_FAILED']);
  });

  it('is written by the next process when the writer could not write it', async () => {
    const sink = new MemorySink();
    const record = sink.record.bind(sink);
    sink.record = () => Promise.reject(Object.assign(new Error('no'), { statusCode: 403 }));
    const journal = { directory: path.join(await temporaryFolder(), 'journal') };
    const first = make({ sink, journal });
    first.collector.collect([1]);
    first.collector.collect([[1, 2], [3]]);
    await first.collector.close();
    // Nobody gets it written now either.
    const second = make({ sink, journal });
    await second.collector.flush();
    await second.collector.close();
    sink.record = record;
    const third = make({ sink, journal });
    await third.collector.flush();
    await third.collector.close();
    expect(sink.ledger).toEqual([
      expect.objectContaining({ kind: 'recovered', collected: 3, stored: 1, dropped: { invalid: 2 }, lastCall: 2 }),
    ]);
    expect(
      readdirSync(journal.directory, { recursive: true }).filter((name) => /state|free/.test(String(name))),
    ).toEqual([]);
  });

  it('leaves nothing behind where a store has no ledger', async () => {
    const sink = new MemorySink();
    const journal = { directory: path.join(await temporaryFolder(), 'journal') };
    const { collector } = make({ sink: Object.assign(sink, { record: undefined }) as unknown as MemorySink, journal });
    collector.collect([1]);
    await collector.close();
    expect([sink.text(), existsSync(journal.directory)]).toEqual([expect.stringMatching(/^1,/), false]);
  });
});

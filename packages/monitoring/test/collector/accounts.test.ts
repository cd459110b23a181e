import { setLogSink } from '@azureml-ts/common';
import {
  addCorrelations,
  type LedgerEntry,
  MemorySink,
  ModelDataCollector,
  type ModelDataCollectorOptions,
} from '../../src/index.ts';
import { identity } from '../support/workspace.ts';

let restoreLog: () => void;
beforeAll(() => {
  restoreLog = setLogSink(() => undefined);
});
afterAll(() => restoreLog());

function make(options: ModelDataCollectorOptions = {}, sink = new MemorySink()) {
  const collector = new ModelDataCollector('best_model', {
    ...identity,
    designation: 'inputs',
    featureNames: ['x'],
    sink,
    ...options,
  });
  return { collector, sink };
}

/** Call numbers up to the last that neither a stored row nor a gap explains. */
function unexplained({ lastCall = 0, gaps }: LedgerEntry, sink: MemorySink): number[] {
  const seen = new Set(sink.rows().map((row) => Number(row['$aml_dc_correlation_id']?.split('-')[1])));
  return Array.from({ length: lastCall }, (_, index) => index + 1).filter(
    (call) => !seen.has(call) && !gaps.some(({ first, last }) => first <= call && call <= last),
  );
}

function last(sink: MemorySink): LedgerEntry {
  const entry = sink.ledger.at(-1);
  if (entry === undefined) {
    throw new Error('There is no entry.');
  }
  return entry;
}

describe('the account of a collector', () => {
  it('explains every call number: dropped ones, calls without rows, and callers that gave up', async () => {
    const gate = Promise.withResolvers<void>();
    const { collector, sink } = make({ maxBufferBytes: 1_024, onFull: 'dropOldest' });
    sink.before = () => gate.promise;
    for (let index = 0; index < 100; index += 1) {
      collector.collect([`row ${index}`.padEnd(30)]);
    }
    collector.collect([]);
    const givenUp = collector.collectAsync(['x'.repeat(900)], { abortSignal: AbortSignal.abort(new Error('enough')) });
    await expect(givenUp).rejects.toThrow('enough');
    collector.collect([['too', 'long']] as never);
    gate.resolve();
    await collector.close();
    expect(collector.stats().dropped.bufferFull).toBeGreaterThan(20);
    expect(unexplained(last(sink), sink)).toEqual([]);
    expect(last(sink).gaps.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['bufferFull', 'empty', 'aborted']),
    );
  });

  it('names the calls of rows that were given up at the end', async () => {
    const { collector, sink } = make();
    sink.before = () => {
      throw Object.assign(new Error('not you'), { statusCode: 403 });
    };
    collector.collect([[1], [2]]);
    await expect(collector.close()).rejects.toMatchObject({ lostRows: 2 });
    expect(last(sink)).toMatchObject({
      dropped: { failed: 2 },
      gaps: [{ reason: 'failed', first: 1, last: 1, rows: 2 }],
    });
  });

  it('is written as it was, however long the store takes', async () => {
    const { collector, sink } = make();
    collector.collect([1]);
    await collector.flush();
    const [entry] = sink.ledger;
    const before = JSON.stringify(entry);
    collector.collect([['too', 'long']] as never);
    expect(JSON.stringify(entry)).toBe(before);
    await collector.close();
  });

  it('keeps both sides of a row when sampling, also when rows bring their ids along', async () => {
    const { collector: inputs, sink: inputSink } = make({ samplingRate: 0.5 });
    const { collector: labels, sink: labelSink } = make({ samplingRate: 0.5, designation: 'labels' });
    const calls = Array.from({ length: 200 }, () => inputs.collect([1]).correlations);
    const { accepted, rejected, reason } = labels.collect(calls.map((call) => addCorrelations({ x: 0 }, call)));
    await Promise.all([inputs.close(), labels.close()]);
    const idsOf = (sink: MemorySink) => sink.rows().map((row) => row['$aml_dc_correlation_id']);
    expect(idsOf(labelSink)).toEqual(idsOf(inputSink));
    expect([accepted, rejected, reason]).toEqual([idsOf(inputSink).length, 200 - idsOf(inputSink).length, 'sampled']);
    expect(labels.stats()).toMatchObject({ collected: 200, stored: accepted, dropped: { sampled: rejected } });
  });

  it('waits for room for a call of several days as for any other', async () => {
    const gate = Promise.withResolvers<void>();
    const { collector, sink } = make({ maxBufferBytes: 4_096 });
    sink.before = () => gate.promise;
    collector.collect(['x'.repeat(2_500)]);
    const rows = Array.from({ length: 20 }, (_, index) =>
      addCorrelations({ x: 1 }, { correlationId: `w-${index}`, scoringTimestamp: `2026-03-${index + 10}T00:00:00Z` }),
    );
    const receipt = collector.collectAsync(rows);
    gate.resolve();
    expect(await receipt).toMatchObject({ accepted: 20 });
    await collector.close();
  });
});

describe('the time limit of close', () => {
  it('also holds for a ledger that hangs', async () => {
    const { collector, sink } = make();
    sink.record = () => new Promise(() => undefined);
    collector.collect([1]);
    await collector.flush();
    await collector.close({ timeoutMs: 50 });
    expect(collector.stats().stored).toBe(1);
  });

  it('does not cut short a flush that has more time', async () => {
    const gate = Promise.withResolvers<void>();
    const { collector, sink } = make();
    sink.before = () => gate.promise;
    collector.collect([1]);
    const long = collector.flush({ timeoutMs: 20_000 });
    await expect(collector.flush({ timeoutMs: 10 })).rejects.toMatchObject({ code: 'FLUSH_FAILED' });
    gate.resolve();
    await long;
    expect(collector.stats()).toMatchObject({ stored: 1, lastError: undefined });
    await collector.close();
  });

  it('is remembered by a flush that comes later', async () => {
    const { collector, sink } = make();
    sink.before = () => new Promise(() => undefined);
    collector.collect([1]);
    await expect(collector.close({ timeoutMs: 20 })).rejects.toMatchObject({ lostRows: 1 });
    await expect(collector.flush()).rejects.toMatchObject({ lostRows: 1 });
  });
});

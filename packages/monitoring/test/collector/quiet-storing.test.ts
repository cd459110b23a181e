import { currentRequest, isQuiet, runWithRequest } from '@azureml-ts/common';
import { MemorySink, ModelDataCollector } from '../../src/index.ts';
import { identity } from '../support/workspace.ts';

interface LoanRow {
  readonly income: number;
}

describe('storing in the background', () => {
  it('belongs to no request and to no telemetry, whichever call or timer gave the occasion', async () => {
    const sink = new MemorySink();
    const seen: unknown[] = [];
    sink.before = () => {
      seen.push([isQuiet(), currentRequest()]);
    };
    const record = sink.record.bind(sink);
    sink.record = (entry) => {
      seen.push([isQuiet(), currentRequest()]);
      return record(entry);
    };
    for (const options of [{ maxBatchBytes: 1 }, { flushIntervalMs: 10 }, {}]) {
      const collector = new ModelDataCollector('m', { ...identity, featureNames: ['income'], sink, ...options });
      // A type of its own, as programs have it, is a record too.
      const row: LoanRow = { income: 1 };
      const stored = Promise.withResolvers<void>();
      sink.after = () => stored.resolve();
      await runWithRequest({ requestId: 'r' }, async () => {
        expect(collector.collect(row).correlations.requestId).toBe('r');
        await (Object.keys(options).length === 0 ? collector.flush() : stored.promise);
      });
      await collector.close();
    }
    expect(seen.length).toBeGreaterThanOrEqual(6);
    expect(new Set(seen.map((entry) => JSON.stringify(entry)))).toEqual(new Set(['[true,null]']));
  });
});

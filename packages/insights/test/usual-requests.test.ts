import { runWithRequest, systemClock } from '@azureml-ts/common';
import fc from 'fast-check';
import type { InsightsOptions } from '../src/index.ts';
import { NOW, requests } from './items/request-samples.ts';
import { Bench, balanced } from './support.ts';

/** Each comes three times, so that it has a template the last time. */
const sequences = fc
  .array(fc.tuple(requests, fc.boolean()), { minLength: 1, maxLength: 8 })
  .map((all) => [...all, ...all, ...all]);

describe('trackRequest', () => {
  let benches: readonly Bench[];

  beforeEach(async () => {
    benches = [await Bench.open(), await Bench.open()];
  });

  afterEach(async () => {
    for (const bench of benches) {
      await bench.close();
    }
  });

  it.each<[string, InsightsOptions]>([
    ['the default options', {}],
    ['a sampling rate', { samplingRate: 0.5 }],
    ['no bodies', { recordBodies: false }],
    ['a redaction', { redact: (value, { kind }) => (kind === 'input' ? value : { redacted: String(value).length }) }],
    ['a redaction that fails', { redact: () => Promise.resolve(1) }],
    ['a short queue', { maxQueueItems: 9 }],
    ['small batches', { maxBatchItems: 3 }],
    ['odd names', { context: { serviceName: '"\\\ud800\u0000é', containerId: '0'.repeat(300), modelNames: ['1'] } }],
  ])('sends the same items and counts the same, with properties and without: %s', async (_, options) => {
    const clients = benches.map((bench) => ({
      bench,
      insights: bench.start({ ...options, clock: { ...systemClock, now: () => NOW } }),
    }));
    await fc.assert(
      fc.asyncProperty(sequences, async (all) => {
        const told: unknown[] = [];
        for (const [index, { bench, insights }] of clients.entries()) {
          bench.standIn.clear();
          for (const [request, isInside] of all) {
            // With properties, though there are none, it is made the long way.
            const telemetry = index === 0 ? request : { ...request, properties: {} };
            const track = () => insights.trackRequest(telemetry);
            isInside ? runWithRequest({ requestId: 'r-1', clientRequestId: 'c-1' }, track) : track();
          }
          await insights.flush();
          const { lastSentAt: _at, lastError: _error, ...stats } = balanced(insights);
          // Batches that go side by side arrive in any order.
          told.push({
            stats,
            items: bench.standIn
              .items()
              .map((item) => JSON.stringify(item))
              .sort(),
          });
        }
        expect(told[0]).toEqual(told[1]);
      }),
      { numRuns: 25 },
    );
  });
});

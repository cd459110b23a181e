import { setImmediate } from 'node:timers/promises';
import {
  type CollectorStats,
  MemorySink,
  ModelDataCollector,
  type ModelDataCollectorOptions,
} from '@azureml-ts/monitoring';
import fc from 'fast-check';
import { FakeClock, settle } from '../../packages/monitoring/test/support/fake-clock.ts';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { allRows, column, countUp, misplaced, repeated } from './support/stored-rows.ts';
import { type BlobStores, blobFiles, identityOf, startBlobStores } from './support/stores.ts';

/** What the store does from now on. */
const MOODS = ['works', 'busy', 'refuses', 'stores and says nothing', 'hangs', 'finds it too large'] as const;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ collect: fc.integer({ min: 1, max: 300 }), textBytes: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ invalid: fc.constantFrom([1], 'text', [[1, 2], null], { z: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ late: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ async: fc.integer({ min: 1, max: 200 }) }) },
  { weight: 3, arbitrary: fc.record({ mood: fc.constantFrom(...MOODS) }) },
  { weight: 3, arbitrary: fc.record({ passMs: fc.nat(40_000) }) },
  { weight: 2, arbitrary: fc.record({ flush: fc.constantFrom('stored' as const, 'journal' as const) }) },
);
type Step = Partial<{
  collect: number;
  textBytes: number;
  invalid: unknown;
  late: number;
  async: number;
  mood: (typeof MOODS)[number];
  passMs: number;
  flush: 'stored' | 'journal';
}>;

const settings = fc.record({
  onFull: fc.constantFrom('dropNewest' as const, 'dropOldest' as const),
  hasJournal: fc.boolean(),
  samplingRate: fc.constantFrom(1, 1, 0.5),
  maxBatchBytes: fc.constantFrom(1, 4_000, 1_048_576),
  maxBufferBytes: fc.constantFrom(1_024, 20_000, 33_554_432),
  journalBytes: fc.constantFrom(65_536, 268_435_456),
});

function dropped(stats: CollectorStats): number {
  return Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
}

function expectBalance(stats: CollectorStats): void {
  expect({ collected: stats.collected, ...stats.dropped }).toEqual({
    collected: stats.stored + stats.pending + dropped(stats),
    ...stats.dropped,
  });
  expect(
    Math.min(stats.stored, stats.pending, stats.pendingBytes, ...Object.values(stats.dropped)),
  ).toBeGreaterThanOrEqual(0);
}

/** A store whose mood a test decides. */
class MoodySink extends MemorySink {
  mood: (typeof MOODS)[number] = 'works';

  constructor(onAsked: () => void) {
    super();
    this.before = () => {
      onAsked();
      switch (this.mood) {
        case 'busy':
          throw Object.assign(new Error('busy'), { statusCode: 503 });
        case 'refuses':
          throw Object.assign(new Error('no'), { statusCode: 403 });
        case 'finds it too large':
          throw Object.assign(new Error('too large'), { statusCode: 413 });
        case 'hangs':
          return new Promise(() => undefined);
        default:
          return undefined;
      }
    };
    this.after = () => {
      onAsked();
      if (this.mood === 'stores and says nothing') {
        throw Object.assign(new Error('the connection was cut'), { code: 'ECONNRESET' });
      }
    };
  }
}

describe('every row is accounted for', () => {
  it('at every moment, whatever the store does, under every policy, with and without a journal', async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.array(step, { minLength: 5, maxLength: 25 }), async (given, steps) => {
        const clock = new FakeClock();
        const check = () => expectBalance(collector.stats());
        const sink = new MoodySink(check);
        const { hasJournal, journalBytes, ...policies } = given;
        const options: ModelDataCollectorOptions = {
          ...policies,
          designation: 'inputs',
          featureNames: ['x', 'text'],
          journal: hasJournal && { directory: newFolder(), maxBytes: journalBytes },
          sink,
          clock,
          onError: () => check(),
        };
        const collector = new ModelDataCollector('best_model', options);
        const earlier = collector.collect([[-1, 'first']]).correlations;
        const waiting = new AbortController();
        const asked: Promise<unknown>[] = [];
        let number = 0;
        for (const one of steps as Step[]) {
          const text = one.async === undefined ? 'x'.repeat(one.textBytes ?? 3) : 'async';
          const rows = (count = 0) => Array.from({ length: count }, () => [number++, text]);
          if (one.collect !== undefined) {
            collector.collectRows(rows(one.collect));
          } else if (one.late !== undefined) {
            const scoringTimestamp = '2026-02-01T00:00:00.000Z';
            collector.collectRows(rows(one.late), { correlations: { ...earlier, scoringTimestamp } });
          } else if (one.async !== undefined) {
            asked.push(collector.collectAsync(rows(one.async), { abortSignal: waiting.signal }).catch(() => undefined));
          } else if (one.passMs !== undefined) {
            await clock.advance(one.passMs);
          } else if (one.flush !== undefined) {
            const limit = new AbortController();
            const flushed = collector.flush({ until: one.flush, abortSignal: limit.signal }).catch(() => undefined);
            await settle();
            limit.abort(new Error('enough'));
            await flushed;
          } else if (one.mood !== undefined) {
            sink.mood = one.mood;
          } else {
            collector.collect(one.invalid as never);
          }
          check();
          await setImmediate();
          check();
        }
        waiting.abort(new Error('enough'));
        await Promise.all(asked);
        await collector.close({ timeoutMs: 20 }).catch(() => undefined);
        check();
        const { stored, pending, dropped: lost, journal } = collector.stats();
        if (journal === 'off') {
          expect(pending).toBe(0);
        }

        // What the journal kept, the next collector stores; what is lost may be in the store, but nothing is twice.
        sink.mood = 'works';
        const next = new ModelDataCollector('best_model', { ...options, onError: () => undefined });
        await setImmediate();
        await next.flush();
        await next.close();
        expect(next.stats().recovered).toEqual({ stored: pending, pending: 0 });
        const values = column(sink.rows(), 'x');
        expect(repeated(values)).toEqual([]);
        for (const file of sink.files()) {
          // Calls that wait for room are overtaken by those that need less.
          const inTurn = sink.rows(file).filter((row) => row['text'] !== 'async');
          expect(misplaced(column(inTurn, 'x').map(Number))).toEqual([]);
        }
        expect(values.length).toBeGreaterThanOrEqual(stored + pending);
        expect(values.length).toBeLessThanOrEqual(stored + pending + lost.failed);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('every row that is not dropped is stored once', () => {
  let stores: BlobStores;
  beforeAll(async () => {
    stores = await startBlobStores();
  });
  afterAll(() => stores.close());
  let service = 0;

  const fault = fc.record({
    kind: fc.constantFrom('loseAnswer' as const, 'cut' as const, 'busy' as const, 'delay' as const),
    probability: fc.double({ min: 0.05, max: 0.4, noNaN: true }),
    seed: fc.nat(1_000_000),
  });

  it('in blobs behind a network with random faults', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('append' as const, 'block' as const),
        fc.constantFrom(true, false),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 3, maxLength: 12 }),
        async (faults, blobType, hasJournal, calls) => {
          service += 1;
          stores.proxy.clear();
          for (const { kind, probability, seed } of faults) {
            const effect =
              kind === 'busy'
                ? ({ kind: 'answer', status: 503, errorCode: 'ServerBusy' } as const)
                : kind === 'delay'
                  ? ({ kind, delayMs: 5 } as const)
                  : ({ kind } as const);
            stores.proxy.inject({ ...effect, probability, seed });
          }
          const collector = new ModelDataCollector('best_model', {
            ...identityOf(`random-${service}`),
            designation: 'inputs',
            featureNames: ['x', 'y'],
            storage: { connectionString: stores.proxy.connectionString },
            blobType,
            journal: hasJournal && { directory: newFolder() },
            maxBatchBytes: 8_000,
            flushIntervalMs: 10,
          });
          let number = 0;
          for (const count of calls) {
            collector.collectRows(Array.from({ length: count }, () => [number++, 'a']));
            await setImmediate();
            expectBalance(collector.stats());
          }
          await collector.flush({ timeoutMs: 1_500 }).catch(() => undefined);
          expectBalance(collector.stats());
          stores.proxy.clear();
          await collector.flush();
          await collector.close();
          expect(collector.stats()).toMatchObject({ collected: number, stored: number, pending: 0 });
          const values = column(allRows(await blobFiles(stores.account, `random-${service}`)), 'x');
          expect(values).toEqual(countUp(number));
        },
      ),
      { numRuns: 12, endOnFailure: true },
    );
  });
});

import { setImmediate } from 'node:timers/promises';
import {
  BasicCorrelationContext,
  Collector,
  MemorySink,
  ModelDataCollector,
  type ModelDataCollectorOptions,
} from '@azureml-ts/monitoring';
import fc from 'fast-check';
import { FakeClock, settle } from '../../packages/monitoring/test/support/fake-clock.ts';
import { expectBalance } from './support/balance.ts';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { column, misplaced, repeated } from './support/stored-rows.ts';

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

/** What the property does with a collector of either kind. */
interface Subject {
  give(rows: [number, string][]): void;
  /** Rows of an earlier time, which belong to another file. */
  giveLate(rows: [number, string][]): void;
  /** As {@link give}, and waits for room where the collector can. */
  giveAsync(rows: [number, string][], abortSignal: AbortSignal): Promise<unknown>;
  giveInvalid(value: unknown): void;
  collector: Pick<ModelDataCollector, 'flush' | 'close' | 'stats'>;
}

type SubjectOptions = Pick<
  ModelDataCollectorOptions,
  'sink' | 'clock' | 'journal' | 'onFull' | 'samplingRate' | 'maxBatchBytes' | 'maxBufferBytes'
> & { readonly onError: () => void };

const COLUMNS = ['x', 'text'];
const EARLIER = '2026-02-01T00:00:00.000Z';

function collectorOfRows(options: SubjectOptions): Subject {
  const collector = new ModelDataCollector('best_model', { ...options, designation: 'inputs', featureNames: COLUMNS });
  return {
    give: (rows) => void collector.collectRows(rows),
    giveLate: (rows) => {
      // A call without rows has correlations too.
      const { correlations } = collector.collectRows([]);
      collector.collectRows(rows, { correlations: { ...correlations, scoringTimestamp: EARLIER } });
    },
    giveAsync: (rows, abortSignal) => collector.collectAsync(rows, { abortSignal }),
    giveInvalid: (value) => void collector.collect(value as never),
    collector,
  };
}

function collectorOfRecords(options: SubjectOptions): Subject {
  const collector = new Collector({ ...options, name: 'model_inputs', columns: COLUMNS });
  const earlier = { timestamp: Date.parse(EARLIER) / 1_000 };
  const give = (rows: [number, string][]) => {
    for (const row of rows) {
      collector.collect([row]);
    }
  };
  return {
    give,
    giveLate: (rows) => {
      for (const row of rows) {
        collector.collect([row], new BasicCorrelationContext(earlier));
      }
    },
    giveAsync: async (rows) => give(rows),
    giveInvalid: () => void collector.collect('no row' as never),
    collector,
  };
}

describe.each([
  ['row', collectorOfRows, (sink: MemorySink, file?: string) => sink.rows(file), 1_000],
  ['record', collectorOfRecords, recordsOf, 100],
] as const)('every %s is accounted for', (_, open, read, numRuns) => {
  it('at every moment, whatever the store does, under every policy, with and without a journal', async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.array(step, { minLength: 5, maxLength: 25 }), async (given, steps) => {
        const clock = new FakeClock();
        let opened: Subject | undefined;
        const check = () => opened && expectBalance(opened.collector.stats());
        const sink = new MoodySink(check);
        const { hasJournal, journalBytes, ...policies } = given;
        const options = {
          ...policies,
          journal: hasJournal && { directory: newFolder(), maxBytes: journalBytes },
          sink,
          clock,
        };
        const subject = open({ ...options, onError: check });
        opened = subject;
        const { collector } = subject;
        const waiting = new AbortController();
        const asked: Promise<unknown>[] = [];
        let number = 0;
        for (const one of steps as Step[]) {
          const text = one.async === undefined ? 'x'.repeat(one.textBytes ?? 3) : 'async';
          const rows = (count = 0) => Array.from({ length: count }, (): [number, string] => [number++, text]);
          if (one.collect !== undefined) {
            subject.give(rows(one.collect));
          } else if (one.late !== undefined) {
            subject.giveLate(rows(one.late));
          } else if (one.async !== undefined) {
            asked.push(subject.giveAsync(rows(one.async), waiting.signal).catch(() => undefined));
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
            subject.giveInvalid(one.invalid);
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
        const { collector: next } = open({ ...options, onError: () => undefined });
        await setImmediate();
        await next.flush();
        await next.close();
        expect(next.stats().recovered).toEqual({ stored: pending, pending: 0 });
        const values = column(read(sink), 'x');
        expect(repeated(values)).toEqual([]);
        for (const file of sink.files()) {
          // Calls that wait for room are overtaken by those that need less.
          const inTurn = read(sink, file).filter((row) => row['text'] !== 'async');
          expect(misplaced(column(inTurn, 'x').map(Number))).toEqual([]);
        }
        expect(values.length).toBeGreaterThanOrEqual(stored + pending);
        expect(values.length).toBeLessThanOrEqual(stored + pending + lost.failed);
      }),
      { numRuns },
    );
  });
});

/** Rows of the records in a memory store. */
function recordsOf(sink: MemorySink, file?: string): Record<string, string>[] {
  const records = sink.records(file) as { readonly data: { x: number; text: string }[] }[];
  return records.flatMap(({ data }) => data.map(({ x, text }) => ({ x: String(x), text })));
}

import fc from 'fast-check';
import { CollectionEngine } from '../../src/engine/collection-engine.ts';
import type { EngineOptions } from '../../src/engine/engine-options.ts';
import type { WaitingCall } from '../../src/engine/row-file.ts';
import type { EncodableCall } from '../../src/format/encode-rows.ts';
import { RowSchema } from '../../src/rows/row-schema.ts';
import { MemorySink } from '../../src/sinks/memory-sink.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { FakeJournal } from '../support/fake-journal.ts';
import { stream } from '../support/workspace.ts';

const schema = new RowSchema(['a']);
const today = '2026-03-04';
const yesterday = '2026-03-03';
const call = (...values: string[]): WaitingCall & EncodableCall => ({
  number: 0,
  rows: values.map((value) => [value]),
  correlationId: 'id',
  userCorrelationId: undefined,
  scoringTimestamp: 'time',
  requestId: undefined,
});

function start(options: Partial<EngineOptions> = {}) {
  const sink = new MemorySink();
  const clock = new FakeClock();
  const stored: number[] = [];
  const failures: string[] = [];
  const refused: number[] = [];
  const dropped: number[] = [];
  const engine = new CollectionEngine({
    sink,
    stream,
    journal: undefined,
    clock,
    flushIntervalMs: 10_000,
    maxBatchBytes: 1000,
    maxBufferBytes: 10_000,
    random: () => 0.5,
    counters: () => ({ collected: 0, dropped: {}, lastCall: 0 }),
    onStored: (_, rowCount) => stored.push(rowCount),
    onFailure: (failure) => failures.push(failure.cause),
    onRefused: (_, { rowCount }) => refused.push(rowCount),
    onDropped: (_, { rowCount }) => dropped.push(rowCount),
    ...options,
  });
  return { engine, sink, clock, stored, failures, refused, dropped };
}

const never = () => new AbortController().signal;

describe('CollectionEngine', () => {
  it('sends what waits when its time has come, and not before', async () => {
    const { engine, sink, clock } = start();
    engine.add(today, schema, call('1', '2'), 40);
    await clock.advance(9_999);
    expect(sink.batches).toHaveLength(0);
    expect(engine.pendingRows).toBe(2);
    await clock.advance(1);
    expect(sink.text()).toBe('1,id,,time,\n2,id,,time,\n');
    expect(engine.pendingRows).toBe(0);
    expect(engine.pendingBytes).toBe(0);
  });

  it('sends at once when a batch is full, and never divides a call between two batches', async () => {
    const { engine, sink } = start({ maxBatchBytes: 100 });
    const values = Array.from({ length: 700 }, (_, index) => String(index));
    engine.add(today, schema, call(...values), 14_000);
    await settle();
    expect(sink.batches.map((batch) => batch.rowCount)).toEqual([700]);
    expect(sink.text().split('\n')[699]).toBe('699,id,,time,');
  });

  it('spreads its appends in time', () => {
    const delays = [0, 1].map((random) => {
      const { engine, clock } = start({ random: () => random });
      engine.add(today, schema, call('1'), 20);
      return Math.max(...clock.waiting);
    });
    expect(delays).toEqual([9_000, 11_000]);
  });

  it('keeps the rows of a file in order while its store fails, and stores each once', async () => {
    const { engine, sink, clock, failures } = start({ maxBatchBytes: 1 });
    let broken = true;
    sink.before = () => {
      if (broken) {
        throw Object.assign(new Error('busy'), { statusCode: 503, code: 'ServerBusy' });
      }
    };
    engine.add(today, schema, call('1'), 20);
    engine.add(today, schema, call('2'), 20);
    await settle();
    broken = false;
    engine.add(today, schema, call('3'), 20);
    await clock.advance(60_000);
    expect(sink.text()).toBe('1,id,,time,\n2,id,,time,\n3,id,,time,\n');
    expect(failures).toContain('ServerBusy');
  });

  it('does not let one failing file delay another', async () => {
    const { engine, sink } = start({ maxBatchBytes: 1 });
    sink.before = (batch) => {
      if (batch.day === yesterday) {
        return new Promise(() => undefined);
      }
      return undefined;
    };
    engine.add(yesterday, schema, call('late'), 20);
    engine.add(today, schema, call('new'), 20);
    await settle();
    expect(sink.text()).toBe('new,id,,time,\n');
    expect(engine.pendingRows).toBe(1);
  });

  it('waits as long as the service asks before it tries again', async () => {
    const { engine, sink, clock } = start({ maxBatchBytes: 1 });
    const tries: number[] = [];
    const from = clock.now();
    sink.before = () => {
      tries.push(clock.now() - from);
      if (tries.length === 1) {
        throw Object.assign(new Error('slow down'), {
          statusCode: 429,
          response: { headers: { get: (name: string) => (name === 'retry-after' ? '17' : undefined) } },
        });
      }
    };
    engine.add(today, schema, call('1'), 20);
    await settle();
    await clock.advance(16_999);
    expect(tries).toEqual([0]);
    await clock.advance(1);
    expect(tries).toEqual([0, 17_000]);
  });

  it('never takes a wait for less than it is, however long the service asks for', async () => {
    const { engine, sink, clock } = start({ maxBatchBytes: 1 });
    let tries = 0;
    sink.before = () => {
      tries += 1;
      throw Object.assign(new Error('slow down'), { statusCode: 429, response: { headers: { get: () => '9999999' } } });
    };
    engine.add(today, schema, call('1'), 20);
    await settle();
    expect(Math.max(...clock.waiting)).toBe(300_000);
    await clock.advance(299_000);
    expect(tries).toBe(1);
  });

  it('turns waiting cells into bytes soon, so that they hold on to nothing else', async () => {
    const { engine, clock } = start();
    engine.add(today, schema, call('1'), 900);
    expect(engine.pendingBytes).toBe(900);
    await clock.advance(100);
    expect(engine.pendingBytes).toBe('1,id,,time,\n'.length);
  });

  it('ends a flush at its limit although the append that runs hangs, and keeps the rows', async () => {
    const { engine, sink } = start({ maxBatchBytes: 1 });
    sink.before = () => new Promise(() => undefined);
    engine.add(today, schema, call('1'), 20);
    const limit = new AbortController();
    const flushed = engine.flush(limit.signal);
    await settle();
    limit.abort(new Error('time is up'));
    expect(await flushed).toHaveLength(1);
    expect(engine.pendingRows).toBe(1);
  });

  it('gives up on a refusal that time does not mend, and says why', async () => {
    const { engine, sink } = start();
    sink.before = () => {
      throw Object.assign(new Error('not you'), { statusCode: 403, code: 'AuthorizationFailure' });
    };
    engine.add(today, schema, call('1'), 20);
    expect(await engine.flush(never())).toEqual([expect.objectContaining({ code: 'AuthorizationFailure' })]);
    expect(engine.pendingRows).toBe(1);
    expect(await engine.stop()).toEqual({
      keptRows: 0,
      lost: [{ day: today, leaving: expect.objectContaining({ rowCount: 1 }) }],
    });
    expect(engine.pendingRows).toBe(0);
  });

  it('sends in the background only what is due, so that blocks are not used up by crumbs', async () => {
    const { engine, sink } = start({ maxBatchBytes: 100 });
    const answer = Promise.withResolvers<void>();
    sink.before = () => (sink.batches.length === 0 ? answer.promise : undefined);
    engine.add(today, schema, call(...Array.from({ length: 10 }, String)), 200);
    await settle();
    engine.add(today, schema, call('late'), 20);
    engine.encode();
    answer.resolve();
    await settle();
    expect(sink.batches.map((batch) => batch.rowCount)).toEqual([10]);
    expect(engine.pendingRows).toBe(1);
  });

  it('makes whole slices also while more than a batch waits for the store', async () => {
    const journal = new FakeJournal();
    const { engine, sink } = start({ journal, maxBatchBytes: 100, maxBufferBytes: 1_000_000 });
    sink.before = () => new Promise(() => undefined);
    for (let index = 0; index < 1_000; index += 1) {
      engine.add(today, schema, call(String(index)), 20);
    }
    engine.encode();
    const slices = [...journal.kept.values()].flat();
    expect(slices.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(1_000);
    expect(slices.length).toBeLessThan(10);
  });

  it('drops the oldest rows that are not on their way, call by call, and keeps the order of the rest', async () => {
    const { engine, sink, dropped } = start({ maxBatchBytes: 1, maxBufferBytes: 60 });
    sink.before = () => new Promise(() => undefined);
    for (const value of ['on its way', 'oldest', 'newer']) {
      expect(engine.dropOldest(20)).toBe(true);
      engine.add(today, schema, call(value), 20);
    }
    expect(engine.pendingRows).toBe(3);
    expect(engine.dropOldest(20)).toBe(true);
    expect(dropped).toEqual([1]);
    expect(engine.pendingRows).toBe(2);
    expect(engine.dropOldest(1_000)).toBe(false);
    expect(engine.pendingRows).toBe(2);
  });

  it('tells whether everything that waits would survive the process', async () => {
    const journal = new FakeJournal();
    const { engine } = start({ journal });
    engine.add(today, schema, call('1'), 20);
    expect(engine.makeDurable()).toBe(true);
    journal.takes = false;
    engine.add(today, schema, call('2'), 20);
    expect(engine.makeDurable()).toBe(false);
    expect(await engine.stop()).toEqual({
      keptRows: 1,
      lost: [{ day: today, leaving: expect.objectContaining({ rowCount: 1 }) }],
    });
    expect(engine.pendingRows).toBe(1);
  });

  it('never puts into one batch what the journal has and what it has not', async () => {
    const journal = new FakeJournal();
    const { engine, sink } = start({ journal });
    for (const [value, takes] of [
      ['1', true],
      ['2', true],
      ['3', false],
      ['4', true],
    ] as const) {
      journal.takes = takes;
      engine.add(today, schema, call(value), 20);
      engine.encode();
    }
    await engine.flush(never());
    expect(sink.batches.map((batch) => batch.rowCount)).toEqual([2, 1, 1]);
    expect(journal.kept.get(`${today}/${schema.hash}`)).toEqual([]);
  });

  it('leaves to another process what that has taken over, and stores the rest', async () => {
    const journal = new FakeJournal();
    const { engine, sink, stored } = start({ journal });
    engine.add(today, schema, call('theirs', 'theirs too'), 40);
    engine.encode();
    engine.add(today, schema, call('ours'), 20);
    engine.encode();
    journal.takenThrough = 1;
    expect(await engine.flush(never())).toEqual([]);
    expect(sink.text()).toBe('ours,id,,time,\n');
    expect(stored).toEqual([1]);
    // They are accepted and not acknowledged to us: neither stored nor lost.
    expect(engine.pendingRows).toBe(2);
    expect((await engine.stop()).keptRows).toBe(2);
  });

  it('notices when it writes that its journal was taken', async () => {
    const journal = new FakeJournal();
    const { engine } = start({ journal });
    journal.takenThrough = 0;
    engine.add(today, schema, call('1'), 20);
    engine.encode();
    await settle();
    expect(journal.kept.size).toBe(1);
    expect(engine.makeDurable()).toBe(true);
  });

  it('does not send a slice that was written while its journal was taken and that the other process has read', async () => {
    const journal = new FakeJournal();
    const { engine, sink } = start({ journal, maxBatchBytes: 1 });
    journal.takenThrough = 1;
    engine.add(today, schema, call('theirs'), 20);
    await settle();
    expect(await engine.flush(never())).toEqual([]);
    expect(sink.batches).toEqual([]);
    expect(engine.pendingRows).toBe(1);
  });

  it('tries a batch that is too large again slice by slice, and gives up only what alone is too large', async () => {
    const { engine, sink, refused, stored } = start();
    sink.before = (batch) => {
      if (batch.bytes.length > 100) {
        throw Object.assign(new Error('too large'), { statusCode: 413 });
      }
    };
    for (const value of ['a', 'b'.repeat(200), 'c']) {
      engine.add(today, schema, call(value), 20);
      engine.encode();
    }
    expect(await engine.flush(never())).toEqual([]);
    expect(sink.text()).toBe('a,id,,time,\nc,id,,time,\n');
    expect(refused).toEqual([1]);
    expect(stored).toEqual([1, 1]);
    expect(engine.pendingBytes).toBe(0);
  });

  it('accounts for every row whatever the store does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            rows: fc.integer({ min: 1, max: 400 }),
            late: fc.boolean(),
            fails: fc.boolean(),
            passMs: fc.nat(20_000),
          }),
          {
            maxLength: 12,
          },
        ),
        async (calls) => {
          const { engine, sink, clock, stored } = start({ maxBatchBytes: 2_000 });
          let added = 0;
          let fails = false;
          sink.before = () => {
            if (fails) {
              throw Object.assign(new Error('busy'), { statusCode: 503 });
            }
          };
          for (const { rows, late, fails: nowFails, passMs } of calls) {
            fails = nowFails;
            const values = Array.from({ length: rows }, (_, index) => `${added + index}`);
            engine.add(late ? yesterday : today, schema, call(...values), rows * 20);
            added += rows;
            await clock.advance(passMs);
            expect(stored.reduce((sum, count) => sum + count, 0) + engine.pendingRows).toBe(added);
          }
          const storedRows = () => stored.reduce((sum, count) => sum + count, 0);
          const before = storedRows();
          const leftovers = await engine.stop();
          const lost = leftovers.lost.reduce((sum, { leaving }) => sum + leaving.rowCount, 0);
          expect(storedRows() + lost).toBe(added);
          expect(storedRows()).toBeGreaterThanOrEqual(before);
          const lines = sink.text().split('\n').slice(0, -1);
          expect(new Set(lines).size).toBe(storedRows());
          expect(lines).toHaveLength(storedRows());
        },
      ),
      { numRuns: 30 },
    );
  });
});

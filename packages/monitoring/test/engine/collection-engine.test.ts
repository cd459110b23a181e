import fc from 'fast-check';
import { CollectionEngine, type EngineOptions } from '../../src/engine/collection-engine.ts';
import type { Cell } from '../../src/format/csv-encode.ts';
import { RowSchema } from '../../src/rows/row-schema.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { MemorySink } from '../support/memory-sink.ts';

const schema = new RowSchema(['a']);
const today = { day: '2026-03-04', schema };
const yesterday = { day: '2026-03-03', schema };
const row = (text: string): Cell[] => [text, 'id', '', 'time', ''];

function start(options: Partial<EngineOptions> = {}) {
  const sink = new MemorySink();
  const clock = new FakeClock();
  const stored: number[] = [];
  const failures: string[] = [];
  const refused: number[] = [];
  const engine = new CollectionEngine({
    sink,
    clock,
    flushIntervalMs: 10_000,
    maxBatchBytes: 1000,
    maxBufferBytes: 10_000,
    random: () => 0.5,
    onStored: (rowCount) => stored.push(rowCount),
    onFailure: (failure) => failures.push(failure.cause),
    onRefused: (rowCount) => refused.push(rowCount),
    ...options,
  });
  return { engine, sink, clock, stored, failures, refused };
}

const never = () => new AbortController().signal;

describe('CollectionEngine', () => {
  it('sends what waits when its time has come, and not before', async () => {
    const { engine, sink, clock } = start();
    engine.add(today, [row('1'), row('2')], 40);
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
    const rows = Array.from({ length: 700 }, (_, index) => row(String(index)));
    engine.add(today, rows, 14_000);
    await settle();
    expect(sink.batches.map((batch) => batch.rowCount)).toEqual([700]);
    expect(sink.text().split('\n')[699]).toBe('699,id,,time,');
  });

  it('spreads its appends in time', () => {
    const delays = [0, 1].map((random) => {
      const { engine, clock } = start({ random: () => random });
      engine.add(today, [row('1')], 20);
      return clock.waiting[0];
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
    engine.add(today, [row('1')], 20);
    engine.add(today, [row('2')], 20);
    await settle();
    broken = false;
    engine.add(today, [row('3')], 20);
    await clock.advance(60_000);
    expect(sink.text()).toBe('1,id,,time,\n2,id,,time,\n3,id,,time,\n');
    expect(failures).toContain('ServerBusy');
  });

  it('does not let one failing file delay another', async () => {
    const { engine, sink } = start({ maxBatchBytes: 1 });
    sink.before = (batch) => {
      if (batch.key.day === yesterday.day) {
        return new Promise(() => undefined);
      }
      return undefined;
    };
    engine.add(yesterday, [row('late')], 20);
    engine.add(today, [row('new')], 20);
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
    engine.add(today, [row('1')], 20);
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
    engine.add(today, [row('1')], 20);
    await settle();
    expect(Math.max(...clock.waiting)).toBe(300_000);
    await clock.advance(299_000);
    expect(tries).toBe(1);
  });

  it('turns waiting cells into bytes soon, so that they hold on to nothing else', async () => {
    const { engine, clock } = start();
    engine.add(today, [row('1')], 900);
    expect(engine.pendingBytes).toBe(900);
    await clock.advance(100);
    expect(engine.pendingBytes).toBe('1,id,,time,\n'.length);
  });

  it('ends a flush at its limit although the append that runs hangs, and keeps the rows', async () => {
    const { engine, sink } = start({ maxBatchBytes: 1 });
    sink.before = () => new Promise(() => undefined);
    engine.add(today, [row('1')], 20);
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
    engine.add(today, [row('1')], 20);
    expect(await engine.flush(never())).toEqual([expect.objectContaining({ code: 'AuthorizationFailure' })]);
    expect(engine.pendingRows).toBe(1);
    expect(await engine.stop()).toBe(1);
    expect(engine.pendingRows).toBe(0);
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
          for (const call of calls) {
            fails = call.fails;
            const rows = Array.from({ length: call.rows }, (_, index) => row(`${added + index}`));
            engine.add(call.late ? yesterday : today, rows, call.rows * 20);
            added += call.rows;
            await clock.advance(call.passMs);
            expect(stored.reduce((sum, count) => sum + count, 0) + engine.pendingRows).toBe(added);
          }
          const storedRows = () => stored.reduce((sum, count) => sum + count, 0);
          const before = storedRows();
          const lost = await engine.stop();
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

import type { BatchKey, EncodedSlice } from '../../src/engine/batch.ts';
import { Recovery, type RecoveryOptions } from '../../src/engine/recovery.ts';
import { RowSchema } from '../../src/rows/row-schema.ts';
import { MemorySink } from '../../src/sinks/memory-sink.ts';
import type { AppendContext } from '../../src/sinks/row-sink.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { abandonedFile, FakeJournal } from '../support/fake-journal.ts';
import { stream } from '../support/workspace.ts';

const key: BatchKey = { stream, day: '2026-03-04', schema: new RowSchema(['a']) };
const slice = (sequence: number, text: string): EncodedSlice => {
  const bytes = Buffer.from(`${text}\n`);
  return { sequence, pieces: [bytes], byteLength: bytes.length, rowCount: 1 };
};
const never = () => new AbortController().signal;

function start(options: Partial<RecoveryOptions> = {}) {
  const sink = new MemorySink();
  const journal = new FakeJournal();
  const clock = new FakeClock();
  const recovered: [string, Map<string, number>][] = [];
  const failures: string[] = [];
  const refused: [string, number][] = [];
  const recovery = new Recovery({
    sink,
    journal,
    clock,
    maxBatchBytes: 4,
    random: () => 0.5,
    onFailure: (failure) => failures.push(failure.cause),
    onRefused: () => undefined,
    onRecovered: ({ writer }, stored) => recovered.push([writer, new Map(stored)]),
    ...options,
  });
  const leave = (...files: ReturnType<typeof abandonedFile>[]) => {
    journal.abandoned.push({
      writer: 'dead',
      stream,
      files,
      counters: new Map(),
      refuse: (day, rowCount) => refused.push([day, rowCount]),
      release: async () => undefined,
    });
  };
  return { recovery, sink, clock, journal, leave, recovered, refused, failures };
}

describe('Recovery', () => {
  it('stores what a dead process left, in order, and tells when all of it is stored', async () => {
    const { recovery, sink, leave, recovered } = start();
    const file = abandonedFile(key, [slice(3, 'a'), slice(5, 'b'), slice(6, 'c')]);
    leave(file);
    await recovery.look();
    expect(await recovery.flush(never())).toEqual([]);
    expect(sink.text()).toBe('a\nb\nc\n');
    expect(file.acknowledged.at(-1)).toBe(6);
    expect([recovery.stored, recovery.pending]).toEqual([3, 0]);
    expect(recovered).toEqual([['dead', new Map([['2026-03-04', 3]])]]);
    await recovery.stop();
  });

  it('begins with the batch that was on its way, exactly as it was, and hands its intent on', async () => {
    const { recovery, sink, leave } = start();
    const seen: [number, unknown][] = [];
    sink.before = (batch, context: AppendContext) => {
      seen.push([batch.rowCount, context.intent]);
    };
    leave(
      abandonedFile(key, [slice(1, 'a'), slice(2, 'b'), slice(3, 'c'), slice(4, 'd')], {
        first: 1,
        last: 3,
        value: 'at 17',
      }),
    );
    await recovery.look();
    expect(await recovery.flush(never())).toEqual([]);
    expect(seen).toEqual([
      [3, 'at 17'],
      [1, undefined],
    ]);
    await recovery.stop();
  });

  it('tries again after a passing fault, at once when somebody is in a hurry', async () => {
    const { recovery, sink, leave, failures } = start();
    let tries = 0;
    sink.before = () => {
      tries += 1;
      if (tries === 1) {
        throw Object.assign(new Error('busy'), { statusCode: 503, code: 'ServerBusy' });
      }
    };
    leave(abandonedFile(key, [slice(1, 'a')]));
    await recovery.look();
    await settle();
    expect(recovery.pending).toBe(1);
    expect(await recovery.flush(never())).toEqual([]);
    expect(failures).toEqual(['ServerBusy']);
    expect(recovery.stored).toBe(1);
    await recovery.stop();
  });

  it('does not hold up a flush when the store refuses for longer than a moment', async () => {
    const { recovery, sink, leave } = start();
    sink.before = () => {
      throw Object.assign(new Error('not you'), { statusCode: 403, code: 'AuthorizationFailure' });
    };
    leave(abandonedFile(key, [slice(1, 'a')]));
    await recovery.look();
    expect(await recovery.flush(never())).toEqual([expect.objectContaining({ code: 'AuthorizationFailure' })]);
    expect([recovery.stored, recovery.pending]).toEqual([0, 1]);
    await recovery.stop();
  });

  it('looks again from time to time', async () => {
    const { recovery, clock, leave } = start();
    await recovery.look();
    leave(abandonedFile(key, [slice(1, 'a')]));
    await clock.advance(30_000);
    await settle();
    expect(recovery.stored).toBe(1);
    await recovery.stop();
    leave(abandonedFile(key, [slice(1, 'b')]));
    await clock.advance(120_000);
    expect(recovery.stored).toBe(1);
  });

  it('counts what the store will never take apart from what it stored', async () => {
    const { recovery, sink, leave, recovered, refused } = start();
    sink.before = ({ bytes }) => {
      if (bytes.includes('b')) {
        throw Object.assign(new Error('too large'), { statusCode: 413 });
      }
    };
    leave(abandonedFile(key, [slice(1, 'a'), slice(2, 'b'), slice(3, 'c')]));
    await recovery.look();
    await recovery.flush(never());
    expect(recovered).toEqual([['dead', new Map([['2026-03-04', 2]])]]);
    expect(refused).toEqual([['2026-03-04', 1]]);
    await recovery.stop();
  });
});

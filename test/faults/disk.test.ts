import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { newFolder } from './support/folders.ts';
import { expectOnce } from './support/law.ts';
import { describeUnless, NO_MOUNTS, NO_RIGHTS, withReadOnly, withSmallDisk } from './support/permitted.ts';
import { type CollectorPlan, openPlan } from './support/plan.ts';
import './support/quiet.ts';
import { RemoteCollector } from './support/remote-collector.ts';
import { type Network, startSinks } from './support/sinks.ts';
import { column, countUp, rowsOf } from './support/stored-rows.ts';
import { rowsOfLines, type SinkKind, type TestSink } from './support/test-sink.ts';

const DISK_BYTES = 1_048_576;
/** One for each way of storing: journals are the same whatever kind of file is behind it. */
const KINDS: readonly SinkKind[] = ['append blobs', 'python blobs', 'sidecar', 'JSON Lines in blobs'];

const here = startSinks();
let test = 0;
let sink: TestSink;
let proxy: Network['proxy'];

function prepare(kind: SinkKind): void {
  test += 1;
  here.reset();
  sink = here.open(kind, `disk ${test}`, 'through the network');
  ({ proxy } = here.network(kind));
}

function planFor(journal: string, maxBytes?: number): CollectorPlan {
  return sink.plan(['x', 'y'], {
    journal: maxBytes === undefined ? { directory: journal } : { directory: journal, maxBytes },
    flushIntervalMs: 60_000,
    maxBatchBytes: 1_048_576,
  });
}

const rowsFrom = (first: number, count: number) => countUp(count, first).map((x) => [x, 'a'.repeat(80)]);
const codes = (remote: RemoteCollector) => remote.issues.map(({ code }) => code);

/** A journal that cannot be written must change nothing but what a kill leaves. */
async function expectMemoryOnly(remote: RemoteCollector, first: number): Promise<void> {
  await remote.collect(...rowsFrom(first, 600));
  await expect(remote.flush({ until: 'journal' })).rejects.toMatchObject({
    code: 'FLUSH_FAILED',
    message: expect.stringContaining('the journal is off, full or cannot be written'),
  });
  expect(await remote.stats()).toMatchObject({ journal: 'memory' });
  expect(codes(remote)).toEqual(['JOURNAL_UNAVAILABLE']);
  await remote.flush();
  await remote.collect(...rowsFrom(first + 600, 600));
  await remote.flush();
  expect(codes(remote)).toEqual(['JOURNAL_UNAVAILABLE']);
}

/** A collector on a small disk that has 256 rows in its journal, and cannot reach its store. */
async function startWithStoreAway(journal: string): Promise<RemoteCollector> {
  const remote = await RemoteCollector.start(planFor(journal), {
    through: withSmallDisk(journal, DISK_BYTES),
  });
  proxy.inject({ kind: 'cut' });
  await remote.collect(...rowsFrom(0, 256));
  await remote.flush({ until: 'journal' });
  return remote;
}

describeUnless(NO_MOUNTS, 'a disk that is full', () =>
  describe.each(KINDS)('with rows for %s', (kind) => {
    beforeEach(() => prepare(kind));

    it('where the journal is: rows wait in memory, it is told once, and the journal goes on when there is room', async () => {
      const journal = newFolder();
      const remote = await RemoteCollector.start(planFor(journal), {
        through: withSmallDisk(journal, DISK_BYTES),
      });
      await remote.collect(...rowsFrom(0, 300));
      await remote.flush({ until: 'journal' });
      expect(await remote.stats()).toMatchObject({ journal: 'disk' });
      await remote.flush();
      const ballast = path.join(journal, 'ballast');
      await remote.ask({ do: 'fill', file: ballast, leaveBytes: 0 });
      await expectMemoryOnly(remote, 300);

      await remote.ask({ do: 'free', file: ballast });
      // A disk that refused is asked again after a while.
      await remote.ask({ do: 'setClock', aheadMs: 60_000 });
      await remote.collect(...rowsFrom(1_500, 300));
      await remote.flush({ until: 'journal' });
      expect(await remote.stats()).toMatchObject({ journal: 'disk', pending: 300 });
      await remote.close();
      await expectOnce(sink, 1_800);
      await remote.end();
    });

    it('in the middle of a slice: what the journal had before is whole, and no row is stored twice', async () => {
      const journal = newFolder();
      const remote = await startWithStoreAway(journal);
      // Room for half of the next slice.
      await remote.ask({ do: 'fill', file: path.join(journal, 'ballast'), leaveBytes: 16_384 });
      await remote.collect(...rowsFrom(256, 256));
      await expect(remote.flush({ until: 'journal' })).rejects.toMatchObject({ code: 'FLUSH_FAILED' });
      await expect(remote.flush({ timeoutMs: 300 })).rejects.toMatchObject({ details: { keptRows: 512, lostRows: 0 } });
      proxy.clear();
      await remote.flush();
      await remote.close();
      expect(await remote.stats()).toMatchObject({ collected: 512, stored: 512 });
      await expectOnce(sink, 512);
      await remote.end();
    });

    it('at the end, with the store away: what only memory has is lost and counted, the rest is kept', async () => {
      const journal = newFolder();
      const remote = await startWithStoreAway(journal);
      await remote.ask({ do: 'fill', file: path.join(journal, 'ballast'), leaveBytes: 0 });
      await remote.collect(...rowsFrom(256, 100));
      await expect(remote.close(200)).rejects.toMatchObject({ details: { keptRows: 256, lostRows: 100 } });
      expect(await remote.stats()).toMatchObject({ collected: 356, stored: 0, pending: 256, dropped: { failed: 100 } });
      // The next collector of the process finds what is kept.
      proxy.clear();
      await remote.ask({ do: 'open', plan: planFor(journal), time: {} });
      await remote.flush();
      expect((await remote.stats()).recovered).toEqual({ stored: 256, pending: 0 });
      await remote.close();
      await expectOnce(sink, 256);
      await remote.end();
    });
  }),
);

describeUnless(NO_MOUNTS, 'a disk that is full where the rows go', () => {
  it.each(['directory', 'JSON Lines in a directory'] as const)(
    'takes half a row back, rows wait, and all are stored once there is room (%s)',
    async (kind) => {
      prepare(kind);
      const [directory = ''] = sink.folders;
      const remote = await RemoteCollector.start(planFor(newFolder()), {
        through: withSmallDisk(directory, DISK_BYTES),
      });
      await remote.collect(...rowsFrom(0, 10));
      await remote.flush();
      // Room for what a lock takes, and for half of the rows.
      const ballast = path.join(directory, 'ballast');
      await remote.ask({ do: 'fill', file: ballast, leaveBytes: 40_960 });
      await remote.collect(...rowsFrom(10, 600));
      await expect(remote.flush({ timeoutMs: 1_000 })).rejects.toMatchObject({
        details: { keptRows: 600, lostRows: 0 },
      });
      expect(codes(remote)).toEqual(['ENOSPC']);
      const ending = kind === 'directory' ? '.csv' : '.jsonl';
      const stored = async () => {
        const texts = await remote.ask<Map<string, string>>({ do: 'read below', folder: directory, ending });
        // The ledger is a file of lines too, but not of records.
        const files = [...texts].filter(([name]) => !name.endsWith('_ledger.jsonl'));
        return column(
          files.flatMap(([, text]) => (kind === 'directory' ? rowsOf : rowsOfLines)(text)),
          'x',
        );
      };
      expect(await stored()).toEqual(countUp(10));
      await remote.ask({ do: 'free', file: ballast });
      await remote.flush();
      await remote.close();
      expect(await stored()).toEqual(countUp(610));
      await remote.end();
    },
  );
});

describeUnless(NO_MOUNTS, 'a journal folder that is read-only', () => {
  beforeEach(() => prepare('append blobs'));

  it('changes nothing but that rows wait in memory, which is told once', async () => {
    const journal = newFolder();
    const remote = await RemoteCollector.start(planFor(journal), { through: withReadOnly(journal) });
    await expectMemoryOnly(remote, 0);
    await remote.close();
    await expectOnce(sink, 1_200);
    await remote.end();
  });
});

describeUnless(NO_RIGHTS, 'a journal folder without rights', () => {
  beforeEach(() => prepare('append blobs'));

  it('changes nothing but that rows wait in memory, which is told once', async () => {
    const journal = newFolder();
    await chmod(journal, 0o500);
    const remote = await RemoteCollector.start(planFor(journal));
    await expectMemoryOnly(remote, 0);
    await remote.close();
    await expectOnce(sink, 1_200);
    await remote.end();
    await chmod(journal, 0o700);
  });
});

describe.each(KINDS)('a journal that has its most bytes in use, with rows for %s', (kind) => {
  beforeEach(() => prepare(kind));

  it('takes no more until rows are stored, and says so once', async () => {
    const issues: string[] = [];
    const collector = openPlan(planFor(newFolder(), 262_144), { onError: ({ code }) => issues.push(code) });
    const give = (first: number, count: number) => collector.giveEach(rowsFrom(first, count));
    const fault = proxy.inject({ kind: 'cut' });
    give(0, 200);
    await collector.flush({ until: 'journal' });
    give(200, 3_000);
    await expect(collector.flush({ until: 'journal' })).rejects.toMatchObject({ code: 'FLUSH_FAILED' });
    expect(collector.stats()).toMatchObject({ pending: 3_200 });
    fault.remove();
    await collector.flush();
    give(3_200, 200);
    await collector.flush({ until: 'journal' });
    expect(collector.stats()).toMatchObject({ pending: 200, journal: 'disk' });
    await setImmediate();
    await collector.close();
    expect(issues.filter((code) => code.startsWith('JOURNAL'))).toEqual(['JOURNAL_FULL']);
    await expectOnce(sink, 3_400);
  });
});

import { readFileSync } from 'node:fs';
import { letTimePass, newFolder } from './support/folders.ts';
import { expectOnce } from './support/law.ts';
import { describeUnless, NO_CONTAINERS, OWN_CONTAINER } from './support/permitted.ts';
import type { CollectorPlan } from './support/plan.ts';
import './support/quiet.ts';
import { RemoteCollector, type RemoteTime } from './support/remote-collector.ts';
import { startSinks } from './support/sinks.ts';
import { countUp } from './support/stored-rows.ts';
import { hold, type Tap } from './support/tap.ts';
import type { SinkKind, TestSink } from './support/test-sink.ts';

/** One for each way of storing: journals are the same whatever kind of file is behind it. */
const KINDS: readonly SinkKind[] = ['append blobs', 'python blobs', 'sidecar', 'JSON Lines in blobs'];

const here = startSinks();
let test = 0;
let sink: TestSink;
let plan: CollectorPlan;
let tap: Tap;
let journal: string;

function prepare(kind: SinkKind): void {
  test += 1;
  here.reset();
  journal = newFolder();
  sink = here.open(kind, `folder ${test}`, 'through the network');
  plan = sink.plan(['x', 'y'], { journal: { directory: journal }, flushIntervalMs: 60_000, maxBatchBytes: 1_048_576 });
  ({ tap } = here.network(kind));
}

const rowsFrom = (first: number, count: number) => countUp(count, first).map((x) => [x, 'a']);
const recovered = async (remote: RemoteCollector) => (await remote.stats()).recovered;
const inProcess = (time: RemoteTime = {}) => RemoteCollector.start(plan, time);
const inContainer = (time: RemoteTime = {}) => RemoteCollector.start(plan, { ...time, through: OWN_CONTAINER });

/** A minute without a sign of life, after which leases are over too. */
async function passMinutes(): Promise<void> {
  letTimePass(journal, /^heartbeat$/);
  await sink.forgetDead();
}

/** Collects rows that only the journal has. */
async function journalRows(remote: RemoteCollector, first: number, count: number): Promise<void> {
  await remote.collect(...rowsFrom(first, count));
  await remote.flush({ until: 'journal' });
}

describe.each(KINDS)('several processes with one journal folder, and rows for %s', (kind) => {
  beforeEach(() => prepare(kind));

  it('keep their own rows as long as they live, whoever looks', async () => {
    const one = await inProcess();
    const other = await inProcess();
    await journalRows(one, 0, 300);
    await journalRows(other, 300, 300);
    const third = await inProcess();
    await third.flush();
    expect(await recovered(third)).toEqual({ stored: 0, pending: 0 });
    for (const remote of [one, other, third]) {
      await remote.flush();
      await remote.close();
      expect(await recovered(remote)).toEqual({ stored: 0, pending: 0 });
    }
    await expectOnce(sink, 600, { isByFile: true });
  });

  it('have the rows of one that was killed stored once, by whichever comes first', async () => {
    const dead = await inProcess();
    await journalRows(dead, 0, 300);
    await journalRows(dead, 300, 300);
    await dead.kill();
    const next = await Promise.all([inProcess(), inProcess(), inProcess()]);
    await Promise.all(next.map((remote) => remote.flush()));
    const counts = await Promise.all(next.map(recovered));
    expect(counts.map((count) => count.stored).sort()).toEqual([0, 0, 600]);
    await expectOnce(sink, 600, { isByFile: true });
    await Promise.all(next.map((remote) => remote.close()));
  });

  it('do not take one that stands still for dead', async () => {
    const still = await inProcess();
    await journalRows(still, 0, 300);
    still.child.process.kill('SIGSTOP');
    await passMinutes();
    const other = await inProcess({ hurry: 100 });
    await other.flush();
    expect(await recovered(other)).toEqual({ stored: 0, pending: 0 });
    await other.close();
    still.child.process.kill('SIGCONT');
    await still.flush();
    await still.close();
    await expectOnce(sink, 300, { isByFile: true });
  });
});

describeUnless(NO_CONTAINERS, 'two containers with one journal folder, in both of which the process has number 1', () =>
  describe.each(KINDS)('and rows for %s', (kind) => {
    beforeEach(() => prepare(kind));

    it('keep their own rows as long as they live', async () => {
      const one = await inContainer();
      const other = await inContainer();
      expect([await one.ask({ do: 'pid' }), await other.ask({ do: 'pid' })]).toEqual([1, 1]);
      await journalRows(one, 0, 300);
      await journalRows(other, 300, 300);
      const third = await inContainer({ hurry: 100 });
      await third.flush();
      expect(await recovered(third)).toEqual({ stored: 0, pending: 0 });
      for (const remote of [one, other, third]) {
        await remote.flush();
        await remote.close();
      }
      await expectOnce(sink, 600, { isByFile: true });
    });

    it('store the rows of one that died once it has given no sign of life for a minute, and not before', async () => {
      const dead = await inContainer();
      await journalRows(dead, 0, 300);
      await dead.kill();
      const early = await inContainer({ hurry: 100 });
      await early.flush();
      expect(await recovered(early)).toEqual({ stored: 0, pending: 0 });
      await early.close();
      await passMinutes();
      const late = await inContainer({ hurry: 100 });
      await late.flush();
      expect(await recovered(late)).toEqual({ stored: 300, pending: 0 });
      await late.close();
      await expectOnce(sink, 300, { isByFile: true });
    });

    it('store no row twice when one that was paused for minutes goes on', async () => {
      const paused = await inContainer();
      await journalRows(paused, 0, 300);
      const pid = innerPid(paused);
      process.kill(pid, 'SIGSTOP');
      await passMinutes();
      const other = await inContainer({ hurry: 100 });
      await other.flush();
      expect(await recovered(other)).toEqual({ stored: 300, pending: 0 });
      process.kill(pid, 'SIGCONT');
      await journalRows(paused, 300, 100);
      await paused.flush();
      expect(await paused.stats()).toMatchObject({ collected: 400, stored: 100, pending: 300 });
      // They are not lost, but not acknowledged to this process either.
      await expect(paused.close()).rejects.toMatchObject({ details: { keptRows: 300, lostRows: 0 } });
      expect(paused.issues.map(({ code }) => code)).toEqual(['JOURNAL_TAKEN']);
      await other.close();
      await expectOnce(sink, 400, { isByFile: true });
    });

    it.each(['before', 'after'] as const)(
      'store no row twice when one was paused right %s the store got its rows',
      async (when) => {
        const paused = await inContainer();
        await paused.collect(...rowsFrom(0, 10));
        await paused.flush();
        await journalRows(paused, 10, 300);
        const pid = innerPid(paused);
        const held = hold();
        let writes = 0;
        tap.decide = ({ write }) => {
          writes += write > 0 ? 1 : 0;
          return write > 0 && writes === 1 ? { [when]: held.wait } : undefined;
        };
        const flushed = paused.flush();
        await held.reached;
        process.kill(pid, 'SIGSTOP');
        await passMinutes();
        const other = await inContainer({ hurry: 100 });
        await other.flush();
        expect(await recovered(other)).toEqual({ stored: 300, pending: 0 });
        held.release();
        process.kill(pid, 'SIGCONT');
        await flushed;
        await paused.collect(...rowsFrom(310, 100));
        await paused.flush();
        await paused.close().catch(() => undefined);
        await other.close();
        // The other one cannot know that the sidecar has the record that was under way.
        await expectOnce(sink, 410, { isByFile: true, again: kind === 'sidecar' ? 1 : 0 });
      },
    );
  }),
);

/** Number that the process in a container has outside of it. */
function innerPid(remote: RemoteCollector): number {
  const outer = remote.child.process.pid ?? 0;
  return Number(readFileSync(`/proc/${outer}/task/${outer}/children`, 'utf8').trim());
}

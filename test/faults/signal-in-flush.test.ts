import { setImmediate } from 'node:timers/promises';
import { newFolder } from './support/folders.ts';
import { expectOnce } from './support/law.ts';
import { type CollectorPlan, openPlan } from './support/plan.ts';
import './support/quiet.ts';
import { RemoteCollector } from './support/remote-collector.ts';
import { type Network, startSinks } from './support/sinks.ts';
import { countUp } from './support/stored-rows.ts';
import { type Fate, hold } from './support/tap.ts';
import { NETWORK_KINDS, type SinkKind, type TestSink } from './support/test-sink.ts';

const here = startSinks();
let test = 0;
let sink: TestSink;
let plan: CollectorPlan;
let tap: Network['tap'];

function prepare(kind: SinkKind): void {
  test += 1;
  here.reset();
  sink = here.open(kind, `signal ${test}`, 'through the network');
  plan = sink.plan(['x', 'y'], {
    journal: { directory: newFolder() },
    flushIntervalMs: 60_000,
    maxBatchBytes: 1_048_576,
  });
  ({ tap } = here.network(kind));
}

const rowsFrom = (first: number, count: number) => countUp(count, first).map((x) => [x, 'a']);

/** Rows of the process that has ended, as the next one finds them. */
async function recovered(): Promise<number> {
  await sink.forgetDead();
  const next = openPlan(plan);
  await setImmediate();
  await next.flush();
  await next.close();
  return next.stats().recovered.stored;
}

describe.each(NETWORK_KINDS)('SIGTERM while a flush writes to %s', (kind) => {
  beforeEach(() => prepare(kind));

  it.each<[when: string, fate: (kill: () => void) => Fate]>([
    ['before the store has the rows', (kill) => ({ before: kill })],
    ['before the store would have them, but it never gets them', (kill) => ({ before: kill, request: 'lost' })],
    ['after the store has them', (kill) => ({ after: kill })],
    ['after the store has them, and the answer is lost', (kill) => ({ after: kill, answer: 'lost' })],
  ])('%s: all rows are stored once, and the signal ends the process', async (_, fate) => {
    const remote = await RemoteCollector.start(plan);
    await remote.collect(...rowsFrom(0, 10));
    await remote.flush();
    // Records take a request each: in the middle of a batch.
    const meant = kind === 'sidecar' ? 100 : 1;
    let writes = 0;
    tap.decide = ({ write }) => {
      writes += write > 0 ? 1 : 0;
      return write > 0 && writes === meant ? fate(() => void remote.child.process.kill('SIGTERM')) : undefined;
    };
    await remote.collect(...rowsFrom(10, 300));
    // The process may end before it can say what became of it.
    remote.flush().catch(() => undefined);
    const { code, signal } = await remote.child.ended;
    expect([code, signal]).toEqual([null, 'SIGTERM']);
    await expectOnce(sink, 310, { again: kind === 'sidecar' ? 1 : 0 });
    expect(await recovered()).toBe(0);
  });

  it('twice: the process ends at once, and the journal has the rows', async () => {
    const remote = await RemoteCollector.start(plan);
    await remote.collect(...rowsFrom(0, 10));
    await remote.flush();
    let kills = 0;
    const held = hold();
    // Another signal than the first is no echo of it.
    const kill = () => remote.child.process.kill(kills++ % 2 === 0 ? 'SIGTERM' : 'SIGINT');
    tap.decide = () => ({ before: held.wait, request: 'lost' });
    await remote.collect(...rowsFrom(10, 300));
    remote.flush().catch(() => undefined);
    await held.reached;
    kill();
    const timer = setInterval(kill, 300);
    const { signal } = await remote.child.ended;
    clearInterval(timer);
    held.release();
    expect(['SIGTERM', 'SIGINT']).toContain(signal);
    tap.decide = () => undefined;
    expect(await recovered()).toBe(300);
    await expectOnce(sink, 310);
  });
});

it.each(['append blobs', 'sidecar'] as const)(
  'SIGTERM while a flush to %s hangs: the process ends in its time, and the journal has the rows',
  async (kind) => {
    prepare(kind);
    const remote = await RemoteCollector.start(plan);
    await remote.collect(...rowsFrom(0, 10));
    await remote.flush();
    const held = hold();
    tap.decide = () => ({ before: held.wait, request: 'lost' });
    await remote.collect(...rowsFrom(10, 300));
    remote.flush().catch(() => undefined);
    await held.reached;
    remote.child.process.kill('SIGTERM');
    const { code, signal, stderr } = await remote.child.ended;
    held.release();
    expect([code, signal]).toEqual([null, 'SIGTERM']);
    expect(stderr).toContain('300 rows are kept in the journal');
    tap.decide = () => undefined;
    expect(await recovered()).toBe(300);
    await expectOnce(sink, 310);
  },
);

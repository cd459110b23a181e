import { setImmediate } from 'node:timers/promises';
import { newFolder } from './support/folders.ts';
import { type CollectorPlan, openPlan } from './support/plan.ts';
import './support/quiet.ts';
import { startSinks } from './support/sinks.ts';
import { NETWORK_KINDS, type SinkKind, type TestSink } from './support/test-sink.ts';
import { WRITER_COLUMNS } from './support/writer-task.ts';
import { NO_FAULTS, Writer } from './support/writers.ts';

const WRITERS = ['w1', 'w2', 'w3'];
const CALLS = [1, 7, 20, 4];
const CHUNKS = 24;
/** Where many writers share a file of their own making; the others have fewer deaths, for they share less. */
const MANY_KILLS = new Set<SinkKind>(['append blobs', 'block blobs']);

const here = startSinks();
let writers: Writer[] = [];

afterEach(() => Promise.all(writers.map((writer) => writer.stop())));

function planFor(sink: TestSink, journal: string): CollectorPlan {
  return sink.plan(WRITER_COLUMNS, { journal: { directory: journal }, flushIntervalMs: 20, maxBatchBytes: 4_000 });
}

/** Stores what the last ones to die have left, and tells how many rows that were. */
async function sweep(plan: CollectorPlan): Promise<number> {
  const collector = openPlan(plan);
  await setImmediate();
  await collector.flush();
  const { stored, pending } = collector.stats().recovered;
  await collector.close();
  expect(pending).toBe(0);
  return stored;
}

function taskOf(writer: string, plan: CollectorPlan) {
  return { writer, plan, chunks: CHUNKS, calls: CALLS, storeEvery: 4 };
}

async function expectAllStored(sink: TestSink): Promise<void> {
  const files = await sink.files();
  for (const writer of writers) {
    expect(writer.faults(files)).toEqual(NO_FAULTS);
  }
}

describe('several writers of one sink, killed again and again', () => {
  it.each(NETWORK_KINDS)(
    'store each row that their journals had once and in order in %s, with answers and requests lost',
    async (kind) => {
      const sink = here.open(kind, `writers ${kind}`, 'through the network');
      const plan = planFor(sink, newFolder());
      const { proxy, tap } = here.network(kind);
      here.reset();
      const method = kind === 'sidecar' ? 'POST' : 'PUT';
      // A batch of Python's blobs takes six requests in a row.
      const share = kind === 'python blobs' ? 0.25 : 1;
      const lost = proxy.inject({ kind: 'loseAnswer', method, probability: 0.2 * share, seed: 4711 });
      proxy.inject({ kind: 'cut', probability: 0.1 * share, seed: 815 });
      writers = WRITERS.map((name) => new Writer(taskOf(name, plan)));
      const mostKills = MANY_KILLS.has(kind) ? 45 : 12;
      let writes = 0;
      let kills = 0;
      tap.decide = ({ write, body }) => {
        if (write === 0) {
          return undefined;
        }
        writes += 1;
        // Whose rows these are; a list of blocks has none.
        const name = /^w\d(?=,)|(?<="writer":")w\d/m.exec(body.toString('latin1', 0, 400))?.[0];
        const victim = writers[name === undefined ? writes % writers.length : WRITERS.indexOf(name)];
        if (writes % 9 !== 0 || victim === undefined || kills === mostKills) {
          return undefined;
        }
        const kill = async () => {
          kills += victim.kill() ? 1 : 0;
          await sink.forgetDead();
        };
        // Half of them die before the store has heard of the rows, half before they hear of the store.
        return writes % 2 === 0 ? { before: kill, request: 'lost' } : { after: kill, answer: 'lost' };
      };
      await Promise.all(writers.map((writer) => writer.run()));
      tap.decide = () => undefined;
      expect(kills).toBe(mostKills);
      expect(proxy.hits()).toBeGreaterThan(kills);
      const lostAnswers = lost.hits + kills;
      proxy.clear();
      await sink.forgetDead();
      await sweep(plan);
      await expectAllStored(sink);
      expect(await sink.again()).toBeLessThanOrEqual(kind === 'sidecar' ? lostAnswers : 0);
      expect(await sweep(plan)).toBe(0);
    },
  );

  it.each([
    ['directory', 20],
    ['JSON Lines in a directory', 5],
  ] as const)(
    'store each row that their journals had once and in order in a %s of all of them',
    async (kind, lives) => {
      const sink = here.open(kind, `writers ${kind}`);
      const plan = planFor(sink, newFolder());
      // At a counted step of the file system, another one in each life: in the middle of appends, locks and journals.
      const deathsOf = (index: number) =>
        Array.from({ length: lives }, (_, life) => 20 + ((index * 97 + life * 61) % 331));
      writers = WRITERS.map((name, index) => new Writer(taskOf(name, plan), deathsOf(index)));
      await Promise.all(writers.map((writer) => writer.run()));
      expect(writers.map(({ kills }) => kills)).toEqual([lives, lives, lives]);
      await sweep(plan);
      await expectAllStored(sink);
      expect(await sweep(plan)).toBe(0);
    },
  );
});

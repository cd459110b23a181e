import { setImmediate } from 'node:timers/promises';
import { messageOf, type ProcessEnd, startChild } from './support/children.ts';
import type { Ending, EndingMessage, EndingTask } from './support/ending-task.ts';
import { newFolder } from './support/folders.ts';
import { expectOnce } from './support/law.ts';
import { type CollectorPlan, openPlan } from './support/plan.ts';
import './support/quiet.ts';
import { startSinks } from './support/sinks.ts';
import { countUp } from './support/stored-rows.ts';
import type { SinkKind } from './support/test-sink.ts';

const ROWS = 1_000;
/** Records for the sidecar, of which each takes a request. */
const RECORDS = 200;
/** Nothing is sent before the end. */
const AT_THE_END = { flushIntervalMs: 60_000, maxBatchBytes: 1_048_576 };

const here = startSinks();
let test = 0;

/** Runs the program to its end; `signal` is sent to who collects once it has. */
async function run(task: EndingTask, signal?: NodeJS.Signals): Promise<ProcessEnd> {
  const child = startChild('ending.ts', { args: [JSON.stringify(task)] });
  if (signal !== undefined) {
    const { pid } = await messageOf<EndingMessage>(child);
    process.kill(pid, signal);
  }
  return child.ended;
}

interface Case {
  readonly where?: EndingTask['where'];
  readonly how: Ending;
  readonly mainEnds?: Ending;
  readonly signal?: NodeJS.Signals;
  /** Whether the rows are stored when the process has ended; else the next process stores them. */
  readonly isStored: boolean;
}

const CASES: readonly (readonly [what: string, Case])[] = [
  ['comes to its natural end', { how: 'natural', isStored: true }],
  ['is ended by SIGTERM', { how: 'waits', signal: 'SIGTERM', isStored: true }],
  ['is ended by SIGINT', { how: 'waits', signal: 'SIGINT', isStored: true }],
  ['has its own handler for SIGTERM', { how: 'own handler', signal: 'SIGTERM', isStored: true }],
  ['calls process.exit()', { how: 'process.exit(4)', isStored: false }],
  ['throws an error that nobody catches', { how: 'uncaught error', isStored: false }],
  ['has its own handler for such errors', { how: 'own error handler', isStored: false }],
  ['leaves a rejection unhandled', { how: 'unhandled rejection', isStored: false }],
  ['is killed after its rows were in the journal', { how: 'terminated', signal: 'SIGKILL', isStored: false }],
  ['collects in a thread that ends', { where: 'worker thread', how: 'natural', isStored: true }],
  ['collects in a thread that exits', { where: 'worker thread', how: 'process.exit(4)', isStored: false }],
  ['collects in a thread that throws', { where: 'worker thread', how: 'uncaught error', isStored: false }],
  ['collects in a thread that is terminated', { where: 'worker thread', how: 'terminated', isStored: false }],
  [
    'collects in a thread and is ended by SIGTERM',
    { where: 'worker thread', how: 'waits', signal: 'SIGTERM', isStored: true },
  ],
  [
    'collects in a thread and calls process.exit()',
    { where: 'worker thread', how: 'waits', mainEnds: 'process.exit(4)', isStored: false },
  ],
  [
    'is a cluster worker and is ended by SIGTERM',
    { where: 'cluster worker', how: 'waits', signal: 'SIGTERM', isStored: true },
  ],
  ['is a cluster worker and exits', { where: 'cluster worker', how: 'process.exit(4)', isStored: false }],
  ['is a cluster worker that is disconnected', { where: 'cluster worker', how: 'natural', isStored: true }],
];

/** How each program ends without us. */
const withoutUs = new Map<Case, Promise<ProcessEnd>>();

function taskOf({ where = 'main thread', how, mainEnds }: Case, rows = 0, plan?: CollectorPlan): EndingTask {
  return { where, how, mainEnds, isKnown: true, rows, plan };
}

/** Runs it with us, and expects the end that it has without us. */
async function expectSameEnd(given: Case, rows: number, plan: CollectorPlan): Promise<ProcessEnd> {
  const before = withoutUs.get(given) ?? run(taskOf(given), given.signal);
  withoutUs.set(given, before);
  const [without, withUs] = await Promise.all([before, run(taskOf(given, rows, plan), given.signal)]);
  expect([withUs.code, withUs.signal]).toEqual([without.code, without.signal]);
  return withUs;
}

async function expectNoneLost(kind: SinkKind, given: Case): Promise<void> {
  test += 1;
  const sink = here.open(kind, `end ${test}`);
  const plan = sink.plan(['x', 'y'], { journal: { directory: newFolder() }, ...AT_THE_END });
  const count = kind === 'sidecar' ? RECORDS : ROWS;
  await expectSameEnd(given, count, plan);
  expect((await sink.files()).flat()).toHaveLength(given.isStored ? count : 0);
  const next = openPlan(plan);
  await setImmediate();
  await next.flush();
  expect(next.stats().recovered).toEqual({ stored: given.isStored ? 0 : count, pending: 0 });
  await next.close();
  await expectOnce(sink, count);
}

describe.each<SinkKind>(['append blobs', 'directory', 'sidecar'])('a process with rows for %s', (kind) => {
  it.each(CASES)('that %s: it ends as it would without us, and no row is lost', (_, given) =>
    expectNoneLost(kind, given),
  );
});

/** One of each way to end; the others differ only in who hears of the end, which is not the sink. */
const EACH_WAY = CASES.filter(
  ([, { where, how }]) => where === undefined && !how.startsWith('own') && !how.startsWith('un'),
);

describe.each<SinkKind>(['python blobs', 'JSON Lines in blobs', 'JSON Lines in a directory'])(
  'a process with rows for %s',
  (kind) => {
    it.each(EACH_WAY)('that %s: it ends as it would without us, and no row is lost', (_, given) =>
      expectNoneLost(kind, given),
    );
  },
);

describe('a process with rows for standard output', () => {
  // Without a journal nothing is left of a process that is killed; and what a thread says goes through the main thread.
  const LEFT = CASES.filter(([, { how, where, mainEnds }]) => {
    return how !== 'terminated' && mainEnds === undefined && where !== 'cluster worker';
  });

  it.each(LEFT)('that %s: it ends as it would without us, and what is not printed is told', async (_, given) => {
    const plan = { columns: ['x', 'y'], records: { name: 'model_inputs', sink: 'stdout' as const, ...AT_THE_END } };
    const { stdout, stderr } = await expectSameEnd(given, ROWS, plan);
    const lines = stdout.split('\n').filter((line) => line.includes(' | model_inputs | '));
    const printed = lines.map((line) => JSON.parse(line.split(' | ')[3] ?? '')[0].x as number);
    expect(printed.map(String)).toEqual(countUp(given.isStored ? ROWS : 0));
    expect(stderr.includes(`${ROWS} rows are given up`)).toBe(!given.isStored);
  });
});

import { setImmediate } from 'node:timers/promises';
import { ModelDataCollector, type ModelDataCollectorOptions } from '@azureml-ts/monitoring';
import { messageOf, type ProcessEnd, startChild } from './support/children.ts';
import type { Ending, EndingMessage, EndingTask } from './support/ending-task.ts';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { allRows, column, countUp } from './support/stored-rows.ts';
import { type BlobStores, identityOf, type StoreKind, startBlobStores, testStore } from './support/stores.ts';

const ROWS = 1_000;

let stores: BlobStores;
let service = 0;

beforeAll(async () => {
  stores = await startBlobStores();
});
afterAll(() => stores.close());

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

describe.each<StoreKind>(['append blobs', 'directory'])('a process with rows for %s', (kind) => {
  it.each(CASES)('that %s: it ends as it would without us, and no row is lost', async (_, given) => {
    const { where = 'main thread', how, mainEnds, signal, isStored } = given;
    service += 1;
    const name = `end-${service}`;
    const store = testStore(kind, name, stores.account, stores.azurite.connectionString);
    const options = {
      ...identityOf(name),
      ...store.options,
      designation: 'inputs',
      journal: { directory: newFolder() },
      flushIntervalMs: 60_000,
    } satisfies ModelDataCollectorOptions;
    const task: EndingTask = { where, how, mainEnds, isKnown: true, rows: ROWS };
    const [without, withUs] = await Promise.all([run(task, signal), run({ ...task, options }, signal)]);
    expect([withUs.code, withUs.signal]).toEqual([without.code, without.signal]);

    const stored = column(allRows(await store.files()), 'x');
    expect(stored).toHaveLength(isStored ? ROWS : 0);
    const next = new ModelDataCollector('best_model', { ...options, featureNames: ['x', 'y'] });
    await setImmediate();
    await next.flush();
    expect(next.stats().recovered).toEqual({ stored: isStored ? 0 : ROWS, pending: 0 });
    await next.close();
    expect(column(allRows(await store.files()), 'x')).toEqual(countUp(ROWS));
  });
});

import { setImmediate } from 'node:timers/promises';
import { ModelDataCollector, type ModelDataCollectorOptions } from '@azureml-ts/monitoring';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { RemoteCollector } from './support/remote-collector.ts';
import { allRows, column, countUp } from './support/stored-rows.ts';
import { identityOf, type TestStore, testStore } from './support/stores.ts';
import { type Fate, hold } from './support/tap.ts';
import { tappedStores } from './support/tapped-stores.ts';

const here = tappedStores();
let service = 0;
let store: TestStore;
let options: ModelDataCollectorOptions;

function prepare(kind: 'append blobs' | 'block blobs'): void {
  service += 1;
  const name = `signal-${service}`;
  here.reset();
  store = testStore(kind, name, here.stores.account, here.tap.connectionString);
  options = {
    ...identityOf(name),
    ...store.options,
    designation: 'inputs',
    featureNames: ['x', 'y'],
    journal: { directory: newFolder() },
    flushIntervalMs: 60_000,
  };
}

const rowsFrom = (first: number, count: number) => countUp(count, first).map((x) => [x, 'a']);
const stored = async () => column(allRows(await store.files()), 'x');

/** Rows of the process that has ended, as the next one finds them. */
async function recovered(): Promise<number> {
  const next = new ModelDataCollector('best_model', options);
  await setImmediate();
  await next.flush();
  await next.close();
  return next.stats().recovered.stored;
}

describe.each(['append blobs', 'block blobs'] as const)('SIGTERM while a flush writes to %s', (kind) => {
  beforeEach(() => prepare(kind));

  it.each<[when: string, fate: (kill: () => void) => Fate]>([
    ['before the store has the rows', (kill) => ({ before: kill })],
    ['before the store would have them, but it never gets them', (kill) => ({ before: kill, request: 'lost' })],
    ['after the store has them', (kill) => ({ after: kill })],
    ['after the store has them, and the answer is lost', (kill) => ({ after: kill, answer: 'lost' })],
  ])('%s: all rows are stored once, and the signal ends the process', async (_, fate) => {
    const remote = await RemoteCollector.start('best_model', options);
    await remote.collect(...rowsFrom(0, 10));
    await remote.flush();
    let writes = 0;
    here.tap.decide = ({ write }) => {
      writes += write > 0 ? 1 : 0;
      return write > 0 && writes === 1 ? fate(() => void remote.child.process.kill('SIGTERM')) : undefined;
    };
    await remote.collect(...rowsFrom(10, 300));
    // The process may end before it can say what became of it.
    remote.flush().catch(() => undefined);
    const { code, signal } = await remote.child.ended;
    expect([code, signal]).toEqual([null, 'SIGTERM']);
    expect(await stored()).toEqual(countUp(310));
    expect(await recovered()).toBe(0);
  });

  it('twice: the process ends at once, and the journal has the rows', async () => {
    const remote = await RemoteCollector.start('best_model', options);
    await remote.collect(...rowsFrom(0, 10));
    await remote.flush();
    let kills = 0;
    const held = hold();
    // Another signal than the first is no echo of it.
    const kill = () => remote.child.process.kill(kills++ % 2 === 0 ? 'SIGTERM' : 'SIGINT');
    here.tap.decide = () => ({ before: held.wait, request: 'lost' });
    await remote.collect(...rowsFrom(10, 300));
    remote.flush().catch(() => undefined);
    await held.reached;
    kill();
    const timer = setInterval(kill, 300);
    const { signal } = await remote.child.ended;
    clearInterval(timer);
    held.release();
    expect(['SIGTERM', 'SIGINT']).toContain(signal);
    here.tap.decide = () => undefined;
    expect(await recovered()).toBe(300);
    expect(await stored()).toEqual(countUp(310));
  });
});

it('SIGTERM while a flush waits for a store that hangs: the process ends in its time, and the journal has the rows', async () => {
  prepare('append blobs');
  const remote = await RemoteCollector.start('best_model', options);
  await remote.collect(...rowsFrom(0, 10));
  await remote.flush();
  const held = hold();
  here.tap.decide = () => ({ before: held.wait, request: 'lost' });
  await remote.collect(...rowsFrom(10, 300));
  remote.flush().catch(() => undefined);
  await held.reached;
  remote.child.process.kill('SIGTERM');
  const { code, signal, stderr } = await remote.child.ended;
  held.release();
  expect([code, signal]).toEqual([null, 'SIGTERM']);
  expect(stderr).toContain('300 rows are kept in the journal');
  here.tap.decide = () => undefined;
  expect(await recovered()).toBe(300);
  expect(await stored()).toEqual(countUp(310));
});

import { setImmediate } from 'node:timers/promises';
import { ModelDataCollector, type ModelDataCollectorOptions } from '@azureml-ts/monitoring';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { allRows } from './support/stored-rows.ts';
import { identityOf, type TestStore, testStore } from './support/stores.ts';
import { tappedStores } from './support/tapped-stores.ts';

import { WRITER_COLUMNS } from './support/writer-task.ts';
import { NO_FAULTS, Writer } from './support/writers.ts';

const WRITERS = ['w1', 'w2', 'w3'];
const CALLS = [1, 7, 20, 4];
const CHUNKS = 24;
const KILLS = 45;

const here = tappedStores();
let writers: Writer[] = [];

afterEach(() => Promise.all(writers.map((writer) => writer.stop())));

function optionsFor(store: TestStore, service: string, journal: string): ModelDataCollectorOptions {
  return {
    ...identityOf(service),
    ...store.options,
    designation: 'inputs',
    featureNames: WRITER_COLUMNS,
    journal: { directory: journal },
    flushIntervalMs: 20,
    maxBatchBytes: 4_000,
  };
}

/** Stores what the last ones to die have left, and tells how many rows that were. */
async function sweep(options: ModelDataCollectorOptions): Promise<number> {
  const collector = new ModelDataCollector('best_model', options);
  await setImmediate();
  await collector.flush();
  const { stored, pending } = collector.stats().recovered;
  await collector.close();
  expect(pending).toBe(0);
  return stored;
}

function taskOf(writer: string, options: ModelDataCollectorOptions) {
  const { featureNames: _, ...plain } = options;
  return { writer, modelName: 'best_model', options: plain, chunks: CHUNKS, calls: CALLS, storeEvery: 4 };
}

async function expectAllStored(store: TestStore): Promise<void> {
  const rows = allRows(await store.files());
  for (const writer of writers) {
    expect(writer.faults(rows)).toEqual(NO_FAULTS);
  }
}

describe('several writers of one file, killed again and again', () => {
  it.each(['append blobs', 'block blobs'] as const)(
    'store each row that their journals had once and in order in %s, with one answer in five and one request in ten lost',
    async (kind) => {
      const service = `writers-${kind.replace(' ', '-')}`;
      const store = testStore(kind, service, here.stores.account, here.tap.connectionString);
      const options = optionsFor(store, service, newFolder());
      here.stores.proxy.clear();
      here.stores.proxy.inject({ kind: 'loseAnswer', method: 'PUT', probability: 0.2, seed: 4711 });
      here.stores.proxy.inject({ kind: 'cut', probability: 0.1, seed: 815 });
      writers = WRITERS.map((name) => new Writer(taskOf(name, options)));
      let writes = 0;
      let kills = 0;
      here.tap.decide = ({ write, body }) => {
        if (write === 0) {
          return undefined;
        }
        writes += 1;
        // Whose rows these are; a list of blocks has none.
        const name = /^(w\d),/m.exec(body.toString('latin1', 0, 300))?.[1];
        const victim = writers[name === undefined ? writes % writers.length : WRITERS.indexOf(name)];
        if (writes % 9 !== 0 || victim === undefined || kills === KILLS) {
          return undefined;
        }
        const kill = () => {
          kills += victim.kill() ? 1 : 0;
        };
        // Half of them die before the store has heard of the rows, half before they hear of the store.
        return writes % 2 === 0 ? { before: kill, request: 'lost' } : { after: kill, answer: 'lost' };
      };
      await Promise.all(writers.map((writer) => writer.run()));
      here.tap.decide = () => undefined;
      expect(kills).toBe(KILLS);
      expect(here.stores.proxy.hits()).toBeGreaterThan(kills);
      here.stores.proxy.clear();
      await sweep(options);
      await expectAllStored(store);
      expect(await sweep(options)).toBe(0);
    },
  );

  it('store each row that their journals had once and in order in a file that all of them write to', async () => {
    const store = testStore('directory', 'writers', here.stores.account, '');
    const options = optionsFor(store, 'writers', newFolder());
    // At a counted step of the file system, another one in each life: in the middle of appends, locks and journals.
    const deathsOf = (index: number) => Array.from({ length: 20 }, (_, life) => 20 + ((index * 97 + life * 61) % 331));
    writers = WRITERS.map((name, index) => new Writer(taskOf(name, options), deathsOf(index)));
    await Promise.all(writers.map((writer) => writer.run()));
    expect(writers.map(({ kills }) => kills)).toEqual([20, 20, 20]);
    await sweep(options);
    await expectAllStored(store);
    expect(await sweep(options)).toBe(0);
  });
});

import { setImmediate } from 'node:timers/promises';
import { Collector, type CollectorOptions } from '@azureml-ts/monitoring';
import { type CollectionSidecar, startCollectionSidecar } from '@azureml-ts/testing';
import { childFile, startChild } from './support/children.ts';
import { newFolder, textsBelow } from './support/folders.ts';
import './support/quiet.ts';
import type { RecordMessage, RecordTask } from './support/record-task.ts';
import { type BlobStores, startBlobStores } from './support/stores.ts';

/** Each chunk is journaled, and every second one delivered with that before, ahead of the next. */
const PLAN = { chunks: 3, records: 4, deliverEvery: 2 };

interface Row {
  readonly life: number;
  readonly number: number;
}

/** Where records go, and what has arrived there: file by file, each in order. */
interface Receiver {
  readonly sink: CollectorOptions['sink'];
  arrived(): Promise<Row[][]>;
  close(): Promise<void>;
}

let stores: BlobStores;
beforeAll(async () => {
  stores = await startBlobStores();
});
afterAll(() => stores.close());

function rowsOfLines(text: string): Row[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.flatMap((line) => (JSON.parse(line) as { data: Row[] }).data);
}

async function toSidecar(): Promise<Receiver> {
  const sidecar: CollectionSidecar = await startCollectionSidecar();
  return {
    sink: { port: sidecar.port },
    arrived: async () => [sidecar.records().flatMap(({ body }) => JSON.parse(body) as Row[])],
    close: () => sidecar.close(),
  };
}

async function toFolder(): Promise<Receiver> {
  const directory = newFolder();
  return {
    sink: { directory },
    arrived: async () => [...(await textsBelow(directory, '.jsonl')).values()].map(rowsOfLines),
    close: async () => undefined,
  };
}

let containers = 0;
async function toBlobs(): Promise<Receiver> {
  containers += 1;
  const container = `records-${containers}`;
  const { account, azurite } = stores;
  return {
    sink: { connectionString: azurite.connectionString, container },
    arrived: async () => {
      const files: Row[][] = [];
      for (const name of await account.list(container)) {
        files.push(rowsOfLines(await account.read(`${container}/${name}`)));
      }
      return files;
    },
    close: async () => undefined,
  };
}

/** One life of a process that ends at a counted step. */
async function live(task: RecordTask, dieAt: number) {
  const child = startChild('collect-records.ts', {
    args: [JSON.stringify(task)],
    execArgv: ['--import', childFile('die-at.ts')],
    env: { DIE_AT: String(dieAt) },
  });
  let journaledTo = 0;
  let isDone = false;
  child.process.on('message', (message: RecordMessage) => {
    journaledTo = 'journaledTo' in message ? message.journaledTo : journaledTo;
    isDone ||= 'isDone' in message;
  });
  const { code, signal, stderr } = await child.ended;
  if (signal !== 'SIGKILL' && code !== 0) {
    throw new Error(`The process ended with ${signal ?? code}. ${stderr.slice(-2_000)}`);
  }
  return { journaledTo, isDone };
}

async function recover(options: CollectorOptions): Promise<void> {
  const collector = new Collector(options);
  await setImmediate();
  await collector.flush();
  await collector.close();
}

describe.each([
  ['the sidecar', toSidecar, 1],
  ['a folder', toFolder, 0],
  ['blobs', toBlobs, 0],
] as const)('a process that collects records for %s', (_, open, againForEachDeath) => {
  async function dieAndRecover(deaths: readonly number[]): Promise<boolean> {
    const receiver = await open();
    try {
      const options = {
        name: 'model_inputs',
        sink: receiver.sink,
        journal: { directory: newFolder() },
        flushIntervalMs: 60_000,
      } satisfies CollectorOptions;
      const lives: { journaledTo: number; isDone: boolean }[] = [];
      for (const [life, dieAt] of deaths.entries()) {
        lives.push(await live({ ...PLAN, options, life }, dieAt));
      }
      await recover(options);
      const arrived = await receiver.arrived();
      for (const [life, { journaledTo, isDone }] of lives.entries()) {
        const inFiles = arrived.map((rows) => rows.filter((row) => row.life === life).map(({ number }) => number));
        const numbers = inFiles.flat();
        const once = [...new Set(numbers)].sort((one, two) => one - two);
        // All that the journal had, and perhaps a chunk of which it could not say so any more.
        expect([journaledTo, journaledTo + PLAN.records]).toContain(once.length);
        expect(once).toEqual(Array.from({ length: once.length }, (__, index) => index));
        expect(once.length === PLAN.chunks * PLAN.records || !isDone).toBe(true);
        expect(numbers.length - once.length).toBeLessThanOrEqual(againForEachDeath * deaths.length);
        // What comes again comes in its place.
        for (const inFile of inFiles) {
          expect(inFile).toEqual([...inFile].sort((one, two) => one - two));
        }
      }
      return lives.some(({ isDone }) => isDone);
    } finally {
      await receiver.close();
    }
  }

  it('loses no record of its journal, at whichever of its steps it dies, and sends none again but the one under way', async () => {
    let isDone = false;
    let dieAt = 0;
    while (!isDone) {
      dieAt += 1;
      isDone = await dieAndRecover([dieAt]);
    }
    // It does far more than that; fewer would mean that the steps are not seen.
    expect(dieAt).toBeGreaterThan(30);
  });

  it('loses none when whoever recovers dies too', async () => {
    let isDone = false;
    for (let dieAt = 2; !isDone; dieAt += 9) {
      isDone = await dieAndRecover([dieAt, dieAt + 3, 1 + (dieAt % 11)]);
    }
  });
});

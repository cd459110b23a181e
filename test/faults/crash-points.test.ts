import { setImmediate } from 'node:timers/promises';
import { CollectedData } from '@azureml-ts/data';
import { ModelDataCollector, type ModelDataCollectorOptions, type StorageTarget } from '@azureml-ts/monitoring';
import { childFile, startChild } from './support/children.ts';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { allRows, column, countUp, repeated } from './support/stored-rows.ts';
import { type BlobStores, identityOf, STORE_KINDS, startBlobStores, testStore } from './support/stores.ts';
import { WRITER_COLUMNS, type WriterMessage, type WriterTask } from './support/writer-task.ts';

/** Rows of a chunk; each is journaled, and every second one stored with that before, ahead of the next. */
const CALLS = [2, 3];
const CHUNK_ROWS = 5;
const CHUNKS = 3;

let stores: BlobStores;
beforeAll(async () => {
  stores = await startBlobStores();
});
afterAll(() => stores.close());

/** One life of a writer that ends at a counted step; how far its journal had the rows, and whether it came to its end. */
async function live(task: WriterTask, dieAt: number) {
  const child = startChild('writer.ts', {
    args: [JSON.stringify(task)],
    execArgv: ['--import', childFile('die-at.ts')],
    env: { DIE_AT: String(dieAt) },
  });
  let journaledTo = 0;
  let isDone = false;
  child.process.on('message', (message: WriterMessage) => {
    journaledTo = 'journaledTo' in message ? message.journaledTo : journaledTo;
    isDone ||= 'isDone' in message;
  });
  const { code, signal, stderr } = await child.ended;
  if (signal !== 'SIGKILL' && code !== 0) {
    throw new Error(`The writer ended with ${signal ?? code}. ${stderr.slice(-2_000)}`);
  }
  return { journaledTo, isDone };
}

async function recover(options: ModelDataCollectorOptions): Promise<void> {
  const collector = new ModelDataCollector('best_model', { ...options, featureNames: WRITER_COLUMNS });
  await setImmediate();
  await collector.flush();
  await collector.close();
}

/** Whenever writers died, the ledger tells of all rows that are stored, and none is called missing. */
async function expectProof(storage: StorageTarget, service: string, rowCount: number): Promise<void> {
  const data = await CollectedData.open({
    ...identityOf(service),
    storage,
    modelName: 'best_model',
    designation: 'inputs',
  });
  const { findings, totals } = await data.verify();
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(totals).toMatchObject({ rowsFound: rowCount, stored: rowCount });
}

describe.each(STORE_KINDS)('a process that stores rows in %s', (kind) => {
  let seen = 0;

  async function dieAndRecover(deaths: readonly number[]): Promise<boolean> {
    seen += 1;
    const service = `crash-${kind.replace(' ', '-')}-${seen}`;
    const store = testStore(kind, service, stores.account, stores.azurite.connectionString);
    const options = {
      ...identityOf(service),
      ...store.options,
      designation: 'inputs',
      journal: { directory: newFolder() },
      flushIntervalMs: 60_000,
    } satisfies ModelDataCollectorOptions;
    const plan = { modelName: 'best_model', calls: CALLS, chunks: CHUNKS, storeEvery: 2, dropsRows: true };
    const task = { writer: 'w', options, ...plan };
    const lives: { journaledTo: number; isDone: boolean }[] = [];
    for (const [life, dieAt] of deaths.entries()) {
      lives.push(await live({ ...task, life }, dieAt));
      await store.forgetDead();
    }
    await recover(options);
    const rows = allRows(await store.files());
    for (const [life, { journaledTo, isDone }] of lives.entries()) {
      const numbers = column(
        rows.filter((row) => row['life'] === String(life)),
        'number',
      );
      // All that the journal had, and perhaps a chunk of which it could not say so any more.
      expect([journaledTo, journaledTo + CHUNK_ROWS]).toContain(numbers.length);
      expect(numbers).toEqual(countUp(numbers.length));
      expect(numbers.length === CHUNKS * CHUNK_ROWS || !isDone).toBe(true);
    }
    expect(repeated(rows.map((row) => `${row['life']}/${row['number']}`))).toEqual([]);
    if (rows.length > 0) {
      await expectProof(store.options.storage, service, rows.length);
    }
    return lives.some(({ isDone }) => isDone);
  }

  it('loses no row of its journal, and stores none twice, at whichever of its steps it dies', async () => {
    let isDone = false;
    for (let dieAt = 1; !isDone; dieAt += 1) {
      isDone = await dieAndRecover([dieAt]);
    }
    // It does far more than that; fewer would mean that the steps are not seen.
    expect(seen).toBeGreaterThan(30);
  });

  it('loses none and stores none twice when whoever recovers dies too', async () => {
    let isDone = false;
    for (let dieAt = 2; !isDone; dieAt += 9) {
      isDone = await dieAndRecover([dieAt, dieAt + 3, 1 + (dieAt % 11)]);
    }
  });
});

import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { newFolder } from './support/folders.ts';
import { openPlan, type PlannedCollector } from './support/plan.ts';
import './support/quiet.ts';
import { column } from './support/stored-rows.ts';
import { type BlobStores, startBlobStores } from './support/stores.ts';
import { openSink, rowsOfLines, type TestSink } from './support/test-sink.ts';
import { textsBelow } from './support/texts-below.ts';

let stores: BlobStores;
let service: string;
let services = 0;

beforeAll(async () => {
  stores = await startBlobStores();
});
afterAll(() => stores.close());
beforeEach(() => {
  services += 1;
  service = `changed-${services}`;
});

describe.each(['python blobs', 'JSON Lines in blobs'] as const)('%s that somebody else changes', (kind) => {
  const isPython = kind === 'python blobs';
  let sink: TestSink;
  let collector: PlannedCollector;
  let told: string[];

  beforeEach(() => {
    const { account, azurite } = stores;
    const sidecar = { records: () => [] };
    sink = openSink(kind, service, { account, connectionString: azurite.connectionString, sidecar, port: 1 });
    told = [];
    const plan = sink.plan(['x', 'y'], { journal: { directory: newFolder() }, flushIntervalMs: 60_000 });
    collector = openPlan(plan, { onError: ({ code }) => told.push(code) });
  });

  async function store(...values: string[]): Promise<void> {
    collector.giveEach(values.map((value) => [value, 'a']));
    await collector.flush();
  }
  async function blob(): Promise<string> {
    const names = await stores.account.list('modeldata');
    return `modeldata/${names.find((name) => name.includes(`/${service}/`) && /(?<!_ledger)\.(csv|jsonl)$/.test(name))}`;
  }
  const stored = async () => column((await sink.files()).flat(), 'x');

  it('are made again when they were deleted: later rows are stored, those of before are gone', async () => {
    await store('1', '2');
    await stores.account.must('DELETE', await blob());
    await store('3');
    await store('4');
    expect(await stored()).toEqual(['3', '4']);
    await collector.close();
    expect(told).toEqual([]);
  });

  it('are made again with their container when that was deleted', async () => {
    await store('1');
    await stores.account.must('DELETE', 'modeldata', 'restype=container');
    await store('2');
    expect(await stored()).toEqual(['2']);
    await collector.close();
  });

  it('are continued when they were replaced by an empty one of the kind', async () => {
    await store('1', '2');
    const name = await blob();
    await stores.account.must('DELETE', name);
    await stores.account.putBlob(name, isPython ? 'BlockBlob' : 'AppendBlob');
    await store('3');
    await store('4');
    expect(await stored()).toEqual(['3', '4']);
    await collector.close();
  });

  it('are left as they are when one of another kind took their place', async () => {
    await store('1');
    const name = await blob();
    const foreign = isPython ? 'x,y\nforeign,row\n' : '{"data":[{"x":"foreign"}]}\n';
    await stores.account.must('DELETE', name);
    await stores.account.putBlob(name, isPython ? 'AppendBlob' : 'BlockBlob', foreign);
    await store('2');
    await store('3');
    expect(await stores.account.read(name)).toBe(foreign);
    expect((await stored()).filter((value) => value !== 'foreign')).toEqual(['2', '3']);
    await collector.close();
  });
});

describe('JSON Lines in a directory that somebody else changes', () => {
  let directory: string;
  let collector: PlannedCollector;
  let told: string[];

  beforeEach(() => {
    directory = newFolder();
    told = [];
    const records = { name: 'model_inputs', sink: { directory }, journal: { directory: newFolder() } };
    collector = openPlan(
      { columns: ['x', 'y'], records: { ...records, flushIntervalMs: 60_000 } },
      { onError: ({ code }) => told.push(code) },
    );
  });

  async function store(...values: string[]): Promise<void> {
    collector.giveEach(values.map((value) => [value, 'a']));
    await collector.flush();
  }
  const texts = () => textsBelow(directory, '.jsonl');
  const stored = async () => column([...(await texts()).values()].flatMap(rowsOfLines), 'x');

  it('are made again when they were removed, alone or with all folders', async () => {
    await store('1');
    const [name = ''] = (await texts()).keys();
    await rm(path.join(directory, name));
    await store('2');
    expect(await stored()).toEqual(['2']);
    await rm(directory, { recursive: true });
    await store('3');
    expect(await stored()).toEqual(['3']);
    await collector.close();
  });

  it('are begun anew when they were moved away, as by a rotation of logs', async () => {
    await store('1');
    const [name = ''] = (await texts()).keys();
    await rename(path.join(directory, name), path.join(directory, 'moved'));
    await store('2');
    expect(await stored()).toEqual(['2']);
    expect(column(rowsOfLines(await readFile(path.join(directory, 'moved'), 'utf8')), 'x')).toEqual(['1']);
    await collector.close();
  });

  it('keep records waiting while a file stands where their folder should be, and take them afterwards', async () => {
    const inTheWay = path.join(directory, 'modelDataCollector');
    await writeFile(inTheWay, 'in the way');
    collector.give(['1', 'a']);
    await expect(collector.flush({ timeoutMs: 300 })).rejects.toMatchObject({ keptRows: 1 });
    expect(told).toEqual(['ENOTDIR']);
    await rm(inTheWay);
    await store('2');
    await collector.close();
    expect(await stored()).toEqual(['1', '2']);
  });
});

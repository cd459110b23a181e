import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type CollectorIssue, ModelDataCollector, type ModelDataCollectorOptions } from '@azureml-ts/monitoring';
import { newFolder } from './support/folders.ts';
import { textsBelow } from './support/texts-below.ts';
import './support/quiet.ts';
import { allRows, column, rowsOf } from './support/stored-rows.ts';
import { type BlobStores, blobFiles, identityOf, startBlobStores } from './support/stores.ts';

const DAY = '2026-03-04';
const FOLDER = (service: string) => `sub/rg/ws/${service}/best_model/1/inputs/2026/03/04/`;

let stores: BlobStores;
let service: string;
let services = 0;

beforeAll(async () => {
  stores = await startBlobStores();
  await stores.account.must('PUT', 'modeldata', 'restype=container');
});
afterAll(() => stores.close());
beforeEach(() => {
  services += 1;
  service = `changed-${services}`;
});

function start(options: ModelDataCollectorOptions) {
  const issues: CollectorIssue[] = [];
  const collector = new ModelDataCollector('best_model', {
    ...identityOf(service),
    designation: 'inputs',
    featureNames: ['x', 'y'],
    journal: { directory: newFolder() },
    flushIntervalMs: 60_000,
    clock: { now: () => Date.parse(`${DAY}T12:00:00Z`), setTimeout: () => ({}), clearTimeout: () => undefined },
    onError: (issue) => issues.push(issue),
    ...options,
  });
  const store = async (...values: string[]) => {
    for (const value of values) {
      collector.collect([value, 'a']);
    }
    await collector.flush();
  };
  return { collector, issues, store };
}

/** Values of each file, by its name. */
async function found(files: Promise<Map<string, string>>): Promise<Record<string, string[]>> {
  return Object.fromEntries(
    [...(await files)].map(([name, text]) => [path.posix.basename(name), column(rowsOf(text), 'x')]),
  );
}

describe.each(['append', 'block'] as const)('%s blobs that somebody else changes', (blobType) => {
  const other = blobType === 'append' ? 'BlockBlob' : 'AppendBlob';
  const own = blobType === 'append' ? 'AppendBlob' : 'BlockBlob';
  const foreign = 'x,y\nforeign,row\n';
  const blob = (name = 'data.csv') => `modeldata/${FOLDER(service)}${name}`;
  const open = () => start({ storage: { connectionString: stores.azurite.connectionString }, blobType });
  const files = () => found(blobFiles(stores.account, service));

  it('are made again when they were deleted: later rows are stored, those of before are gone', async () => {
    const { collector, issues, store } = open();
    await store('1', '2');
    await stores.account.must('DELETE', blob());
    await store('3');
    await store('4');
    expect(await files()).toEqual({ 'data.csv': ['3', '4'] });
    expect(issues).toEqual([]);
    await collector.close();
  });

  it('are made again with their container when that was deleted', async () => {
    const { collector, store } = open();
    await store('1');
    await stores.account.must('DELETE', 'modeldata', 'restype=container');
    await store('2');
    expect(await files()).toEqual({ 'data.csv': ['2'] });
    await collector.close();
  });

  it('are continued when they were replaced by an empty one of the kind', async () => {
    const { collector, store } = open();
    await store('1', '2');
    await stores.account.must('DELETE', blob());
    await stores.account.putBlob(blob(), own);
    await store('3');
    await store('4');
    expect(await files()).toEqual({ 'data.csv': ['3', '4'] });
    await collector.close();
  });

  it('are left as they are when they were replaced by one with other columns', async () => {
    const { collector, store } = open();
    await store('1');
    await stores.account.must('DELETE', blob());
    await stores.account.putBlob(blob(), 'AppendBlob', 'other,columns\n1,2\n');
    await store('2');
    await store('3');
    const byName = await files();
    const names = Object.keys(byName).filter((name) => name !== 'data.csv');
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(blobType === 'append' ? /^data-[0-9a-f]{8}\.csv$/ : /^data-2\.csv$/);
    expect(byName[names[0] ?? '']).toEqual(['2', '3']);
    expect(await stores.account.read(blob())).toBe('other,columns\n1,2\n');
    await collector.close();
  });

  it.each([other, 'PageBlob'] as const)('are left as they are when a %s stands at their path', async (type) => {
    await stores.account.putBlob(blob(), type, type === 'PageBlob' ? '' : foreign);
    const before = await stores.account.read(blob());
    const { collector, issues, store } = open();
    await store('1');
    await store('2');
    expect(rowsOf(await stores.account.read(blob('data-2.csv'))).map((row) => row['x'])).toEqual(['1', '2']);
    expect(await stores.account.read(blob())).toBe(before);
    expect(issues).toEqual([]);
    await collector.close();
  });

  it(`are left as they are when one of another kind took their place meanwhile`, async () => {
    const { collector, store } = open();
    await store('1');
    await stores.account.must('DELETE', blob());
    await stores.account.putBlob(blob(), other, foreign);
    await store('2');
    await store('3');
    expect(rowsOf(await stores.account.read(blob('data-2.csv'))).map((row) => row['x'])).toEqual(['2', '3']);
    expect(await stores.account.read(blob())).toBe(foreign);
    await collector.close();
  });

  it('are continued when rows of another tool were written into them', async () => {
    const { collector, store } = open();
    await store('1');
    if (blobType === 'append') {
      await stores.account.append(blob(), 'foreign,row,,,,\n');
    } else {
      await stores.account.must('PUT', blob(), 'comp=metadata', { 'x-ms-meta-note': 'touched' });
    }
    await store('2');
    expect(await files()).toEqual({ 'data.csv': blobType === 'append' ? ['1', 'foreign', '2'] : ['1', '2'] });
    await collector.close();
  });
});

describe('files that somebody else changes', () => {
  let directory: string;
  const file = (name = 'data.csv') => path.join(directory, 'modeldata', FOLDER(service), name);
  const open = () => start({ storage: { directory } });
  const files = () => found(textsBelow(path.join(directory, 'modeldata'), '.csv'));
  beforeEach(() => {
    directory = newFolder();
  });

  it('are made again when they were removed, alone or with all folders', async () => {
    const { collector, store } = open();
    await store('1');
    await rm(file());
    await store('2');
    expect(await files()).toEqual({ 'data.csv': ['2'] });
    await rm(directory, { recursive: true });
    await store('3');
    expect(await files()).toEqual({ 'data.csv': ['3'] });
    await collector.close();
  });

  it('are begun anew when they were moved away, as by a rotation of logs', async () => {
    const { collector, store } = open();
    await store('1');
    await rename(file(), path.join(directory, 'moved'));
    await store('2');
    expect(await files()).toEqual({ 'data.csv': ['2'] });
    expect(await readFile(path.join(directory, 'moved'), 'utf8')).toMatch(/^x,y,.*\n1,a,/);
    await collector.close();
  });

  it('are left as they are when they have other columns now', async () => {
    const { collector, store } = open();
    await store('1');
    await writeFile(file(), 'other,columns\n1,2\n');
    await store('2');
    const { 'data.csv': _, ...others } = await files();
    expect(Object.values(others)).toEqual([['2']]);
    expect(await readFile(file(), 'utf8')).toBe('other,columns\n1,2\n');
    await collector.close();
  });

  it('are passed over when a folder has their name', async () => {
    await mkdir(file(), { recursive: true });
    const { collector, issues, store } = open();
    await store('1');
    await store('2');
    expect(await files()).toEqual({ 'data-2.csv': ['1', '2'] });
    expect(issues.map(({ code }) => code)).toEqual(['FILE_NAME_TAKEN']);
    await collector.close();
  });

  it('keep rows waiting while a file stands where their folder should be, and take them afterwards', async () => {
    await mkdir(path.join(directory, 'modeldata'));
    await writeFile(path.join(directory, 'modeldata', 'sub'), 'in the way');
    const { collector, issues, store } = open();
    collector.collect(['1', 'a']);
    // The clock stands still: nothing is tried again but by the next flush.
    await expect(collector.flush({ timeoutMs: 300 })).rejects.toMatchObject({ keptRows: 1 });
    expect(issues.map(({ code }) => code)).toEqual(['ENOTDIR']);
    await rm(path.join(directory, 'modeldata', 'sub'));
    await store('2');
    await collector.close();
    expect(await files()).toEqual({ 'data.csv': ['1', '2'] });
  });
});

it('readers find the rows in whichever files they are', async () => {
  const { collector, store } = start({ storage: { connectionString: stores.azurite.connectionString } });
  await stores.account.putBlob(`modeldata/${FOLDER(service)}data.csv`, 'AppendBlob', 'other,columns\n');
  await store('1');
  await collector.close();
  const files = await blobFiles(stores.account, service);
  expect(column(allRows(files), 'x').filter((value) => value !== '')).toEqual(['1']);
});

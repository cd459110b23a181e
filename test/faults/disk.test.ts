import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ModelDataCollector } from '@azureml-ts/monitoring';
import { newFolder } from './support/folders.ts';
import { describeUnless, NO_MOUNTS, NO_RIGHTS, withReadOnly, withSmallDisk } from './support/permitted.ts';
import './support/quiet.ts';
import { type PlainOptions, RemoteCollector } from './support/remote-collector.ts';
import { allRows, column, countUp, rowsOf } from './support/stored-rows.ts';
import { type BlobStores, blobFiles, identityOf, startBlobStores } from './support/stores.ts';

const DISK_BYTES = 1_048_576;

let stores: BlobStores;
let service: string;
let services = 0;

beforeAll(async () => {
  stores = await startBlobStores();
});
afterAll(() => stores.close());
beforeEach(() => {
  services += 1;
  service = `disk-${services}`;
  stores.proxy.clear();
});

function optionsFor(journal: string): PlainOptions {
  return {
    ...identityOf(service),
    designation: 'inputs',
    featureNames: ['x', 'y'],
    storage: { connectionString: stores.proxy.connectionString },
    journal: { directory: journal },
    flushIntervalMs: 60_000,
  };
}

const rowsFrom = (first: number, count: number) => countUp(count, first).map((x) => [x, 'a'.repeat(80)]);
const stored = async () => column(allRows(await blobFiles(stores.account, service)), 'x');
const codes = (remote: RemoteCollector) => remote.issues.map(({ code }) => code);

/** A journal that cannot be written must change nothing but what a kill leaves. */
async function expectMemoryOnly(remote: RemoteCollector, first: number): Promise<void> {
  await remote.collect(...rowsFrom(first, 600));
  await expect(remote.flush({ until: 'journal' })).rejects.toMatchObject({
    code: 'FLUSH_FAILED',
    message: expect.stringContaining('the journal is off, full or cannot be written'),
  });
  expect(await remote.stats()).toMatchObject({ journal: 'memory' });
  expect(codes(remote)).toEqual(['JOURNAL_UNAVAILABLE']);
  await remote.flush();
  await remote.collect(...rowsFrom(first + 600, 600));
  await remote.flush();
  expect(codes(remote)).toEqual(['JOURNAL_UNAVAILABLE']);
}

describeUnless(NO_MOUNTS, 'a disk that is full', () => {
  it('where the journal is: rows wait in memory, it is told once, and the journal goes on when there is room', async () => {
    const journal = newFolder();
    const remote = await RemoteCollector.start('best_model', optionsFor(journal), {
      through: withSmallDisk(journal, DISK_BYTES),
    });
    await remote.collect(...rowsFrom(0, 300));
    await remote.flush({ until: 'journal' });
    expect(await remote.stats()).toMatchObject({ journal: 'disk' });
    await remote.flush();
    const ballast = path.join(journal, 'ballast');
    await remote.ask({ do: 'fill', file: ballast, leaveBytes: 0 });
    await expectMemoryOnly(remote, 300);

    await remote.ask({ do: 'free', file: ballast });
    // A disk that refused is asked again after a while.
    await remote.ask({ do: 'setClock', aheadMs: 60_000 });
    await remote.collect(...rowsFrom(1_500, 300));
    await remote.flush({ until: 'journal' });
    expect(await remote.stats()).toMatchObject({ journal: 'disk', pending: 300 });
    await remote.close();
    expect(await stored()).toEqual(countUp(1_800));
    await remote.end();
  });

  it('in the middle of a slice: what the journal had before is whole, and no row is stored twice', async () => {
    const journal = newFolder();
    const remote = await RemoteCollector.start('best_model', optionsFor(journal), {
      through: withSmallDisk(journal, DISK_BYTES),
    });
    stores.proxy.inject({ kind: 'cut' });
    await remote.collect(...rowsFrom(0, 256));
    await remote.flush({ until: 'journal' });
    // Room for half of the next slice.
    await remote.ask({ do: 'fill', file: path.join(journal, 'ballast'), leaveBytes: 16_384 });
    await remote.collect(...rowsFrom(256, 256));
    await expect(remote.flush({ until: 'journal' })).rejects.toMatchObject({ code: 'FLUSH_FAILED' });
    await expect(remote.flush({ timeoutMs: 300 })).rejects.toMatchObject({ details: { keptRows: 512, lostRows: 0 } });
    stores.proxy.clear();
    await remote.flush();
    await remote.close();
    expect(await remote.stats()).toMatchObject({ collected: 512, stored: 512 });
    expect(await stored()).toEqual(countUp(512));
    await remote.end();
  });

  it('at the end, with the store away: what only memory has is lost and counted, the rest is kept', async () => {
    const journal = newFolder();
    const remote = await RemoteCollector.start('best_model', optionsFor(journal), {
      through: withSmallDisk(journal, DISK_BYTES),
    });
    stores.proxy.inject({ kind: 'cut' });
    await remote.collect(...rowsFrom(0, 256));
    await remote.flush({ until: 'journal' });
    await remote.ask({ do: 'fill', file: path.join(journal, 'ballast'), leaveBytes: 0 });
    await remote.collect(...rowsFrom(256, 100));
    await expect(remote.close(200)).rejects.toMatchObject({ details: { keptRows: 256, lostRows: 100 } });
    expect(await remote.stats()).toMatchObject({ collected: 356, stored: 0, pending: 256, dropped: { failed: 100 } });
    // The next collector of the process finds what is kept.
    stores.proxy.clear();
    await remote.ask({ do: 'open', modelName: 'best_model', options: optionsFor(journal) });
    await remote.flush();
    expect((await remote.stats()).recovered).toEqual({ stored: 256, pending: 0 });
    await remote.close();
    expect(await stored()).toEqual(countUp(256));
    await remote.end();
  });

  it('where the rows go: half a row is taken back, rows wait, and all are stored once there is room', async () => {
    const directory = newFolder();
    const options = { ...optionsFor(newFolder()), storage: { directory } };
    const remote = await RemoteCollector.start('best_model', options, {
      through: withSmallDisk(directory, DISK_BYTES),
    });
    const file = path.join(directory, 'modeldata', `sub/rg/ws/${service}/best_model/1/inputs`);
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    const data = path.join(file, day, 'data.csv');
    await remote.collect(...rowsFrom(0, 10));
    await remote.flush();
    // Room for what a lock takes, and for half of the rows.
    const ballast = path.join(directory, 'ballast');
    await remote.ask({ do: 'fill', file: ballast, leaveBytes: 40_960 });
    await remote.collect(...rowsFrom(10, 600));
    await expect(remote.flush({ timeoutMs: 1_000 })).rejects.toMatchObject({ details: { keptRows: 600, lostRows: 0 } });
    expect(codes(remote)).toEqual(['ENOSPC']);
    const rows = async () => column(rowsOf(await remote.ask<string>({ do: 'read', file: data })), 'x');
    expect(await rows()).toEqual(countUp(10));
    await remote.ask({ do: 'free', file: ballast });
    await remote.flush();
    await remote.close();
    expect(await rows()).toEqual(countUp(610));
    await remote.end();
  });
});

describeUnless(NO_MOUNTS, 'a journal folder that is read-only', () => {
  it('changes nothing but that rows wait in memory, which is told once', async () => {
    const journal = newFolder();
    const remote = await RemoteCollector.start('best_model', optionsFor(journal), { through: withReadOnly(journal) });
    await expectMemoryOnly(remote, 0);
    await remote.close();
    expect(await stored()).toEqual(countUp(1_200));
    await remote.end();
  });
});

describeUnless(NO_RIGHTS, 'a journal folder without rights', () => {
  it('changes nothing but that rows wait in memory, which is told once', async () => {
    const journal = newFolder();
    await chmod(journal, 0o500);
    const remote = await RemoteCollector.start('best_model', optionsFor(journal));
    await expectMemoryOnly(remote, 0);
    await remote.close();
    expect(await stored()).toEqual(countUp(1_200));
    await remote.end();
    await chmod(journal, 0o700);
  });
});

describe('a journal that has its most bytes in use', () => {
  it('takes no more until rows are stored, and says so once', async () => {
    const issues: string[] = [];
    const options = {
      ...optionsFor(newFolder()),
      journal: { directory: newFolder(), maxBytes: 65_536 },
      onError: ({ code }: { code: string }) => issues.push(code),
    };
    const collector = new ModelDataCollector('best_model', options);
    const fault = stores.proxy.inject({ kind: 'cut' });
    collector.collectRows(rowsFrom(0, 200));
    await collector.flush({ until: 'journal' });
    collector.collectRows(rowsFrom(200, 1_000));
    await expect(collector.flush({ until: 'journal' })).rejects.toMatchObject({ code: 'FLUSH_FAILED' });
    expect(collector.stats()).toMatchObject({ pending: 1_200, journal: 'memory' });
    fault.remove();
    await collector.flush();
    collector.collectRows(rowsFrom(1_200, 200));
    await collector.flush({ until: 'journal' });
    expect(collector.stats()).toMatchObject({ pending: 200, journal: 'disk' });
    await setImmediate();
    await collector.close();
    expect(issues.filter((code) => code.startsWith('JOURNAL'))).toEqual(['JOURNAL_FULL']);
    expect(await stored()).toEqual(countUp(1_400));
  });
});

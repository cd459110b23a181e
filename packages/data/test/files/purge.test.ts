import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import { planPurge } from '../../src/files/purge.ts';
import { CollectedData, type CollectedDataOptions } from '../../src/index.ts';
import { DirectoryStore } from '../../src/store/directory-store.ts';
import { ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const DAYS = ['2026/01/01', '2026/01/02', '2026/01/03'];

/** Rows of three days by both, and what stands beside them. */
async function folder(): Promise<string> {
  const directory = await temporaryFolder();
  await writeFiles(
    directory,
    Object.fromEntries(
      DAYS.flatMap((day) => [
        [`${ROOT}/${day}/data.csv`, 'rows'],
        [`${ROOT}/${day}/data-2.csv`, 'more'],
        [`${ROOT}/${day}/07/inputs.csv`, 'theirs'],
        [`${ROOT}/${day}/_ledger.jsonl`, '{}'],
        [`${ROOT}/${day}/aml_telemetry.csv`, 'x'],
        [`${ROOT.replace('inputs', 'predictions')}/${day}/data.csv`, 'kept'],
      ]),
    ),
  );
  return directory;
}

function open(directory: string, options: Partial<CollectedDataOptions> = {}): Promise<CollectedData> {
  return CollectedData.open({ ...stream, storage: { directory }, ...options });
}

async function left(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(`${directory}/modeldata`, path.join(entry.parentPath, entry.name)))
    .sort();
}

describe('a purge', () => {
  it('removes rows, ledgers and notes of its days, and nothing else', async () => {
    const directory = await folder();
    const before = await left(directory);
    const data = await open(directory, { to: '2026-01-02' });
    const plan = await data.purgePlan();
    expect(plan).toEqual({
      files: expect.arrayContaining([
        { path: `${ROOT}/2026/01/02/_ledger.jsonl`, day: '2026-01-02', kind: 'ledger', size: 2 },
        { path: `${ROOT}/2026/01/02/07/inputs.csv`, day: '2026-01-02', kind: 'data', size: 6 },
        { path: `${ROOT}/2026/01/01/aml_telemetry.csv`, day: '2026-01-01', kind: 'telemetry', size: 1 },
      ]),
      bytes: 2 * (4 + 4 + 6 + 2 + 1),
      firstDay: '2026-01-01',
      lastDay: '2026-01-02',
      keptOfToday: 0,
    });
    expect(plan.files).toHaveLength(10);
    expect(await left(directory)).toEqual(before);
    const done: number[] = [];
    expect(await data.purge(plan, { onProgress: (count) => done.push(count) })).toEqual({
      removed: 10,
      removedBytes: plan.bytes,
      missing: 0,
      failed: [],
    });
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await left(directory)).toEqual(before.filter((name) => !/inputs\/2026\/01\/0[12]\//.test(name)));
    // No empty folders are left of the days.
    expect(await readdir(path.join(directory, 'modeldata', ROOT, '2026', '01'))).toEqual(['03']);
    expect(await data.purge(plan)).toMatchObject({ removed: 0, missing: 10, failed: [] });
  });

  it('leaves today and later alone unless that is wanted', async () => {
    const directory = await folder();
    const store = new DirectoryStore(directory);
    const now = Date.parse('2026-01-02T00:30:00Z');
    const plan = await planPurge(store, stream, { from: '2026-01-01' }, {}, now);
    expect([...new Set(plan.files.map(({ day }) => day))]).toEqual(['2026-01-01']);
    expect(plan.keptOfToday).toBe(10);
    const all = await planPurge(store, stream, { from: '2026-01-01' }, { includeToday: true }, now);
    expect([all.files.length, all.keptOfToday]).toEqual([15, 0]);
  });

  it('must have an end, and a plan of its own', async () => {
    const directory = await folder();
    await expect((await open(directory)).purgePlan()).rejects.toThrow(/Say which days to purge/);
    const other = await (await open(directory, { designation: 'predictions', from: '2026-01-01' })).purgePlan();
    const data = await open(directory, { from: '2026-01-01' });
    await expect(data.purge(other)).rejects.toThrow(/no file of this stream.*Nothing was removed/);
    const plan = await data.purgePlan();
    const newer = await open(directory, { from: '2026-01-01', modelVersion: '2' });
    await expect(newer.purge(plan)).rejects.toThrow(/no file of this stream/);
    const [file] = plan.files;
    const forged = { ...plan, files: [{ ...file, path: `${ROOT}/2026/01/01/notes.txt` } as (typeof plan.files)[0]] };
    await expect(data.purge(forged)).rejects.toThrow(/no file of this stream/);
    expect(await left(directory)).toHaveLength(18);
  });

  it('counts what cannot be removed, and removes the rest', async () => {
    const azurite = await startAzurite();
    const faults = await startBlobFaultProxy({ target: azurite.connectionString });
    try {
      const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(
        'modeldata',
      );
      await container.create();
      for (const day of DAYS) {
        await container.getBlockBlobClient(`${ROOT}/${day}/data.csv`).upload('rows', 4);
      }
      await container.getBlobClient(`${ROOT}/${DAYS[0]}/data.csv`).createSnapshot();
      faults.inject({
        kind: 'answer',
        status: 403,
        errorCode: 'AuthorizationPermissionMismatch',
        method: 'DELETE',
        path: '/02/',
      });
      const data = await CollectedData.open({ ...stream, storage: faults.connectionString, from: '2026-01-01' });
      const result = await data.purge(await data.purgePlan());
      expect(result).toMatchObject({
        removed: 2,
        removedBytes: 8,
        failed: [{ path: `${ROOT}/2026/01/02/data.csv`, error: { code: 'STORAGE_WRITE_FAILED', statusCode: 403 } }],
      });
      expect(result.failed[0]?.error.message).toContain('Storage Blob Data Contributor');
      const abort = new AbortController();
      abort.abort(new Error('enough'));
      await expect(data.purge(await data.purgePlan(), { abortSignal: abort.signal })).rejects.toThrow('enough');
    } finally {
      await faults.close();
      await azurite.close();
    }
  });
});

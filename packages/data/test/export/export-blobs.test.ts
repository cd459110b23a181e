import { zstdDecompressSync } from 'node:zlib';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type Azurite, type BlobFaultProxy, startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import { parquetReadObjects } from 'hyparquet';
import { CollectedData } from '../../src/index.ts';
import { clockAt, collector, stream } from '../support/stream.ts';

let azurite: Azurite;
let proxy: BlobFaultProxy;
let target: ContainerClient;

beforeAll(async () => {
  azurite = await startAzurite();
  proxy = await startBlobFaultProxy({ target: azurite.connectionString });
});
afterAll(async () => {
  await proxy?.close();
  await azurite?.close();
});

const storage = () => ({ connectionString: azurite.connectionString });
const DAYS = ['2026-03-04', '2026-03-05', '2026-03-06'];

beforeEach(async () => {
  const service = BlobServiceClient.fromConnectionString(azurite.connectionString);
  target = service.getContainerClient('export');
  await Promise.all([target.deleteIfExists(), service.getContainerClient('modeldata').deleteIfExists()]);
  for (const day of DAYS) {
    await collect(day, [[1.5, 'ü']]);
  }
});

async function collect(day: string, rows: [number, string][]): Promise<void> {
  const inputs = collector({
    storage: storage(),
    featureNames: ['f', 's'],
    clock: clockAt(`${day}T12:00:00Z`),
    journal: false,
  });
  inputs.collect(rows);
  await inputs.close();
}

function open(): Promise<CollectedData> {
  return CollectedData.open({ ...stream, storage: storage() });
}

async function namesIn(container: ContainerClient): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, properties } of container.listBlobsFlat()) {
    expect(properties.blobType).toBe('BlockBlob');
    names.push(name);
  }
  return names;
}

async function rowsOf(name: string): Promise<Record<string, unknown>[]> {
  const bytes = await target.getBlobClient(name).downloadToBuffer();
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  return parquetReadObjects({ file, compressors: { ZSTD: (input) => zstdDecompressSync(input) } });
}

const fileOf = (day: string) => {
  const [year, month, date] = day.split('-');
  return `all/year=${year}/month=${month}/day=${date}/part-0.parquet`;
};

describe('an export from blobs to blobs', () => {
  it('is written as block blobs below the prefix, and kept when nothing has changed', async () => {
    const data = await open();
    const to = { ...storage(), container: 'export', prefix: 'all' };
    expect(await data.toParquet(to)).toMatchObject({ written: 3, manifest: { rows: 3 } });
    expect(await namesIn(target)).toEqual(['all/_manifest.json', ...DAYS.map(fileOf)]);
    expect((await rowsOf(fileOf('2026-03-05')))[0]).toMatchObject({ f: 1.5, s: 'ü' });
    const etag = async () => (await target.getBlobClient(fileOf('2026-03-04')).getProperties()).etag;
    const before = await etag();
    await collect('2026-03-05', [[2.5, 'b']]);
    expect(await data.toParquet(to)).toMatchObject({ written: 1, kept: 2, manifest: { rows: 4 } });
    expect(await etag()).toBe(before);
  });

  it('holds whole files only, whichever request fails, and is completed by the next run', async () => {
    const data = await open();
    const to = { connectionString: proxy.connectionString, container: 'export', prefix: 'all' };
    let failed = 0;
    for (let skip = 0; ; skip += 1) {
      await target.deleteIfExists();
      proxy.inject({ kind: 'answer', status: 403, errorCode: 'AuthorizationPermissionMismatch', after: skip });
      const result = await data.toParquet(to).catch((error) => error);
      proxy.clear();
      if (!(result instanceof Error)) {
        break;
      }
      failed += 1;
      expect(result).toMatchObject({
        code: expect.stringMatching(/^STORAGE_(READ|WRITE)_FAILED$/),
        statusCode: 403,
        message: expect.stringMatching(/Storage Blob Data (Reader|Contributor)/),
      });
      expect(String(result.message)).not.toMatch(/AccountKey=[A-Za-z0-9]/);
      if (await target.exists()) {
        for (const name of await namesIn(target)) {
          if (name.endsWith('.parquet')) {
            expect(await rowsOf(name)).toHaveLength(1);
          }
        }
      }
      expect(await data.toParquet(to)).toMatchObject({ manifest: { rows: 3, isComplete: true } });
      expect(await namesIn(target)).toEqual(['all/_manifest.json', ...DAYS.map(fileOf)]);
    }
    // The manifest is looked for, written first and last, and each file takes two requests.
    expect(failed).toBeGreaterThan(8);
  });

  it('names what is not there', async () => {
    const data = await CollectedData.open({ ...stream, modelName: 'other', storage: storage() });
    await expect(data.toParquet({ ...storage(), container: 'export' })).rejects.toMatchObject({
      code: 'COLLECTED_DATA_NOT_FOUND',
    });
    expect(await target.exists()).toBe(false);
  });
});

import { hostname } from 'node:os';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { dataFileName } from '@azureml-ts/monitoring/format';
import { type Azurite, type BlobFaultProxy, startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import { CollectedData, type CompactOptions, type CompactResult } from '../../../src/index.ts';
import { type CuttingProxy, startCuttingProxy } from '../../support/cutting-proxy.ts';
import { all, clockAt, collector, ROOT, stream } from '../../support/stream.ts';

let azurite: Azurite;
let faults: BlobFaultProxy;
let cuts: CuttingProxy;
let service: BlobServiceClient;
let source: ContainerClient;

beforeAll(async () => {
  azurite = await startAzurite();
  faults = await startBlobFaultProxy({ target: azurite.connectionString });
  cuts = await startCuttingProxy(azurite);
  service = BlobServiceClient.fromConnectionString(azurite.connectionString);
  source = service.getContainerClient('modeldata');
});
afterAll(async () => {
  await faults?.close();
  await cuts?.close();
  await azurite?.close();
});
beforeEach(async () => {
  faults.clear();
  cuts.next.length = 0;
  await Promise.all(['modeldata', 'closed'].map((name) => service.getContainerClient(name).deleteIfExists()));
});

/** Name of the file of this machine. */
const INSTANCE = dataFileName({ instance: hostname() });
const DAY = `${ROOT}/2026/03/04`;

/** Stores rows of a day, as a service does. */
async function collect(values: readonly string[], featureNames = ['x'], filePerReplica = false): Promise<void> {
  const inputs = collector({
    storage: { connectionString: azurite.connectionString },
    featureNames,
    clock: clockAt('2026-03-04T12:00:00Z'),
    journal: false,
    filePerReplica,
  });
  inputs.collect(values.map((value) => featureNames.map(() => value)));
  await inputs.close();
}

function open(connectionString = azurite.connectionString): Promise<CollectedData> {
  return CollectedData.open({ ...stream, storage: { connectionString } });
}

async function blobsIn(container: ContainerClient): Promise<Record<string, string | undefined>> {
  const blobs: Record<string, string | undefined> = {};
  for await (const { name, properties } of container.listBlobsFlat()) {
    blobs[name.slice(name.lastIndexOf('/') + 1)] = properties.blobType;
  }
  return blobs;
}

async function values(): Promise<unknown[]> {
  return (await all((await open()).rows())).map((row) => row['x'] ?? row['y']).sort();
}

async function proven(): Promise<boolean> {
  return (await (await open()).verify()).holds;
}

describe('compactDays() to a container', () => {
  it('leaves append blobs as they are, and writes block blobs with the same rows', async () => {
    await collect(['a', 'b']);
    await collect(['c'], ['x'], true);
    const data = await open();
    const target = { connectionString: azurite.connectionString, container: 'closed' };
    expect((await data.compactDays(target)).days).toMatchObject([{ outcome: 'written', files: [{}, {}] }]);
    expect(await blobsIn(service.getContainerClient('closed'))).toEqual({
      'data.csv': 'BlockBlob',
      '_ledger.jsonl': 'BlockBlob',
      '_manifest.json': 'BlockBlob',
    });
    expect(await blobsIn(source)).toEqual({
      'data.csv': 'AppendBlob',
      [INSTANCE]: 'AppendBlob',
      '_ledger.jsonl': 'AppendBlob',
    });
    const closed = await CollectedData.open({
      ...stream,
      storage: { containerClient: service.getContainerClient('closed') },
    });
    expect((await all(closed.rows())).map((row) => row['x']).sort()).toEqual(['a', 'b', 'c']);
    expect((await data.compactDays(target)).days).toMatchObject([{ outcome: 'kept' }]);
  });

  it('is refused where that is the container of the rows', async () => {
    await collect(['a']);
    const target = { connectionString: azurite.connectionString, container: 'modeldata' };
    await expect((await open()).compactDays(target)).rejects.toMatchObject({ code: 'VALIDATION' });
    expect(await blobsIn(source)).toEqual({ 'data.csv': 'AppendBlob', '_ledger.jsonl': 'AppendBlob' });
  });

  it('writes a day again that rows are appended to while it is read', async () => {
    await collect(['a'.repeat(100)]);
    const data = await open(cuts.connectionString);
    // The first read is that of the header.
    cuts.next.push(undefined, undefined, 'cut');
    cuts.onCut = () => collect(['b']);
    const { days } = await data.compactDays({ connectionString: azurite.connectionString, container: 'closed' });
    expect(cuts.next).toEqual([]);
    expect(days).toMatchObject([{ outcome: 'written' }]);
    const closed = await CollectedData.open({
      ...stream,
      storage: { containerClient: service.getContainerClient('closed') },
    });
    expect((await all(closed.rows())).map((row) => row['x'])).toEqual(['a'.repeat(100), 'b']);
    expect(await closed.verify()).toMatchObject({ holds: true });
  });
});

describe('compactDays() in place', () => {
  const inPlace: CompactOptions = { inPlace: true };

  async function compact(connectionString?: string): Promise<CompactResult> {
    return (await open(connectionString)).compactDays(undefined, inPlace);
  }

  it('exchanges append blobs for one block blob, which still proves complete', async () => {
    await collect(['a', 'b']);
    await collect(['c'], ['x'], true);
    await collect(['d'], ['y']);
    const { days } = await compact();
    expect(days).toMatchObject([
      {
        outcome: 'written',
        files: [{ path: `${DAY}/data.csv`, sources: [`${DAY}/data.csv`, `${DAY}/${INSTANCE}`] }, {}],
      },
    ]);
    const blobs = await blobsIn(source);
    expect(Object.keys(blobs).sort()).toEqual([
      '_ledger.jsonl',
      expect.stringMatching(/^data-[0-9a-f]{8}\.csv$/),
      'data.csv',
    ]);
    expect({ ...blobs, '_ledger.jsonl': 'BlockBlob' }).toEqual(
      Object.fromEntries(Object.keys(blobs).map((name) => [name, 'BlockBlob'])),
    );
    expect(await values()).toEqual(['a', 'b', 'c', 'd']);
    expect(await proven()).toBe(true);
    expect((await compact()).days).toMatchObject([{ outcome: 'kept' }]);
  });

  it('takes in rows that are appended while it copies', async () => {
    await collect(['a'.repeat(100)]);
    cuts.next.push(undefined, undefined, 'cut');
    cuts.onCut = () => collect(['b']);
    expect((await compact(cuts.connectionString)).days).toMatchObject([{ outcome: 'written' }]);
    expect(cuts.next).toEqual([]);
    expect(await blobsIn(source)).toMatchObject({ 'data.csv': 'BlockBlob' });
    expect(await values()).toEqual(['a'.repeat(100), 'b']);
    expect(await proven()).toBe(true);
  });

  it('leaves everything as it was when rows keep coming', async () => {
    await collect(['a'.repeat(100)]);
    let more = 0;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      cuts.next.push(undefined, undefined, 'cut', undefined, undefined);
    }
    cuts.onCut = () => {
      more += 1;
      return collect([`b${more}`]);
    };
    expect((await compact(cuts.connectionString)).days).toMatchObject([{ outcome: 'changed', files: [] }]);
    expect(await blobsIn(source)).toEqual({ 'data.csv': 'AppendBlob', '_ledger.jsonl': 'AppendBlob' });
    // Nobody holds the blob.
    await collect(['c']);
    expect(await values()).toHaveLength(more + 2);
  });

  it('lets a writer that comes later go on in the next file', async () => {
    await collect(['a']);
    await compact();
    await collect(['b']);
    expect(await blobsIn(source)).toEqual({
      'data.csv': 'BlockBlob',
      'data-2.csv': 'AppendBlob',
      '_ledger.jsonl': 'AppendBlob',
    });
    expect(await values()).toEqual(['a', 'b']);
    expect((await compact()).days).toMatchObject([{ outcome: 'written' }]);
    expect(await blobsIn(source)).toEqual({ 'data.csv': 'BlockBlob', '_ledger.jsonl': 'AppendBlob' });
    expect(await values()).toEqual(['a', 'b']);
    expect(await proven()).toBe(true);
  });

  it('loses no row and doubles none, wherever it is cut off', async () => {
    await collect(['a', 'b']);
    await collect(['c'], ['x'], true);
    let cutOff = 0;
    for (let after = 0; ; after += 1) {
      await source.deleteIfExists();
      await collect(['a', 'b']);
      await collect(['c'], ['x'], true);
      faults.inject({ kind: 'answer', status: 403, errorCode: 'AuthorizationPermissionMismatch', after });
      const ended = await compact(faults.connectionString).catch((error) => error);
      faults.clear();
      if (!(ended instanceof Error)) {
        break;
      }
      cutOff += 1;
      expect(ended).toMatchObject({ statusCode: 403 });
      // A writer that is there meanwhile may have to wait, or takes the next file; its rows are not lost either.
      await compact();
      expect(await values()).toEqual(['a', 'b', 'c']);
      expect(await blobsIn(source)).toEqual({ 'data.csv': 'BlockBlob', '_ledger.jsonl': 'AppendBlob' });
      expect(await proven()).toBe(true);
      await collect(['d']);
      expect(await values()).toEqual(['a', 'b', 'c', 'd']);
    }
    expect(cutOff).toBeGreaterThan(20);
  }, 120_000);

  it('puts the rows beside those of a writer that came between the removal and the exchange', async () => {
    await collect(['a']);
    // The exchange stages its bytes at the day's own path, which nothing else does.
    const stage = { method: 'PUT', path: /\/04\/data\.csv$/, query: 'comp=block' };
    faults.inject({ kind: 'answer', status: 403, errorCode: 'Forbidden', ...stage });
    const ended = await compact(faults.connectionString).catch((error) => error);
    expect(faults.hits()).toBe(1);
    faults.clear();
    expect(ended).toMatchObject({ statusCode: 403 });
    expect(await values()).toEqual([]);
    await collect(['b']);
    expect(await values()).toEqual(['b']);
    await compact();
    expect(await blobsIn(source)).toEqual({ 'data.csv': 'BlockBlob', '_ledger.jsonl': 'AppendBlob' });
    expect(await values()).toEqual(['a', 'b']);
    expect(await proven()).toBe(true);
  });

  it('removes nothing when it does not know what was going on', async () => {
    await collect(['a']);
    const intent = source.getBlockBlobClient(`${DAY}/_rewrite/intent.json`);
    await intent.upload('{"format":"other"}', 18);
    await expect(compact()).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' });
    expect(await intent.exists()).toBe(true);
    expect(await blobsIn(source)).toMatchObject({ 'data.csv': 'AppendBlob' });
  });
});

import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type Azurite, startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import { CollectedData } from '../../src/index.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { all, call, clockAt, collector, HEADER, ROOT, stream } from '../support/stream.ts';

let azurite: Azurite;
let proxy: CuttingProxy;
let container: ContainerClient;

beforeAll(async () => {
  azurite = await startAzurite();
  proxy = await startCuttingProxy(azurite);
  container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('modeldata');
});
afterAll(async () => {
  await proxy?.close();
  await azurite?.close();
});
afterEach(async () => {
  proxy.requests.length = 0;
  proxy.next.length = 0;
  proxy.onCut = async () => undefined;
  await container.deleteIfExists();
});

function open(options: Partial<Parameters<typeof CollectedData.open>[0]> = {}): Promise<CollectedData> {
  return CollectedData.open({ ...stream, storage: proxy.connectionString, ...options });
}

async function put(path: string, content: string): Promise<void> {
  await container.createIfNotExists();
  await container.getBlockBlobClient(`${ROOT}/${path}`).upload(content, Buffer.byteLength(content));
}

/** Collects rows of one feature on a day. */
async function collect(day: string, values: readonly unknown[]): Promise<void> {
  const inputs = collector({
    storage: { connectionString: azurite.connectionString },
    featureNames: ['x'],
    clock: clockAt(`${day}T12:00:00Z`),
  });
  inputs.collect(values.map((value) => [value as string]));
  await inputs.close();
}

const large = Array.from({ length: 3000 }, (_, index) => `${index}: ${'é\n"'.repeat(100)}`);

describe('collected rows in a blob container', () => {
  it('are read back as they were collected, in day order', async () => {
    await collect('2026-01-01', large);
    await collect('2025-12-31', ['first']);
    const data = await open();
    expect(await all(data.files())).toEqual([
      expect.objectContaining({ day: '2025-12-31', fileName: 'data.csv', part: undefined }),
      expect.objectContaining({
        path: `${ROOT}/2026/01/01/data.csv`,
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/devstoreaccount1\/modeldata\/.*data\.csv$/),
      }),
    ]);
    expect((await all(data.rows())).map((row) => row['x'])).toEqual(['first', ...large]);
  });

  it('are listed by the month of a short range only', async () => {
    await collect('2026-10-11', ['in']);
    await collect('2026-10-20', ['out']);
    const data = await open({ from: '2026-10-10', to: '2026-10-12' });
    expect((await all(data.rows())).map((row) => row['x'])).toEqual(['in']);
    const listed = proxy.requests
      .map((line) => new URL(line.slice(4), azurite.url).searchParams)
      .filter((query) => query.get('comp') === 'list')
      .map((query) => query.get('prefix'));
    expect(listed).toEqual([`${ROOT}/2026/10/`]);
  });

  it('are found below months and days without leading zero', async () => {
    for (const path of [
      '2026/1/2/data.csv',
      '2026/01/3/data.csv',
      '2026/1/04/data.csv',
      '2026/01/02/aml_telemetry.csv',
    ]) {
      await put(path, `${HEADER}${path},${call('a-1')}\n`);
    }
    for (const range of [{}, { from: '2026-01-01', to: '2026-01-31' }, { from: '2025-12-01', to: '2026-02-01' }]) {
      expect((await all((await open(range)).files())).map((file) => file.day)).toEqual([
        '2026-01-02',
        '2026-01-03',
        '2026-01-04',
      ]);
    }
  });

  it('are said to be missing, with what is there instead', async () => {
    await expect(all((await open()).rows())).rejects.toMatchObject({
      code: 'COLLECTED_DATA_NOT_FOUND',
      message: expect.stringContaining('The container modeldata does not exist'),
    });
    await put('2026/01/02/data.csv', 'x');
    await expect(all((await open({ modelVersion: '7' })).rows())).rejects.toMatchObject({
      code: 'COLLECTED_DATA_NOT_FOUND',
      details: { option: 'modelVersion', found: ['1'] },
    });
    expect(await all((await open({ from: '2027-01-01', to: '2027-01-01' })).rows())).toEqual([]);
  });

  it('are read on when the download breaks, although a running service appends meanwhile', async () => {
    await collect('2026-01-01', large);
    proxy.next.push('cut', 'cut');
    proxy.onCut = () => collect('2026-01-01', ['later']);
    expect((await all((await open()).rows())).map((row) => row['x'])).toEqual(large);
    expect(proxy.next).toEqual([]);
    expect((await all((await open()).rows())).map((row) => row['x'])).toEqual([...large, 'later', 'later']);
  });

  it('are never mixed with those of a file that replaced it while it was being read', async () => {
    const content = HEADER + large.map((_, index) => `${index},${call(`a-${index}`)}\n`).join('');
    await put('2026/01/01/data.csv', content);
    proxy.next.push('cut');
    proxy.onCut = () => put('2026/01/01/data.csv', content.replaceAll('a-', 'b-'));
    await expect(all((await open()).rows())).rejects.toMatchObject({
      code: 'STORAGE_READ_FAILED',
      statusCode: 412,
      message: expect.stringContaining('removed or replaced'),
    });
  });

  it('stop with the reason of the abort signal while nothing comes', async () => {
    await collect('2026-01-01', large);
    proxy.next.push('stall');
    const controller = new AbortController();
    const rows = (await open()).rows({ abortSignal: controller.signal });
    await rows.next();
    const rest = all(rows);
    setImmediate(() => controller.abort(new Error('enough')));
    await expect(rest).rejects.toThrow('enough');
  });

  it('say what role is missing, without secrets', async () => {
    await collect('2026-01-01', ['x']);
    const faults = await startBlobFaultProxy({ target: azurite.connectionString });
    try {
      faults.inject({ kind: 'answer', status: 403, errorCode: 'AuthorizationPermissionMismatch' });
      const failure = await all((await open({ storage: faults.connectionString })).rows()).catch((error) => error);
      expect(failure).toMatchObject({ code: 'STORAGE_READ_FAILED', statusCode: 403, retryable: false });
      expect(failure.message).toContain('Storage Blob Data Reader');
      expect(String(failure)).not.toContain('AccountKey=E');
    } finally {
      await faults.close();
    }
  });
});

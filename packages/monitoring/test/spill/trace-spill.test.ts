import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BlobClient, BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { type Azurite, type BlobFaultProxy, startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import { createTraceSpill, type SpillDocument, type StorageTarget, type TraceSpillStore } from '../../src/index.ts';

const WORKSPACE = { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' };
const TIME = new Date('2026-01-02T23:59:59.999Z');
const LARGE = Buffer.from(JSON.stringify({ input: '漢😀'.repeat(150_000) }));

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

function document(changes: Partial<SpillDocument> = {}): SpillDocument {
  return { content: LARGE, contentType: 'application/json', kind: 'print', requestId: 'rid-1', time: TIME, ...changes };
}

function open(storage: StorageTarget, webserviceName = 'svc'): TraceSpillStore {
  return createTraceSpill({ storage, workspace: WORKSPACE, webserviceName });
}

describe('createTraceSpill on blobs', () => {
  let azurite: Azurite;
  let proxy: BlobFaultProxy;
  let container: ContainerClient;

  beforeAll(async () => {
    azurite = await startAzurite();
    proxy = await startBlobFaultProxy({ target: azurite.connectionString });
    container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('modeldata');
  });

  afterAll(async () => {
    await proxy?.close();
    await azurite?.close();
  });

  beforeEach(() => proxy.clear());

  const path8 = (content: Uint8Array, ending = 'json') =>
    `sub/rg/ws/svc/traces/2026/01/02/rid-1-${sha256(content).slice(0, 8)}.${ending}`;

  it('makes the container, and stores a document whole at its path, with its type and hash', async () => {
    const { url } = await open({ connectionString: azurite.connectionString }).write(document());
    const blob = container.getBlobClient(path8(LARGE));
    const { contentType, metadata } = await blob.getProperties();

    expect(url).toBe(blob.url);
    expect((await blob.downloadToBuffer()).equals(LARGE)).toBe(true);
    expect({ contentType, metadata }).toEqual({
      contentType: 'application/json',
      metadata: { sha256: sha256(LARGE), kind: 'print' },
    });
  });

  it('gives an address that the account key alone opens, without the signature it was opened with', async () => {
    const key = /AccountKey=([^;]+)/.exec(azurite.connectionString)?.[1] ?? '';
    const account = /AccountName=([^;]+)/.exec(azurite.connectionString)?.[1] ?? '';
    const { url } = await open({ containerClient: container }).write(document({ requestId: 'by-key' }));
    const blob = new BlobClient(url, new StorageSharedKeyCredential(account, key));

    expect((await blob.downloadToBuffer()).equals(LARGE)).toBe(true);
    expect(url).not.toContain('?');
  });

  it('stores the same document once, and never over another one', async () => {
    const store = open({ containerClient: container });
    const other = Buffer.from('"other"');
    const taken = container.getBlockBlobClient(path8(other));
    await taken.upload('somebody else', 13);
    const [first, again] = [await store.write(document()), await store.write(document())];
    const { url } = await store.write(document({ content: other }));

    expect(again.url).toBe(first.url);
    expect((await taken.downloadToBuffer()).toString()).toBe('somebody else');
    expect(url).toContain(`rid-1-${sha256(other)}.json`);
    await container
      .getBlockBlobClient(path8(other).replace(/[0-9a-f]{8}\.json$/, `${sha256(other)}.json`))
      .upload('x', 1, {
        metadata: {},
      });
    await expect(store.write(document({ content: other }))).rejects.toMatchObject({ code: 'SPILL_PATH_TAKEN' });
  });

  it('takes an upload whose answer was lost for done', async () => {
    const lost = proxy.inject({ kind: 'loseAnswer', method: 'PUT', path: '/traces/', times: 1 });
    const content = Buffer.from('"lost answer"');
    const { url } = await open({ connectionString: proxy.connectionString }).write(document({ content }));

    expect(lost.hits).toBe(1);
    expect(url).toContain(path8(content));
    expect((await container.getBlobClient(path8(content)).downloadToBuffer()).toString()).toBe('"lost answer"');
  });

  it('makes one folder name of whatever a request is called, and a random one where there is no id', async () => {
    const store = open({ containerClient: container });
    const names = [];
    for (const requestId of ['../../up', 'a b/ü?#', '', undefined, 'x'.repeat(300)]) {
      const { url } = await store.write(document({ requestId, content: Buffer.from('{}') }));
      names.push(url.slice(url.indexOf('/traces/2026/01/02/') + '/traces/2026/01/02/'.length));
    }
    const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-44136fa3\.json$/);

    expect(names).toEqual([
      '__.._up-44136fa3.json',
      'a_b____-44136fa3.json',
      uuid,
      uuid,
      `${'x'.repeat(100)}-44136fa3.json`,
    ]);
  });

  it('ends when nobody waits any more', async () => {
    const abort = new AbortController();
    abort.abort(new Error('too late'));

    await expect(
      open({ connectionString: azurite.connectionString }).write(document(), { abortSignal: abort.signal }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('createTraceSpill in a folder', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'trace-spill-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('stores the same paths as files, for their owner only, and leaves nothing else', async () => {
    const text = Buffer.from('no JSON');
    const { url } = await open({ directory }).write(
      document({ content: text, contentType: 'text/plain; charset=utf-8' }),
    );
    const file = fileURLToPath(url);

    expect(path.relative(directory, file)).toBe(
      path.join('modeldata', `sub/rg/ws/svc/traces/2026/01/02/rid-1-${sha256(text).slice(0, 8)}.txt`),
    );
    expect((await readFile(file)).equals(text)).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(path.dirname(file))).toHaveLength(1);
  });

  it('stores a document of two at the same time once, and never over another one', async () => {
    const store = open({ directory });
    const urls = await Promise.all([store.write(document()), store.write(document())]);
    const file = fileURLToPath(urls[0]?.url ?? '');
    expect(urls[1]).toEqual(urls[0]);
    expect((await readFile(file)).equals(LARGE)).toBe(true);

    await rm(file);
    await writeFile(file, 'somebody else');
    const { url } = await store.write(document());
    expect(fileURLToPath(url)).toMatch(new RegExp(`rid-1-${sha256(LARGE)}\\.json$`));
    expect(await readFile(file, 'utf8')).toBe('somebody else');
  });
});

describe('createTraceSpill', () => {
  const before = { ...process.env };

  afterEach(() => {
    process.env = { ...before };
  });

  it('takes storage and names from the environment, as collectors do', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'trace-spill-'));
    process.env['AML_MODEL_DC_STORAGE'] = `file://${directory}`;
    process.env['AZUREML_ARM_SUBSCRIPTION'] = 's';
    process.env['WORKSPACE_NAME'] = 'w';
    process.env['SERVICE_NAME'] = 'my-svc';
    const { url } = await createTraceSpill().write(document());

    expect(url).toContain('/modeldata/s/default/w/my-svc/traces/2026/01/02/rid-1-');
    await rm(directory, { recursive: true });
  });

  it('says at once what is missing or cannot be a folder', () => {
    delete process.env['AML_MODEL_DC_STORAGE'];
    expect(() => createTraceSpill()).toThrow(expect.objectContaining({ code: 'VALIDATION', path: 'storage' }));
    expect(() => open({ directory: '/tmp/x' }, 'a/b')).toThrow(expect.objectContaining({ path: 'webserviceName' }));
    expect(() => createTraceSpill({ storage: {} as never })).toThrow(expect.objectContaining({ path: 'storage' }));
  });
});

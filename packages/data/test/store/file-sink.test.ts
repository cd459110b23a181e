import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type Azurite, startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import { openSink } from '../../src/store/file-sink.ts';
import { temporaryFolder } from '../support/stream.ts';

let azurite: Azurite;
let container: ContainerClient;
const NAME = 'exports';

beforeAll(async () => {
  azurite = await startAzurite();
  container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(NAME);
});
afterAll(() => azurite?.close());
afterEach(() => container.deleteIfExists());

async function* piecesOf(...pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The same checks of both places. */
interface Place {
  open(): Promise<Awaited<ReturnType<typeof openSink>>>;
  contents(): Promise<Record<string, Buffer>>;
}

const places: [string, () => Promise<Place>][] = [
  [
    'a folder',
    async () => {
      const directory = path.join(await temporaryFolder(), 'not', 'there');
      return {
        open: () => openSink({ directory }),
        contents: async () => {
          const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
          const files = entries.filter((entry) => entry.isFile());
          return Object.fromEntries(
            await Promise.all(
              files.map(async (file) => {
                const full = path.join(file.parentPath, file.name);
                return [path.relative(directory, full), await readFile(full)];
              }),
            ),
          );
        },
      };
    },
  ],
  [
    'a blob container',
    async () => ({
      open: () => openSink({ connectionString: azurite.connectionString, container: NAME, prefix: '/deep/er/' }),
      contents: async () => {
        const found: Record<string, Buffer> = {};
        if (await container.exists()) {
          for await (const blob of container.listBlobsFlat()) {
            found[blob.name.replace(/^deep\/er\//, '')] = await container.getBlobClient(blob.name).downloadToBuffer();
          }
        }
        return found;
      },
    }),
  ],
];

describe.each(places)('files written to %s', (_name, place) => {
  it('hold what they were given, of any size, and replace what was there', async () => {
    const { open, contents } = await place();
    const sink = await open();
    const large = randomBytes(9_500_000);
    const cut = [0, 1, 70_000, 4_194_304, 8_388_608, large.length];
    const pieces = cut.slice(1).map((end, index) => large.subarray(cut[index], end));
    expect(await sink.write('a/b=1/large.bin', piecesOf(...pieces))).toEqual({
      path: 'a/b=1/large.bin',
      url: expect.stringMatching(/\/a\/b(=|%3D)1\/large\.bin$/),
      bytes: large.length,
      sha256: sha256(large),
    });
    expect((await contents())['a/b=1/large.bin']?.equals(large)).toBe(true);
    await sink.write('a/b=1/large.bin', Buffer.from('new'), { contentType: 'text/plain' });
    expect(await sink.write('none', piecesOf())).toMatchObject({ bytes: 0, sha256: sha256(Buffer.alloc(0)) });
    expect(await contents()).toEqual({ 'a/b=1/large.bin': Buffer.from('new'), none: Buffer.alloc(0) });
  });

  it('are not replaced where that was ruled out', async () => {
    const { open, contents } = await place();
    const sink = await open();
    await sink.write('x.csv', Buffer.from('first'), { ifNotExists: true });
    await expect(sink.write('x.csv', Buffer.from('second'), { ifNotExists: true })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
      message: expect.stringContaining('already a file x.csv'),
    });
    expect(await contents()).toEqual({ 'x.csv': Buffer.from('first') });
  });

  it('are not there, and leave nothing, when their bytes fail or the caller ends the work', async () => {
    const { open, contents } = await place();
    const sink = await open();
    await sink.write('kept.csv', Buffer.from('old'));
    async function* failing() {
      yield randomBytes(5_000_000);
      throw new Error('the source failed');
    }
    await expect(sink.write('kept.csv', failing())).rejects.toThrow('the source failed');
    const controller = new AbortController();
    async function* ended() {
      yield randomBytes(5_000_000);
      controller.abort(new Error('enough'));
      yield randomBytes(5_000_000);
    }
    await expect(sink.write('new.csv', ended(), { abortSignal: controller.signal })).rejects.toThrow('enough');
    await expect(sink.write('new.csv', Buffer.from('x'), { abortSignal: controller.signal })).rejects.toThrow('enough');
    expect(await contents()).toEqual({ 'kept.csv': Buffer.from('old') });
  });

  it('can be removed', async () => {
    const { open, contents } = await place();
    const sink = await open();
    expect(await sink.remove('x/y.csv')).toBe(false);
    await sink.write('x/y.csv', Buffer.from('1'));
    expect(await sink.remove('x/y.csv')).toBe(true);
    expect(await contents()).toEqual({});
  });

  it.each(['', '/a', 'a//b', '../a', 'a/../b', 'a/./b', 'a\\b', 'a\n', 'a.', 'x'.repeat(256), 7 as never])(
    'never go to the path %p',
    async (name) => {
      const sink = await (await place()).open();
      await expect(sink.write(name, Buffer.from('x'))).rejects.toThrow(/path must be a relative path/);
      await expect(sink.remove(name)).rejects.toThrow(/path must be a relative path/);
    },
  );
});

describe('files written to a blob container', () => {
  const open = (connectionString = azurite.connectionString) => openSink({ connectionString, container: NAME });

  it('are block blobs of their content type', async () => {
    await (await open()).write('x.csv', Buffer.from('a'), { contentType: 'text/csv' });
    expect(await container.getBlobClient('x.csv').getProperties()).toMatchObject({
      blobType: 'BlockBlob',
      contentType: 'text/csv',
    });
  });

  it('are known as ours when the answer to their commit was lost', async () => {
    const faults = await startBlobFaultProxy({ target: azurite.connectionString });
    try {
      faults.inject({ kind: 'loseAnswer', query: 'comp=blocklist', method: 'PUT', times: 1 });
      const sink = await open(faults.connectionString);
      expect(await sink.write('x.csv', Buffer.from('a'), { ifNotExists: true })).toMatchObject({ bytes: 1 });
    } finally {
      await faults.close();
    }
  });

  it('leave an append blob alone, and say so', async () => {
    await container.create();
    await container.getAppendBlobClient('x.csv').create();
    const sink = await open();
    await expect(sink.write('x.csv', Buffer.from('a'))).rejects.toMatchObject({
      code: 'STORAGE_WRITE_FAILED',
      message: expect.stringContaining('An append blob is there'),
    });
    await expect(sink.write('x.csv', Buffer.from('a'), { ifNotExists: true })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
  });

  it('say what role is missing, without secrets', async () => {
    const faults = await startBlobFaultProxy({ target: azurite.connectionString });
    try {
      faults.inject({ kind: 'answer', status: 403, errorCode: 'AuthorizationPermissionMismatch' });
      const failure = await (await open(faults.connectionString))
        .write('x.csv', Buffer.from('a'))
        .catch((error) => error);
      expect(failure).toMatchObject({ code: 'STORAGE_WRITE_FAILED', statusCode: 403, retryable: false });
      expect(failure.message).toContain('Storage Blob Data Contributor');
      expect(String(failure)).not.toContain('AccountKey');
    } finally {
      await faults.close();
    }
  });
});

describe('the target of files', () => {
  it('may be a folder by its path or URL', async () => {
    const directory = await temporaryFolder();
    for (const target of [directory, pathToFileURL(directory), pathToFileURL(directory).href]) {
      const { url } = await (await openSink(target)).write('x.csv', Buffer.from('a'));
      expect(fileURLToPath(url)).toBe(path.join(directory, 'x.csv'));
    }
  });

  it('may be the address of a container with a folder in it', async () => {
    const signed = new URL(`${azurite.url}/devstoreaccount1/${NAME}/some%20folder/?sv=1&sig=topsecret`);
    const sink = await openSink(signed);
    expect(sink.place).toContain(`/devstoreaccount1, container ${NAME}, folder some folder/`);
    expect(sink.place).not.toContain('topsecret');
    const real = await openSink('https://account.blob.core.windows.net/exports/a/b?sig=topsecret');
    expect(real.place).toBe('account https://account.blob.core.windows.net, container exports, folder a/b/');
  });

  it.each([
    '',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=topsecret',
    'https://account.blob.core.windows.net/?sig=topsecret',
    'https://account.blob.core.windows.net/UPPER?sig=topsecret',
    {},
    null,
    { directory: '' },
    { directory: 'a', connectionString: 'topsecret' },
    { connectionString: 'topsecret' },
    { accountUrl: 'topsecret', container: 'abc' },
    { connectionString: 'topsecret', container: 'abc', prefix: '../x' },
  ])('is refused when it is none, without repeating it', async (target) => {
    const failure = await openSink(target as never, 'to').catch((error) => error);
    expect(failure).toMatchObject({ code: 'VALIDATION', message: expect.stringMatching(/^to(\.\w+)? must be /) });
    expect(failure.message).not.toContain('topsecret');
  });

  it('tells of a folder that refuses', async () => {
    const directory = await temporaryFolder();
    await mkdir(path.join(directory, 'taken'));
    await writeFile(path.join(directory, 'file'), '');
    const sink = await openSink(directory);
    await expect(sink.write('taken', Buffer.from('x'))).rejects.toMatchObject({ code: 'STORAGE_WRITE_FAILED' });
    await expect(sink.write('file/x', Buffer.from('x'))).rejects.toMatchObject({ code: 'STORAGE_WRITE_FAILED' });
    expect((await readdir(directory)).sort()).toEqual(['file', 'taken']);
    await expect(sink.remove('file/x')).resolves.toBe(false);
  });

  // Below /proc nothing can be made, and mkdir says of a folder that is there that it is missing.
  (process.platform === 'linux' ? it : it.skip)('tells of a file system that makes no folders', async () => {
    const sink = await openSink('/proc/none');
    await expect(sink.write('deep/x', Buffer.from('x'))).rejects.toMatchObject({
      code: 'STORAGE_WRITE_FAILED',
      message: expect.stringContaining("mkdir '/proc/none'"),
      retryable: false,
    });
  });
});

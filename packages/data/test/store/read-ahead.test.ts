import { randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type Azurite, startAzurite } from '@azureml-ts/testing';
import fc from 'fast-check';
import { BlobStore } from '../../src/store/blob-store.ts';
import { DirectoryStore } from '../../src/store/directory-store.ts';
import type { FileStore, ReadRange, StoredFile } from '../../src/store/file-store.ts';
import { type ReadAheadOptions, type ReadProgress, readAhead } from '../../src/store/read-ahead.ts';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { all, temporaryFolder, writeFiles } from '../support/stream.ts';

const MIB = 1_048_576;

let azurite: Azurite;
let proxy: CuttingProxy;
let container: ContainerClient;
let blobs: BlobStore;

beforeAll(async () => {
  azurite = await startAzurite();
  proxy = await startCuttingProxy(azurite);
  container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('modeldata');
  blobs = new BlobStore(
    BlobServiceClient.fromConnectionString(proxy.connectionString).getContainerClient('modeldata'),
    'the test account',
  );
});
afterAll(async () => {
  await proxy?.close();
  await azurite?.close();
});
beforeEach(() => container.create());
afterEach(async () => {
  proxy.next.length = 0;
  proxy.requests.length = 0;
  proxy.onCut = async () => undefined;
  await container.delete();
});

async function put(name: string, bytes: Uint8Array): Promise<StoredFile> {
  const path = `${name}.csv`;
  await container.getBlockBlobClient(path).uploadData(Buffer.from(bytes));
  return { path, size: bytes.length };
}

/** The bytes of each file. */
async function readAll(store: FileStore, files: readonly StoredFile[], options: ReadAheadOptions = {}) {
  const found: [string, Buffer][] = [];
  for await (const { file, pieces } of readAhead(store, files, options)) {
    found.push([file.path, Buffer.concat(await all(pieces))]);
  }
  return found;
}

/** A store that counts what it has given and what of it is open. */
function counted(store: FileStore): {
  store: FileStore;
  given: number;
  open: number;
  most: number;
  reads: string[];
  known: boolean[];
} {
  const count = { store, given: 0, open: 0, most: 0, reads: [] as string[], known: [] as boolean[] };
  count.store = Object.assign(Object.create(store) as FileStore, {
    rangeBytes: store.rangeBytes,
    async *read(path: string, signal: AbortSignal | undefined, range?: ReadRange) {
      count.open += 1;
      count.most = Math.max(count.most, count.open);
      count.reads.push(path);
      count.known.push(range?.same?.seen !== undefined);
      try {
        for await (const piece of store.read(path, signal, range)) {
          count.given += piece.length;
          yield piece;
        }
      } finally {
        count.open -= 1;
      }
    },
    urlOf: (path: string) => store.urlOf(path),
  });
  return count;
}

describe('files that are read ahead', () => {
  it('come in order with all their bytes, for any sizes and settings', async () => {
    const directory = await temporaryFolder();
    const store = new DirectoryStore(directory);
    const contents = [0, 1, 100, 262_143, 262_144, 262_145, 700_000].map((size) => randomBytes(size));
    await writeFiles(directory, Object.fromEntries(contents.map((bytes, index) => [`${index}.csv`, bytes])));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: contents.length - 1 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 2_000_000 }),
        async (order, concurrency, maxBufferBytes) => {
          const files = order.map((index) => ({ path: `${index}.csv`, size: contents[index]?.length ?? 0 }));
          const found = await readAll(store, files, { concurrency, maxBufferBytes });
          expect(found.map(([path]) => path)).toEqual(files.map(({ path }) => path));
          for (const [position, index] of order.entries()) {
            expect(found[position]?.[1].equals(contents[index] as Buffer)).toBe(true);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are read in ranges when they are large blobs, and taken up where a download broke', async () => {
    const large = randomBytes(13 * MIB + 17);
    const files = [await put('a', randomBytes(10)), await put('large', large), await put('z', randomBytes(20))];
    proxy.next.push('cut', undefined, 'cut', 'cut');
    const count = counted(blobs);
    const [, found] = await readAll(count.store, files);
    expect(found?.[1].equals(large)).toBe(true);
    expect(count.reads).toEqual(['a.csv', 'large.csv', 'large.csv', 'large.csv', 'large.csv', 'z.csv']);
    // Which blob it is, the first range tells the others.
    expect(count.known).toEqual([false, false, true, true, true, false]);
    expect(proxy.next).toEqual([]);
    const ranges = proxy.requests.filter((line) => line.includes('/large.csv'));
    // Four ranges, and what was cut of them again.
    expect(ranges.length).toBeGreaterThanOrEqual(4 + 2);
  });

  it('are read to their end when they grew since they were listed, as one blob', async () => {
    const client = container.getAppendBlobClient('live.csv');
    await client.create();
    const [first, second] = [randomBytes(9 * MIB), randomBytes(MIB)];
    for (let at = 0; at < first.length; at += 3 * MIB) {
      await client.appendBlock(first.subarray(at, at + 3 * MIB), 3 * MIB);
    }
    await client.appendBlock(second, second.length);
    const [found] = await readAll(blobs, [{ path: 'live.csv', size: first.length }]);
    expect(found?.[1].equals(Buffer.concat([first, second]))).toBe(true);
  });

  it('are never mixed of ranges of a blob and of another that replaced it', async () => {
    const file = await put('large', Buffer.alloc(9 * MIB, 'a'));
    proxy.next.push('cut');
    proxy.onCut = async () => {
      await put('large', Buffer.alloc(9 * MIB, 'b'));
    };
    await expect(readAll(blobs, [file], { concurrency: 1 })).rejects.toMatchObject({
      code: 'STORAGE_READ_FAILED',
      message: expect.stringContaining('removed or replaced'),
    });
  });

  it('wait in bounded memory for who takes them, and are read at the same time', async () => {
    const directory = await temporaryFolder();
    const names = Array.from({ length: 4 }, (_, index) => `${index}.csv`);
    await writeFiles(directory, Object.fromEntries(names.map((name) => [name, Buffer.alloc(4 * MIB)])));
    const count = counted(new DirectoryStore(directory));
    let taken = 0;
    let most = 0;
    const files = names.map((path) => ({ path, size: 4 * MIB }));
    for await (const { pieces } of readAhead(count.store, files, { concurrency: 3, maxBufferBytes: 2 * MIB })) {
      for await (const piece of pieces) {
        await quiet(() => count.given);
        most = Math.max(most, count.given - taken);
        taken += piece.length;
      }
    }
    expect(taken).toBe(16 * MIB);
    expect(count.most).toBe(3);
    // One piece of each download may come on top, and the one that was just taken.
    expect(most).toBeLessThanOrEqual(2 * MIB + 4 * 262_144);
    expect(most).toBeGreaterThan(MIB);
    expect(count.open).toBe(0);
  });

  it('tell how far they are', async () => {
    const files = [await put('a', randomBytes(1_000)), await put('b', randomBytes(500))];
    const told: ReadProgress[] = [];
    await readAll(blobs, [...files.slice(0, 1), { path: 'b.csv', size: 400 }], {
      onProgress: (progress) => told.push(progress),
    });
    expect(told[0]).toEqual({ files: 2, filesDone: 0, bytes: 1_400, bytesRead: 1_000 });
    expect(told.at(-1)).toEqual({ files: 2, filesDone: 2, bytes: 1_500, bytesRead: 1_500 });
  });

  it('fail when it is their turn, after those before them', async () => {
    const first = await put('a', Buffer.from('first'));
    const found: string[] = [];
    const read = async () => {
      for await (const { pieces } of readAhead(blobs, [first, { path: 'gone.csv', size: 5 }])) {
        found.push(Buffer.concat(await all(pieces)).toString());
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'STORAGE_READ_FAILED', statusCode: 404 });
    expect(found).toEqual(['first']);
  });

  it('are passed over when their bytes are not taken', async () => {
    const files = [await put('a', randomBytes(9 * MIB)), await put('b', Buffer.from('second'))];
    const found: string[] = [];
    const count = counted(blobs);
    for await (const { file, pieces } of readAhead(count.store, files, { maxBufferBytes: 1_000 })) {
      if (file === files[1]) {
        expect(count.open).toBeLessThanOrEqual(1);
        found.push(Buffer.concat(await all(pieces)).toString());
      }
    }
    expect(found).toEqual(['second']);
    expect(count.open).toBe(0);
  });

  it.each([
    [{ concurrency: 0 }, /concurrency must be a whole number from 1 to 64/],
    [{ maxBufferBytes: 0.5 }, /maxBufferBytes must be/],
    [{ onProgress: 7 }, /onProgress must be/],
  ])('refuse the options %j', async (options, message) => {
    await expect(readAll(blobs, [], options as never)).rejects.toThrow(message);
  });
});

describe('who stops early', () => {
  it('leaves no download behind, although some of them hang', async () => {
    const files = await Promise.all(['a', 'b', 'c', 'd'].map((name) => put(name, randomBytes(2 * MIB))));
    const count = counted(blobs);
    proxy.next.push('stall', 'stall', 'stall', 'stall');
    for await (const { pieces } of readAhead(count.store, files)) {
      for await (const _ of pieces) {
        break;
      }
      break;
    }
    expect(count.reads).toHaveLength(4);
    expect(count.open).toBe(0);
    while (proxy.unfinished() > 0) {
      await turn();
    }
  });

  it('leaves no download behind between two files', async () => {
    const files = await Promise.all(['a', 'b', 'c'].map((name) => put(name, randomBytes(3 * MIB))));
    const count = counted(blobs);
    const reading = readAhead(count.store, files, { maxBufferBytes: 100_000 });
    await reading.next();
    await reading.return();
    expect(count.open).toBe(0);
    await expect(reading.next()).resolves.toEqual({ done: true, value: undefined });
  });

  it('leaves no file of a folder open', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, { 'a.csv': Buffer.alloc(MIB), 'b.csv': Buffer.alloc(MIB) });
    const files = ['a.csv', 'b.csv'].map((path) => ({ path, size: MIB }));
    for await (const { pieces } of readAhead(new DirectoryStore(directory), files, { maxBufferBytes: 1 })) {
      for await (const _ of pieces) {
        break;
      }
      break;
    }
    // Where the system does not list what a process has open, there is nothing to look at.
    const open = process.platform === 'linux' ? readdirSync('/proc/self/fd').map(targetOf) : [];
    expect(open.filter((file) => file.startsWith(directory))).toEqual([]);
  });

  it('hears the reason of the abort signal while nothing comes', async () => {
    const files = await Promise.all(['a', 'b'].map((name) => put(name, randomBytes(2 * MIB))));
    const count = counted(blobs);
    proxy.next.push('stall', 'stall');
    const controller = new AbortController();
    const reading = readAll(count.store, files, { abortSignal: controller.signal });
    while (count.given < MIB) {
      await turn();
    }
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    expect(count.open).toBe(0);
    await expect(readAll(count.store, files, { abortSignal: controller.signal })).rejects.toThrow('enough');
  });
});

describe('a file that is read from a place on', () => {
  it('gives what stands behind it, and nothing at its end', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, { 'a.csv': 'abcdef' });
    await put('a', Buffer.from('abcdef'));
    for (const store of [new DirectoryStore(directory), blobs]) {
      const read = async (range: ReadRange) =>
        Buffer.concat(await all(store.read('a.csv', undefined, range))).toString();
      expect(await read({ from: 2 })).toBe('cdef');
      expect(await read({ from: 1, to: 3 })).toBe('bc');
      expect(await read({ from: 4, to: 100 })).toBe('ef');
      expect(await read({ from: 6 })).toBe('');
      expect(await read({ from: 7 })).toBe('');
      expect(await read({})).toBe('abcdef');
    }
  });
});

/** Waits until a number has stood still for a while: everybody has done what may be done. */
async function quiet(number: () => number): Promise<void> {
  let last = number();
  for (let still = 0; still < 50; still += 1) {
    await turn();
    still = number() === last ? still : 0;
    last = number();
  }
}

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}

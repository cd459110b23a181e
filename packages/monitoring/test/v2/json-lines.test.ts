import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type Azurite, type BlobFaultProxy, startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import { BasicCorrelationContext, type JsonLinesTarget } from '../../src/index.ts';
import { withoutLargeData } from '../../src/v2/json-lines/large-records.ts';
import { filesBelow, temporaryFolder, workspace } from '../support/workspace.ts';
import { collecting } from './support.ts';

const HOUR = 3_600;
const NOON = Date.UTC(2026, 2, 4, 12) / 1_000;
const FILE = /^modelDataCollector\/credit\/blue\/model_inputs\/2026\/03\/04\/(\d\d)\/([0-9a-f]{32})(\d{6})\.jsonl$/;
const countUp = (count: number) => Array.from({ length: count }, (_, index) => index);

interface Line {
  readonly data?: readonly { readonly index: number }[];
  readonly dataref?: string;
  readonly contentrange: string;
  readonly correlationid: string;
  readonly source: string;
}

const linesOf = (text: string) => text.split('\n').slice(0, -1);
const recordsOf = (text: string) => linesOf(text).map((line) => JSON.parse(line) as Line);
const indexesOf = (text: string) => recordsOf(text).flatMap(({ data = [] }) => data.map(({ index }) => index));

/** A kind of storage. */
interface Store {
  target(): JsonLinesTarget;
  files(): Promise<Map<string, string>>;
  /** What a dataref points to. */
  read(address: string): Promise<string>;
}

let azurite: Azurite;
let proxy: BlobFaultProxy;
let service: BlobServiceClient;
let tests = 0;
beforeAll(async () => {
  azurite = await startAzurite();
  proxy = await startBlobFaultProxy({ target: azurite.connectionString });
  service = BlobServiceClient.fromConnectionString(azurite.connectionString);
});
afterAll(async () => {
  await proxy.close();
  await azurite.close();
});
beforeEach(() => {
  proxy.clear();
  tests += 1;
});

async function textsIn(container: ContainerClient): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const { name } of container.listBlobsFlat()) {
    texts.set(name, (await container.getBlobClient(name).downloadToBuffer()).toString());
  }
  return texts;
}

function blobStore(): Store {
  const container = `blobstore-${tests}`;
  const client = service.getContainerClient(container);
  return {
    target: () => ({ connectionString: proxy.connectionString, container }),
    files: () => textsIn(client),
    read: async (address) => {
      const name = decodeURIComponent(new URL(address).pathname.split(`/${container}/`)[1] ?? '');
      return (await client.getBlobClient(name).downloadToBuffer()).toString();
    },
  };
}

async function directoryStore(): Promise<Store> {
  const directory = await temporaryFolder();
  return {
    target: () => ({ directory }),
    files: () => filesBelow(directory),
    read: (address) => readFile(fileURLToPath(address), 'utf8'),
  };
}

function toStore(store: Store, options: object = {}) {
  const names = { endpointName: 'credit', deploymentName: 'blue' };
  return collecting({ sink: { ...store.target(), ...names }, workspace, ...options });
}

describe.each([
  ['blobs', async () => blobStore()],
  ['a folder', directoryStore],
])('records in %s', (_, open) => {
  it('lie in the folder of their hour, one file a writer, with the length of their data', async () => {
    const store = await open();
    const { collector, errors } = toStore(store);
    for (const index of countUp(600)) {
      const timestamp = NOON + (index < 300 ? 0 : HOUR);
      collector.collect([{ index, text: 'é/' }], new BasicCorrelationContext({ id: `id-${index}`, timestamp }));
    }
    await collector.close();
    const { collector: other } = toStore(store);
    other.collect([{ index: 600 }], new BasicCorrelationContext({ timestamp: NOON }));
    await other.close();
    const files = await store.files();
    const parts = [...files.keys()].map((name) => FILE.exec(name) ?? []);
    expect(parts.map(([, hour, , part]) => [hour, part]).sort()).toEqual([
      ['12', '000001'],
      ['12', '000001'],
      ['13', '000001'],
    ]);
    expect(new Set(parts.map(([, , writer]) => writer)).size).toBe(2);
    const inHour = (hour: string) => [...files].filter(([name]) => name.includes(`/${hour}/`)).map(([, text]) => text);
    expect(inHour('13').map(indexesOf)).toEqual([countUp(300).map((index) => 300 + index)]);
    expect(
      inHour('12')
        .map(indexesOf)
        .sort((one, two) => one.length - two.length),
    ).toEqual([[600], countUp(300)]);
    for (const line of [...files.values()].flatMap(linesOf)) {
      const { contentrange, source } = JSON.parse(line) as Line;
      const data = /,"data":(.*),"contentrange"/.exec(line)?.[1] ?? '';
      expect(contentrange).toBe(`bytes 0-${data.length - 1}/${data.length}`);
      expect(source).toMatch(/workspaces\/ws\/onlineEndpoints\/credit\/deployments\/blue$/);
    }
    expect([errors, collector.stats().stored]).toEqual([[], 600]);
  });

  it('can lie in a folder that is named', async () => {
    const store = await open();
    const { collector } = collecting({ sink: { ...store.target(), path: '/my data/inputs/' } });
    collector.collect([{ index: 1 }], new BasicCorrelationContext({ timestamp: NOON }));
    await collector.close();
    expect([...(await store.files()).keys()]).toEqual([
      expect.stringMatching(/^my data\/inputs\/2026\/03\/04\/12\/[0-9a-f]{32}000001\.jsonl$/),
    ]);
  });

  it('with rows of more than 4 MiB point to a file with them, which is there before', async () => {
    const store = await open();
    const { collector } = toStore(store);
    const large = countUp(3).map((index) => ({ index, text: `${index}`.repeat(1_500_000) }));
    const context = (id: string) => new BasicCorrelationContext({ id, timestamp: NOON });
    collector.collect([{ index: 0 }], context('before'));
    collector.collect(large, context('large'));
    collector.collect([{ index: 1 }], context('after'));
    await collector.close();
    const files = await store.files();
    const [, text = ''] = [...files].find(([name]) => FILE.test(name)) ?? [];
    const records = recordsOf(text);
    expect(records.map(({ correlationid }) => correlationid)).toEqual(['before', 'large', 'after']);
    expect(records.map(({ data }) => data?.length)).toEqual([1, undefined, 1]);
    expect(text.length).toBeLessThan(4_000);
    const data = await store.read(records[1]?.dataref ?? '');
    expect(JSON.parse(data)).toEqual(large);
    expect(records[1]?.contentrange).toBe(`bytes 0-${data.length - 1}/${data.length}`);
    // Whoever reads all `*.jsonl` must not meet it.
    expect([...files.keys()].filter((name) => name.endsWith('.jsonl'))).toHaveLength(1);
  });

  it('that a dead process left are stored by the next one, each once', async () => {
    const store = await open();
    const journal = { directory: await temporaryFolder() };
    const { collector } = toStore(store, { journal });
    for (const index of countUp(100)) {
      collector.collect([{ index }], new BasicCorrelationContext({ timestamp: NOON }));
    }
    await collector.flush({ until: 'journal' });
    await expect(collector.close({ abortSignal: AbortSignal.abort(new Error('killed')) })).rejects.toMatchObject({
      keptRows: 100,
    });
    const { collector: next } = toStore(store, { journal });
    await next.flush();
    await next.close();
    expect(next.stats().recovered).toEqual({ stored: 100, pending: 0 });
    expect([...(await store.files()).values()].flatMap(indexesOf)).toEqual(countUp(100));
  });
});

describe('records in blobs', () => {
  it('are there once, in order, when answers are lost and the store is busy', async () => {
    const store = blobStore();
    const { collector } = toStore(store, { maxBatchBytes: 20_000 });
    const lost = proxy.inject({ kind: 'loseAnswer', method: 'PUT', query: 'comp=appendblock', times: 3 });
    const busy = proxy.inject({ kind: 'answer', status: 503, method: 'PUT', query: 'comp=appendblock', times: 2 });
    for (const index of countUp(1_000)) {
      collector.collect([{ index }], new BasicCorrelationContext({ timestamp: NOON }));
    }
    await collector.flush({ timeoutMs: 25_000 });
    await collector.close();
    expect([...(await store.files()).values()].flatMap(indexesOf)).toEqual(countUp(1_000));
    expect([lost.hits, busy.hits]).toEqual([3, 2]);
  });

  it('go to another file of the same writer when one is full', async () => {
    const store = blobStore();
    const { collector } = toStore(store);
    const collectOne = async (index: number) => {
      collector.collect([{ index }], new BasicCorrelationContext({ timestamp: NOON }));
      await collector.flush();
    };
    await collectOne(0);
    const [name = ''] = (await store.files()).keys();
    await service.getContainerClient(`blobstore-${tests}`).getAppendBlobClient(name).seal();
    await collectOne(1);
    await collector.close();
    const names = [...(await store.files()).keys()].map((file) => path.posix.basename(file));
    expect(names).toEqual([path.posix.basename(name), path.posix.basename(name).replace('000001', '000002')]);
  });
});

describe('large rows in lines', () => {
  it('are left where they are up to 4 MiB', () => {
    const bytes = Buffer.from(`${'x'.repeat(100)}\n`);
    expect(withoutLargeData(bytes, () => '')).toEqual({ bytes, large: [] });
  });
});

import { randomUUID } from 'node:crypto';
import { BlobServiceClient, type BlockBlobClient, type ContainerClient } from '@azure/storage-blob';
import { type Azurite, startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import { ModelDataCollector } from '../../src/collector/model-data-collector.ts';
import type { ModelDataCollectorOptions } from '../../src/collector/options.ts';
import { PythonLayout } from '../../src/python/python-layout.ts';
import { BlobSink } from '../../src/sinks/blob-sink.ts';
import { Kept, streamOf } from '../sinks/give.ts';

const HEADER_BLOCK = Buffer.from('00000000-0000-0000-0000-000000000000').toString('base64');
const DAY = '2026-03-04';

let azurite: Azurite;
let container: ContainerClient;
let tests = 0;

beforeAll(async () => {
  azurite = await startAzurite();
  container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('modeldata');
  await container.createIfNotExists();
});
afterAll(() => azurite?.close());
beforeEach(() => {
  tests += 1;
});

const clock = {
  now: () => Date.parse(`${DAY}T05:06:07.890Z`),
  setTimeout: (callback: () => void, ms: number) => setTimeout(callback, ms),
  clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout),
};

function collector(designation: string, options: ModelDataCollectorOptions = {}): ModelDataCollector {
  return new ModelDataCollector('m', {
    designation,
    layout: 'python-v1',
    workspace: { subscriptionId: 'SUB', resourceGroup: 'rg', workspaceName: 'ws' },
    webserviceName: `svc-${tests}`,
    modelVersion: 4,
    storage: { connectionString: azurite.connectionString },
    journal: false,
    clock,
    ...options,
  });
}

const pathOf = (designation: string, file: string) =>
  `sub/rg/ws/svc-${tests}/m/4/${designation}/${DAY.replaceAll('-', '/')}/${file}`;
const blob = (path: string): BlockBlobClient => container.getBlockBlobClient(path);
const text = async (path: string) => (await blob(path).downloadToBuffer()).toString();
async function names(): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix: `sub/rg/ws/svc-${tests}/` })) {
    found.push(name);
  }
  return found.filter((name) => name.endsWith('.csv'));
}

/** Writes as the Python package does: it stages under a lease, and commits all blocks that the blob has. */
class PythonWriter {
  readonly #blob: BlockBlobClient;

  constructor(path: string) {
    this.#blob = blob(path);
  }

  async header(content: string): Promise<void> {
    await this.#leased((leaseId) => this.#put(HEADER_BLOCK, content, leaseId));
  }

  async stage(content: string): Promise<void> {
    await this.#leased((leaseId) => this.#put(Buffer.from(randomUUID()).toString('base64'), content, leaseId));
  }

  async commit(): Promise<void> {
    await this.#leased(async (leaseId) => {
      const list = await this.#blob.getBlockList('all');
      const ids = [...(list.committedBlocks ?? []), ...(list.uncommittedBlocks ?? [])].map(({ name }) => name);
      const rest = [...new Set(ids)].filter((id) => id !== HEADER_BLOCK);
      await this.#blob.commitBlockList(ids.includes(HEADER_BLOCK) ? [HEADER_BLOCK, ...rest] : rest, {
        conditions: leaseId === undefined ? {} : { leaseId },
      });
    });
  }

  async #put(id: string, content: string, leaseId: string | undefined): Promise<void> {
    await this.#blob.stageBlock(id, content, Buffer.byteLength(content), {
      conditions: leaseId === undefined ? {} : { leaseId },
    });
  }

  async #leased(work: (leaseId: string | undefined) => Promise<void>): Promise<void> {
    for (;;) {
      const lease = this.#blob.getBlobLeaseClient();
      try {
        await lease.acquireLease(30);
      } catch (error) {
        const { statusCode } = error as { statusCode?: number };
        if (statusCode === 404) {
          return work(undefined);
        }
        if (statusCode === 409) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          continue;
        }
        throw error;
      }
      try {
        return await work(lease.leaseId);
      } finally {
        await lease.releaseLease();
      }
    }
  }
}

describe('the layout of the Python package, in blobs', () => {
  it('has its path, columns, text, and blocks', async () => {
    const inputs = collector('inputs', { featureNames: ['a', 'b'] });
    const { correlations } = inputs.collect([1, true], { correlationId: 'my,id' });
    await inputs.close();

    const path = pathOf('inputs', 'inputs.csv');
    expect(JSON.parse(JSON.stringify(correlations))).toEqual({
      $aml_dc_scoring_timestamp: '2026-03-04T05:06:07.890000',
      $aml_request_id: '00000000-0000-0000-0000-000000000000',
      $aml_dc_correlation_id: expect.stringMatching(/^my,id-[0-9a-f-]{36}$/),
      $aml_dc_boundary: 1440,
      $aml_workspace: 'sub/rg/ws',
      $aml_service_name: `svc-${tests}`,
      $aml_model_name: 'm',
      $aml_model_version: 4,
    });
    expect(await text(path)).toBe(
      `a,b,$aml_dc_correlation_id,$aml_dc_scoring_timestamp,$aml_dc_boundary,$aml_workspace,$aml_service_name,$aml_model_name,$aml_model_version,$aml_request_id\r\n1,True,"${correlations.correlationId}",2026-03-04T05:06:07.890000,1440,sub/rg/ws,svc-${tests},m,4,00000000-0000-0000-0000-000000000000\r\n`,
    );
    expect(await blob(path).getProperties()).toMatchObject({
      blobType: 'BlockBlob',
      contentType: 'application/octet-stream',
      leaseState: 'available',
    });
    const { committedBlocks = [], uncommittedBlocks = [] } = await blob(path).getBlockList('all');
    expect(committedBlocks.map(({ name }) => name)).toEqual([HEADER_BLOCK, expect.stringMatching(/^.{48}$/)]);
    expect(uncommittedBlocks).toEqual([]);
  });

  it('routes predictions, labels and signals by the columns of their call, each row by its own', async () => {
    const labels = collector('labels', { featureNames: ['a'] });
    await using inputs = collector('inputs', { featureNames: ['x'] });
    const given = inputs.collect([1]).correlations as unknown as object;
    const first = { ...given, $aml_dc_correlation_id: 'c-1', $aml_dc_scoring_timestamp: '2024-03-07T08:09:10.123456' };
    const second = {
      ...first,
      $aml_model_name: 'other',
      $aml_dc_boundary: 60,
      $aml_dc_scoring_timestamp: '2024-03-08T09:00:00',
    };
    const rows = [first, second].map((own, index) => labels.addCorrelations([index], own as never));
    labels.collect(rows as unknown[][]);
    labels.collect({ a: [7] }, { correlations: first as never });
    labels.collect([8]);
    await labels.close();

    const line = (own: object) => Object.values({ ...own }).length;
    expect(line(first)).toBe(8);
    await inputs.close();
    expect((await names()).filter((name) => name.includes('/labels/'))).toEqual([
      pathOf('labels', 'labels.csv').replace(DAY.replaceAll('-', '/'), '2024/03/07'),
      pathOf('labels', 'labels.csv'),
      `sub/rg/ws/svc-${tests}/other/4/labels/2024/03/08/09/labels.csv`,
    ]);
    expect(await text(pathOf('labels', 'labels.csv'))).toBe('a\r\n8\r\n');
    const routed = await text(pathOf('labels', 'labels.csv').replace(DAY.replaceAll('-', '/'), '2024/03/07'));
    expect(routed.split('\r\n').slice(1, 3)).toEqual([
      expect.stringMatching(/^0,c-1,/),
      expect.stringMatching(/^7,c-1,/),
    ]);
    expect(labels.stats()).toMatchObject({ collected: 4, stored: 4 });
  });

  it('goes on in a file that the Python package began, and leaves what it has staged', async () => {
    const path = pathOf('general', 'default.csv');
    const python = new PythonWriter(path);
    await python.header('a\r\n');
    await python.stage('1\r\n');
    await python.commit();
    await python.stage('2\r\n');
    const general = collector('general', { featureNames: ['a'] });
    general.collect([3]);
    await general.close();
    // Another process of the Python package begins: it stages a header of its own, which is not to take the first one's place.
    await new PythonWriter(path).header('z\r\n');
    const again = collector('general', { featureNames: ['a'] });
    again.collect([4]);
    await again.close();
    await python.stage('5\r\n');
    await python.commit();

    expect(await text(path)).toBe('a\r\n1\r\n2\r\n3\r\n4\r\n5\r\n');
    expect(await names()).toEqual([path]);
  });

  it('writes to one file at the same time as the Python package: the rows of both are kept, each once', async () => {
    const path = pathOf('general', 'default.csv');
    const python = new PythonWriter(path);
    const options = { featureNames: ['a'], flushIntervalMs: 10, maxBatchBytes: 1 };
    const [one, two] = [collector('general', options), collector('general', options)];
    const wanted: string[] = [];
    const ours = async (writer: ModelDataCollector, name: string) => {
      for (let index = 0; index < 15; index += 1) {
        writer.collect([`${name}${index}`]);
        wanted.push(`${name}${index}`);
        await writer.flush();
      }
    };
    // While there is no blob nothing can be leased: what is staged in the moment in which it is made can be lost.
    await python.header('a\r\n');
    await python.commit();
    const theirs = async () => {
      for (let index = 0; index < 15; index += 1) {
        await python.stage(`p${index}\r\n`);
        wanted.push(`p${index}`);
        if (index % 3 === 2) {
          await python.commit();
        }
      }
    };
    await Promise.all([ours(one, 'x'), ours(two, 'y'), theirs()]);
    await Promise.all([one.close(), two.close()]);

    expect(await names()).toEqual([path]);
    const [header, ...rows] = (await text(path)).split('\r\n');
    expect(header).toBe('a');
    expect(rows.slice(0, -1).sort()).toEqual(wanted.sort());
  }, 60_000);

  it.each(['plain', 'append'])('leaves a blob of another tool (%s) as it is, and says so', async (kind) => {
    const path = pathOf('general', 'default.csv');
    if (kind === 'plain') {
      await blob(path).upload('a\r\n9\r\n', 6);
    } else {
      await container.getAppendBlobClient(path).create();
    }
    const told: string[] = [];
    const general = collector('general', { featureNames: ['a'], onError: ({ code }) => told.push(code) });
    general.collect([1]);
    await general.close();
    expect(await text(pathOf('general', 'default-2.csv'))).toBe('a\r\n1\r\n');
    expect(await text(path)).toBe(kind === 'plain' ? 'a\r\n9\r\n' : '');
    expect(told).toEqual(['FILE_NAME_TAKEN']);
  });

  it('puts rows with other columns into a file beside', async () => {
    const general = collector('general');
    general.collect({ a: [1] });
    general.collect({ z: [1], y: [2] });
    await general.close();
    const [beside = '', plain = ''] = await names();
    expect([await text(plain), await text(beside)]).toEqual(['a\r\n1\n', 'z,y\r\n1,2\n']);
    expect(beside).toMatch(/default-[0-9a-f]{8}\.csv$/);
  });

  it.each(['cut', 'loseAnswer'] as const)('gives its lease back when requests for that are lost (%s)', async (kind) => {
    await using proxy = await startBlobFaultProxy({ target: azurite.connectionString });
    const general = collector('general', {
      featureNames: ['a'],
      storage: { connectionString: proxy.connectionString },
    });
    // Only a blob that is there can be leased.
    general.collect([1]);
    await general.flush();
    const lost = proxy.inject({ kind, query: 'comp=lease', after: 1, times: 2 });
    general.collect([2]);
    await general.flush();
    const path = pathOf('general', 'default.csv');
    expect((await blob(path).getProperties()).leaseState).toBe('available');
    expect(await text(path)).toBe('a\r\n1\r\n2\r\n');
    expect(lost.hits).toBeGreaterThan(0);
    await general.close();
  });

  it('stores a batch once when its writer dies before, or after, it was committed', async () => {
    const layout = new PythonLayout({ features: ['a'], hasCall: false, collectionName: 'default' });
    const stream = {
      ...streamOf(`svc-${tests}`, 'general'),
      workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
      modelName: 'm',
      modelVersion: '4',
    };
    const open = () => new BlobSink({ connectionString: azurite.connectionString });
    const batch = { stream, day: DAY, schema: layout, bytes: Buffer.from('1\r\n'), rowCount: 1 };
    const kept = new Kept(batch);
    kept.diesAfterIntent = true;
    await expect(kept.give(open())).rejects.toThrow('died');
    await kept.give(open());
    await kept.give(open());
    // The same bytes again are another batch.
    await new Kept(batch).give(open());
    expect(await text(pathOf('general', 'default.csv'))).toBe('a\r\n1\r\n1\r\n');
  });
});

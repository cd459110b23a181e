import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runQuietly, runWithRequest } from '@azureml-ts/common';
import { type Azurite, startAzurite } from '@azureml-ts/testing';
import { Bench } from '../support.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

interface ContainerClient {
  create(): Promise<unknown>;
  exists(): Promise<boolean>;
  getBlockBlobClient(name: string): {
    upload(body: string, length: number): Promise<unknown>;
    downloadToBuffer(): Promise<Buffer>;
  };
}
const { BlobServiceClient } = createRequire(join(__dirname, '..', '..', '..', 'monitoring', 'package.json'))(
  '@azure/storage-blob',
) as {
  BlobServiceClient: { fromConnectionString(text: string): { getContainerClient(name: string): ContainerClient } };
};

describe('calls of the Azure clients', () => {
  let azurite: Azurite;
  let bench: Bench;

  beforeAll(async () => {
    azurite = await startAzurite();
  });

  afterAll(async () => {
    await azurite.close();
  });

  beforeEach(async () => {
    bench = await Bench.open();
  });

  afterEach(async () => {
    await bench.close();
  });

  it('are one item each, tied to the request, and the store still takes their signature', async () => {
    const insights = bench.start();
    const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('models');

    const content = await runWithRequest({ requestId: 'r-1', traceId: TRACE, spanId: SPAN }, async () => {
      await container.exists();
      await container.create();
      const blob = container.getBlockBlobClient('a/best.json');
      await blob.upload('{"a":1}', 7);
      return blob.downloadToBuffer();
    });
    await runQuietly(() => container.exists());

    expect(content.toString()).toBe('{"a":1}');
    await insights.flush();
    const items = bench.standIn.items();
    const account = `${azurite.url}/devstoreaccount1`;
    expect(items.map(({ data }) => [data['name'], data['resultCode'], data['success'], data['data']])).toEqual([
      ['GET /devstoreaccount1/models', '404', false, `${account}/models?restype`],
      ['PUT /devstoreaccount1/models', '201', true, `${account}/models?restype`],
      ['PUT /devstoreaccount1/models/a/best.json', '201', true, `${account}/models/a/best.json`],
      ['HEAD /devstoreaccount1/models/a/best.json', '200', true, `${account}/models/a/best.json`],
      ['GET /devstoreaccount1/models/a/best.json', '206', true, `${account}/models/a/best.json`],
    ]);
    for (const { tags } of items) {
      expect(tags).toMatchObject({ 'ai.operation.id': TRACE, 'ai.operation.parentId': SPAN });
    }
  });
});

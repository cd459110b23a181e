import { createHash } from 'node:crypto';
import { startAzurite } from '@azureml-ts/testing';
import { CollectedData } from '../../src/index.ts';
import { clockAt, collector, stream } from '../support/stream.ts';

describe('trainingSet() in a storage account', () => {
  it('is written beside the rows, names their etags, and no key', async () => {
    const azurite = await startAzurite();
    try {
      const storage = { connectionString: azurite.connectionString };
      const inputs = collector({ storage, featureNames: ['age'], clock: clockAt('2026-03-04T05:06:07.890Z') });
      inputs.collect([[41], [42]], { correlationId: ['a', 'b'] });
      await inputs.close();
      const collected = await CollectedData.open({ ...stream, storage, from: '2026-03-01', to: '2026-03-31' });
      const target = { ...storage, container: 'training', prefix: 'sets/1' };
      const rows = collected.joinLabels(
        [
          { id: 'a', y: 1 },
          { id: 'b', y: 2 },
        ],
        { on: 'id' },
      );
      const set = await rows.trainingSet(target, { labelColumn: 'target' });
      const { BlobServiceClient } = await import('@azure/storage-blob');
      const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('training');
      const download = async (name: string) => container.getBlobClient(`sets/1/${name}`).downloadToBuffer();
      const data = await download('data.csv');
      expect(data.toString()).toBe('age,target\n41,1\n42,2\n');
      const text = (await download('manifest.json')).toString();
      expect(JSON.parse(text)).toEqual(set.manifest);
      expect(set.manifest.files[0]?.sha256).toBe(createHash('sha256').update(data).digest('hex'));
      const blob = BlobServiceClient.fromConnectionString(azurite.connectionString)
        .getContainerClient('modeldata')
        .getBlobClient('sub/rg/ws/svc/best_model/1/inputs/2026/03/04/data.csv');
      const { etag } = await blob.getProperties();
      const stored = await blob.downloadToBuffer();
      expect(set.manifest.sources[0]).toMatchObject({
        from: '2026-03-01',
        to: '2026-03-31',
        files: [
          {
            bytes: stored.length,
            etag: etag?.replaceAll('"', ''),
            sha256: createHash('sha256').update(stored).digest('hex'),
          },
        ],
      });
      expect(text + set.place).not.toMatch(/AccountKey|SharedKey/);
      expect(text).not.toContain(/AccountKey=([^;]+)/.exec(azurite.connectionString)?.[1]);
      await expect(rows.trainingSet(target)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    } finally {
      await azurite.close();
    }
  });
});

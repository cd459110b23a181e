import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runWithRequest } from '@azureml-ts/common';
import { print, setTraceSpill, startInsights } from '@azureml-ts/insights';
import { createTraceSpill } from '@azureml-ts/monitoring';
import { type Azurite, startAzurite, startTelemetryStandIn, type TelemetryStandIn } from '@azureml-ts/testing';
import { ROOT } from '../support/checkout.ts';

/** The part of the storage client that is used here; it is a dependency of the package, not of the house. */
interface Storage {
  BlobServiceClient: {
    fromConnectionString(connectionString: string): {
      getContainerClient(name: string): {
        readonly url: string;
        getBlobClient(name: string): { downloadToBuffer(): Promise<Buffer> };
        listBlobsFlat(): AsyncIterable<{ readonly name: string }>;
      };
    };
  };
}

const { BlobServiceClient }: Storage = createRequire(path.join(ROOT, 'packages', 'monitoring', 'package.json'))(
  '@azure/storage-blob',
);

const ROW = { input: Array.from({ length: 45_000 }, (_, i) => [i, `é😀 ${i}`]), output: { ok: true } };

function containerOf({ connectionString }: Azurite) {
  return BlobServiceClient.fromConnectionString(connectionString).getContainerClient('modeldata');
}

describe('a printed value of a megabyte', () => {
  let azurite: Azurite;
  let standIn: TelemetryStandIn;
  const { log } = console;

  beforeAll(async () => {
    azurite = await startAzurite();
    standIn = await startTelemetryStandIn();
  });

  afterAll(async () => {
    setTraceSpill(undefined);
    console.log = log;
    await standIn?.close();
    await azurite?.close();
  });

  it('is in Blob Storage whole, found by the pointer of its trace, with the hash that the trace names', async () => {
    console.log = () => undefined;
    const { connectionString } = azurite;
    setTraceSpill(createTraceSpill({ storage: { connectionString }, webserviceName: 'my-svc' }));
    const insights = startInsights({ connectionString: standIn.connectionString, captureConsole: false });
    const text = JSON.stringify(ROW);
    expect(Buffer.byteLength(text)).toBeGreaterThan(1_000_000);
    runWithRequest({ requestId: 'rid-4' }, () => print(ROW));
    const stats = await insights.close({ timeoutMs: 20_000 });

    const [item] = standIn.items();
    const pointer = JSON.parse(item?.properties['Contents'] ?? '');
    const container = containerOf(azurite);
    expect(pointer.url.startsWith(`${container.url}/`)).toBe(true);
    const stored = await container.getBlobClient(pointer.url.slice(container.url.length + 1)).downloadToBuffer();

    expect(stats).toMatchObject({ sent: 1, spilled: { written: 1, failed: 0, pending: 0 } });
    expect(item?.properties).toMatchObject({ 'Request Id': 'rid-4' });
    expect(pointer).toMatchObject({ $spilled: true, bytes: stored.byteLength, preview: { output: { ok: true } } });
    expect(createHash('sha256').update(stored).digest('hex')).toBe(pointer.sha256);
    expect(stored.toString() === text).toBe(true);
  });

  it('lies beside the collected data of its service, and nothing else does', async () => {
    const names: string[] = [];
    for await (const { name } of containerOf(azurite).listBlobsFlat()) {
      names.push(name);
    }

    expect(names).toEqual([
      expect.stringMatching(/^default\/default\/default\/my-svc\/traces\/\d{4}\/\d\d\/\d\d\/rid-4-[0-9a-f]{8}\.json$/),
    ]);
  });
});

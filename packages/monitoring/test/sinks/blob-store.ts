import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type Azurite, type BlobFaultProxy, startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import { dayPrefix, type StreamIdentity, streamPrefix } from '../../src/format/blob-path.ts';
import { BlobSink, type BlobSinkOptions } from '../../src/sinks/blob-sink.ts';
import type { AppendOutcome, RowBatch } from '../../src/sinks/row-sink.ts';
import { batchOf, DAY, Kept, streamOf, valuesOf } from './give.ts';

/** A blob store behind a proxy for the tests of a file; each test has a stream of its own. */
export class BlobStore {
  azurite!: Azurite;
  proxy!: BlobFaultProxy;
  service!: BlobServiceClient;
  container!: ContainerClient;
  stream!: StreamIdentity;
  /** Number of the test. */
  tests = 0;

  /** Starts it before the tests of the file, and ends it after them. */
  static inThisFile(): BlobStore {
    const store = new BlobStore();
    beforeAll(async () => {
      store.azurite = await startAzurite();
      store.proxy = await startBlobFaultProxy({ target: store.azurite.connectionString });
      store.service = BlobServiceClient.fromConnectionString(store.azurite.connectionString);
      store.container = store.service.getContainerClient('modeldata');
      await store.container.createIfNotExists();
    });
    afterAll(async () => {
      await store.proxy?.close();
      await store.azurite?.close();
    });
    beforeEach(() => {
      store.proxy.clear();
      store.tests += 1;
      store.stream = streamOf(`svc-${store.tests}`);
    });
    return store;
  }

  /** A new sink behind the proxy. */
  open(options: BlobSinkOptions = {}): BlobSink {
    return new BlobSink({ connectionString: this.proxy.connectionString }, options);
  }

  /** A new sink past the proxy, which does not take turns with the others. */
  openDirect(options: BlobSinkOptions = {}): BlobSink {
    return new BlobSink({ connectionString: this.azurite.connectionString }, options);
  }

  /** A batch of the test's stream. */
  batch(...values: string[]): RowBatch {
    return batchOf(this.stream, values);
  }

  /** Gives a new batch to a sink once. */
  give(sink: BlobSink, ...values: string[]): Promise<AppendOutcome | undefined> {
    return new Kept(this.batch(...values)).give(sink);
  }

  /** Path of a file of the test's stream. */
  path(name = 'data.csv'): string {
    return dayPrefix(this.stream, DAY) + name;
  }

  /** What a file holds. */
  async text(name?: string): Promise<string> {
    return (await this.container.getBlobClient(this.path(name)).downloadToBuffer()).toString();
  }

  /** First cells of the rows of a file. */
  async stored(name?: string): Promise<string[]> {
    return valuesOf(await this.text(name));
  }

  /** Names of the files of the test's stream. */
  async names(): Promise<string[]> {
    const found: string[] = [];
    for await (const { name } of this.container.listBlobsFlat({ prefix: streamPrefix(this.stream) })) {
      found.push(name.slice(dayPrefix(this.stream, DAY).length));
    }
    return found;
  }
}

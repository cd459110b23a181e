import {
  type BlobFaultProxy,
  type CollectionSidecar,
  startBlobFaultProxy,
  startCollectionSidecar,
} from '@azureml-ts/testing';
import { type BlobStores, startBlobStores } from './stores.ts';
import { startTap, type Tap } from './tap.ts';
import { openSink, type SinkKind, type TestSink } from './test-sink.ts';

/** A network that does what a test says: a proxy with faults by chance, and a tap that decides about each request. */
export interface Network {
  readonly proxy: BlobFaultProxy;
  readonly tap: Tap;
}

/** All sinks, for all tests of a file; there from the first test on. */
export interface Sinks {
  stores: BlobStores;
  sidecar: CollectionSidecar;
  /** The network before a sink. */
  network(kind: SinkKind): Network;
  /**
   * A sink of a kind.
   *
   * @param name Of the web service, or of the collection. Each test has its own.
   * @param how Whether it is reached through its {@link Network}. Default: not.
   */
  open(kind: SinkKind, name: string, how?: 'direct' | 'through the network'): TestSink;
  /** Lets everything pass from now on. */
  reset(): void;
}

/** Starts what sinks stand on before the tests of a file, and ends it after them. */
export function startSinks(): Sinks {
  let blobs: Network;
  let records: Network;
  const network = (kind: SinkKind) => (kind === 'sidecar' ? records : blobs);
  const here = {
    network,
    open: (kind, name, how = 'direct') => {
      const { stores, sidecar } = here;
      const { account, azurite } = stores;
      const isDirect = how === 'direct';
      return openSink(kind, name, {
        account,
        connectionString: isDirect ? azurite.connectionString : blobs.tap.connectionString,
        sidecar,
        port: isDirect ? sidecar.port : Number(new URL(records.tap.url).port),
      });
    },
    reset() {
      for (const { proxy, tap } of [blobs, records]) {
        proxy.clear();
        tap.decide = () => undefined;
        tap.requests.length = 0;
      }
    },
  } as Sinks;
  beforeAll(async () => {
    here.stores = await startBlobStores();
    here.sidecar = await startCollectionSidecar();
    const proxy = await startBlobFaultProxy({ target: `BlobEndpoint=${here.sidecar.url}` });
    blobs = { proxy: here.stores.proxy, tap: await startTap(here.stores.proxy.connectionString) };
    records = { proxy, tap: await startTap(`BlobEndpoint=${proxy.url}`) };
  });
  afterAll(async () => {
    await blobs.tap.close();
    await records.tap.close();
    await records.proxy.close();
    await here.sidecar.close();
    await here.stores.close();
  });
  return here;
}

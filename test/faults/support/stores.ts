import path from 'node:path';
import type { ModelDataCollectorOptions, StorageTarget } from '@azureml-ts/monitoring';
import { type Azurite, type BlobFaultProxy, startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import { BlobAccount } from './blob-account.ts';
import { newFolder } from './folders.ts';
import { textsBelow } from './texts-below.ts';

/** A kind of store, by what a collector is told. */
export type StoreKind = 'append blobs' | 'block blobs' | 'python blobs' | 'directory';

/** All of them. */
export const STORE_KINDS: readonly StoreKind[] = ['append blobs', 'block blobs', 'python blobs', 'directory'];

/** Those whose rows have ids of this library. */
export const OWN_KINDS = STORE_KINDS.filter((kind) => kind !== 'python blobs');

/** Where the rows of one test go. */
export interface TestStore {
  readonly kind: StoreKind;
  /** Options for collectors. */
  readonly options: Pick<ModelDataCollectorOptions, 'storage' | 'blobType' | 'layout'> & {
    readonly storage: StorageTarget;
  };
  /** Texts of the files of rows, by path. */
  files(): Promise<Map<string, string>>;
  /** What a writer that was killed leaves behind for a time: as if that time were over. */
  forgetDead(): Promise<void>;
}

/** A blob store with a proxy before it, for all tests of a file. */
export interface BlobStores {
  readonly azurite: Azurite;
  readonly proxy: BlobFaultProxy;
  readonly account: BlobAccount;
  close(): Promise<void>;
}

/** Starts a {@link BlobStores}. */
export async function startBlobStores(): Promise<BlobStores> {
  const azurite = await startAzurite();
  const proxy = await startBlobFaultProxy({ target: azurite.connectionString });
  const account = new BlobAccount(azurite.connectionString);
  return {
    azurite,
    proxy,
    account,
    async close() {
      account.close();
      await proxy.close();
      await azurite.close();
    },
  };
}

/** Options that name the stream `sub/rg/ws/<service>/<model>/1/<designation>`. */
export function identityOf(webserviceName: string) {
  return {
    workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
    webserviceName,
    modelVersion: '1',
  } as const;
}

/** Files of rows of one web service in a container of an account. */
export async function blobFiles(account: BlobAccount, webserviceName: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of await account.list('modeldata')) {
    if (name.startsWith(`sub/rg/ws/${webserviceName}/`) && name.endsWith('.csv')) {
      files.set(name, await account.read(`modeldata/${name}`));
    }
  }
  return files;
}

/**
 * A store of a kind.
 *
 * @param webserviceName Whose rows {@link TestStore.files} gives.
 * @param connectionString Of the account or of a proxy before it; not needed for a directory.
 */
export function testStore(
  kind: StoreKind,
  webserviceName: string,
  account: BlobAccount,
  connectionString: string,
): TestStore {
  if (kind === 'directory') {
    const directory = newFolder();
    return {
      kind,
      options: { storage: { directory } },
      files: () => textsBelow(path.join(directory, 'modeldata'), '.csv'),
      forgetDead: async () => undefined,
    };
  }
  if (kind === 'python blobs') {
    return {
      kind,
      options: { storage: { connectionString }, layout: 'python-v1' },
      files: () => blobFiles(account, webserviceName),
      async forgetDead() {
        for (const name of (await blobFiles(account, webserviceName)).keys()) {
          await account.endLease(`modeldata/${name}`);
        }
      },
    };
  }
  return {
    kind,
    options: { storage: { connectionString }, blobType: kind === 'append blobs' ? 'append' : 'block' },
    files: () => blobFiles(account, webserviceName),
    forgetDead: async () => undefined,
  };
}

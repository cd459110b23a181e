import { describeStorage, openContainer, type StorageTarget } from '@azureml-ts/monitoring/format';
import { BlobStore } from './blob-store.ts';
import { DirectoryStore } from './directory-store.ts';
import type { FileStore } from './file-store.ts';

/** Opens where rows are stored. No request is made. */
export async function openStore(target: StorageTarget): Promise<FileStore> {
  return 'directory' in target
    ? new DirectoryStore(target.directory)
    : new BlobStore(await openContainer(target), describeStorage(target));
}

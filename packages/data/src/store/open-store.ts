import { describeStorage, openContainer, type StorageTarget } from '@azureml-ts/monitoring/format';
import { BlobStore } from './blob-store.ts';
import { DirectoryStore } from './directory-store.ts';
import type { FileStore } from './file-store.ts';

/**
 * Opens where rows are stored. No request is made.
 *
 * @param collection Where collections are, whose container has a name of its own, and no folder stands for it.
 */
export async function openStore(
  target: StorageTarget,
  collection?: { readonly container?: string | undefined },
): Promise<FileStore> {
  if ('directory' in target) {
    return collection === undefined ? new DirectoryStore(target.directory) : new DirectoryStore(target.directory, '');
  }
  const place = describeStorage(target);
  return collection?.container === undefined
    ? new BlobStore(await openContainer(target), place)
    : new BlobStore(
        await openContainer(target, {}, collection.container),
        `${place}, container ${collection.container}`,
      );
}

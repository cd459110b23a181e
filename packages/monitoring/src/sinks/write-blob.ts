import type { ContainerClient } from '@azure/storage-blob';
import { statusOf } from '@azureml-ts/common';
import { createContainer } from './blob-container.ts';

/** Stores a blob in one piece, and makes the container when it is not there. One that is there is replaced. */
export async function writeBlob(
  container: ContainerClient,
  path: string,
  data: Buffer,
  blobContentType: string,
  abortSignal: AbortSignal,
): Promise<void> {
  // Asked before: an answer that comes while megabytes are still being sent can get lost.
  await makeIfMissing(container, abortSignal);
  await container
    .getBlockBlobClient(path)
    .upload(data, data.length, { blobHTTPHeaders: { blobContentType }, abortSignal });
}

async function makeIfMissing(container: ContainerClient, abortSignal: AbortSignal): Promise<void> {
  try {
    await container.getProperties({ abortSignal });
  } catch (error) {
    if (statusOf(error) === 404) {
      await createContainer(container, error, abortSignal);
    } else if (statusOf(error) !== 403) {
      // Whoever may write blobs need not be allowed to look at their container.
      throw error;
    }
  }
}

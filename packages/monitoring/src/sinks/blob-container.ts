import type { AppendBlobClient, ContainerClient } from '@azure/storage-blob';
import { AzuremlError, statusOf } from '@azureml-ts/common';
import { errorCodeOf } from './blob-failure.ts';

/** Makes an empty append blob, and its container, unless it is there. */
export async function createAppendBlob(
  container: ContainerClient,
  client: AppendBlobClient,
  blobHTTPHeaders: { blobContentType: string },
  abortSignal: AbortSignal,
): Promise<void> {
  try {
    // Never without this condition: creating over an existing append blob empties it.
    await client.create({ conditions: { ifNoneMatch: '*' }, blobHTTPHeaders, abortSignal });
  } catch (error) {
    // Somebody else made it. Any other conflict, a container that is being deleted for example, takes time.
    if (statusOf(error) === 409 && errorCodeOf(error) === 'BlobAlreadyExists') {
      return;
    }
    if (statusOf(error) !== 404) {
      throw error;
    }
    await createContainer(container, error, abortSignal);
  }
}

/**
 * Makes the container after a write has found that it is not there. One that exists is used without asking, because
 * many identities may write but not create.
 *
 * @param missing What the write threw.
 */
export async function createContainer(
  container: ContainerClient,
  missing: unknown,
  abortSignal: AbortSignal,
): Promise<void> {
  try {
    await container.createIfNotExists({ abortSignal });
  } catch (error) {
    throw statusOf(error) === 403
      ? new AzuremlError(
          'CONTAINER_MISSING',
          `The container ${container.containerName} does not exist and this identity may not create it. Create it, or give the identity the role Storage Blob Data Contributor on the account.`,
          { cause: missing, statusCode: 403 },
        )
      : error;
  }
}

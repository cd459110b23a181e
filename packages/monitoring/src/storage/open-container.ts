import type { TokenCredential } from '@azure/core-auth';
import type { ContainerClient, StoragePipelineOptions } from '@azure/storage-blob';
import { AzuremlError } from '@azureml-ts/common';
import { MODEL_DATA_CONTAINER } from '../format/columns.ts';
import type { StorageTarget } from './storage-target.ts';

/**
 * Opens the container of collected rows. No request is made.
 *
 * The storage client is loaded here, at first use, so that importing a package costs no time where nothing is stored.
 *
 * @param target Any target but a directory.
 * @param options Options of the storage client's pipeline.
 * @param containerName Another container of the same account.
 * @throws AzuremlError `IDENTITY_NOT_INSTALLED` when an account address without signature is given, no credential, and
 *   the optional package @azure/identity is not installed.
 */
export async function openContainer(
  target: Exclude<StorageTarget, { directory: string }>,
  options: StoragePipelineOptions = {},
  containerName: string = MODEL_DATA_CONTAINER,
): Promise<ContainerClient> {
  if ('containerClient' in target) {
    return target.containerClient;
  }
  const { BlobServiceClient } = await import('@azure/storage-blob');
  if ('connectionString' in target) {
    return BlobServiceClient.fromConnectionString(target.connectionString, options).getContainerClient(containerName);
  }
  const isSigned = new URL(target.accountUrl).searchParams.has('sig');
  const credential = target.credential ?? (isSigned ? undefined : await defaultCredential());
  return new BlobServiceClient(target.accountUrl, credential, options).getContainerClient(containerName);
}

async function defaultCredential(): Promise<TokenCredential> {
  try {
    const { DefaultAzureCredential } = await import('@azure/identity');
    return new DefaultAzureCredential();
  } catch (cause) {
    throw new AzuremlError(
      'IDENTITY_NOT_INSTALLED',
      'The storage account is given by its address, without a credential. Install @azure/identity (npm install @azure/identity), or pass storage: { accountUrl, credential }.',
      { cause },
    );
  }
}

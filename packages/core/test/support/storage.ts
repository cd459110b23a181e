import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import type { Azurite } from '@azureml-ts/testing';
import { type OpenStandInOptions, openStandIn } from './stand-in.ts';

let stores = 0;

/** Opens a stand-in whose default datastore is a container of its own in an emulator. */
export async function openStorage(
  azurite: Azurite,
  options: OpenStandInOptions = {},
): Promise<Awaited<ReturnType<typeof openStandIn>> & { readonly container: ContainerClient }> {
  const { standIn, workspace } = await openStandIn({ blobs: azurite.connectionString, ...options });
  stores += 1;
  const containerName = `store-${stores}`;
  standIn.addDatastore('workspaceblobstore', { properties: { isDefault: true, containerName } });
  const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(containerName);
  // The stand-in makes it at the first request to it; a test may look before.
  await container.createIfNotExists();
  return { standIn, workspace, container };
}

/** Names of the blobs of a container, in order. */
export async function blobNames(container: ContainerClient): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat()) {
    names.push(name);
  }
  return names;
}

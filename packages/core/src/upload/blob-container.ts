import type { Pipeline as CorePipeline } from '@azure/core-rest-pipeline';
import type { ContainerClient, IHttpClient } from '@azure/storage-blob';
import type { WaitOptions } from '@azureml-ts/common';
import type { Workspace } from '../workspace/workspace.ts';

/** A container of the workspace. */
export interface WorkspaceContainer {
  /** Client of the container. */
  readonly client: ContainerClient;
  /** Name of the datastore that it belongs to. */
  readonly datastoreName: string;
}

/** Opens the container of the workspace's default datastore with the workspace's credential. */
export async function openDefaultContainer(workspace: Workspace, options: WaitOptions): Promise<WorkspaceContainer> {
  const { accountUrl, containerName, datastoreName } = await workspace.getDefaultStorage(options);
  return { client: await openContainer(workspace, accountUrl, containerName), datastoreName };
}

/** Sizes of the blobs at a path and below it, by name. */
export async function blobsAt(
  client: ContainerClient,
  path: string,
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, number | undefined>> {
  const sizes = new Map<string, number | undefined>();
  for await (const { name, properties } of client.listBlobsFlat({ prefix: path, abortSignal })) {
    if (name === path || name.startsWith(`${path}/`)) {
      sizes.set(name, properties.contentLength);
    }
  }
  return sizes;
}

/** Opens a container of a storage account with the workspace's credential. */
export async function openContainer(
  workspace: Workspace,
  accountUrl: string,
  containerName: string,
): Promise<ContainerClient> {
  // Loaded with the first upload or download.
  const { BlobServiceClient, newPipeline } = await import('@azure/storage-blob');
  const { additionalPolicies = [], httpClient, retryOptions } = workspace.clientOptions;
  const pipeline = newPipeline(workspace.credential, {
    userAgentOptions: { userAgentPrefix: 'azureml-ts' },
    retryOptions: {
      maxTries: (retryOptions?.maxRetries ?? 3) + 1,
      ...(retryOptions?.retryDelayInMs === undefined ? {} : { retryDelayInMs: retryOptions.retryDelayInMs }),
      ...(retryOptions?.maxRetryDelayInMs === undefined ? {} : { maxRetryDelayInMs: retryOptions.maxRetryDelayInMs }),
    },
    ...(httpClient === undefined ? {} : { httpClient: httpClient as unknown as IHttpClient }),
  });
  const container = new BlobServiceClient(accountUrl, pipeline).getContainerClient(containerName);
  // The storage client takes no policies of its own, but sends through the same kind of pipeline as all Azure clients: given
  // as an option, they would be added once more by each client of a blob, which the pipeline refuses.
  const { _corePipeline: core } = pipeline as unknown as { _corePipeline?: CorePipeline };
  for (const { policy, position } of additionalPolicies) {
    core?.addPolicy(policy, position === 'perRetry' ? { afterPhase: 'Sign' } : {});
  }
  return container;
}

import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, posix, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AzureBlobDatastore } from '@azure/arm-machinelearning';
import type { ContainerClient } from '@azure/storage-blob';
import { AzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';
import { limited } from '../azure/limited.ts';
import { openContainer } from '../upload/blob-container.ts';
import { parseDatastoreUri } from '../upload/datastore-uri.ts';
import { storageFailure } from '../upload/upload-failure.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** Options of {@link Model.download}. */
export interface DownloadModelOptions extends WaitOptions {
  /** Replaces files that are there. Default `false`: that is `FILE_EXISTS`. */
  readonly overwrite?: boolean | undefined;
  /** Is told of each file: its path below the folder, and the bytes so far. */
  readonly onFile?: ((path: string, bytes: number) => void) | undefined;
}

/**
 * Downloads the files of a model below a folder; see `Model.download`.
 *
 * @returns The file or folder of the model.
 */
export async function downloadModel(
  workspace: Workspace,
  model: { readonly name: string; readonly version: string; readonly uri: string },
  directory: string,
  options: DownloadModelOptions,
): Promise<string> {
  const { timeoutMs = Number.POSITIVE_INFINITY, abortSignal, overwrite = false, onFile } = options;
  const what = `Downloading the model ${model.name}:${model.version}`;
  const place = parseDatastoreUri(model.uri);
  if (place === undefined) {
    throw new AzuremlError(
      'MODEL_UNREACHABLE',
      `${what} is not possible: its files are at ${model.uri}, which is no path of a datastore.`,
      { details: { uri: model.uri } },
    );
  }
  return limited(what, { timeoutMs, abortSignal }, async (signal) => {
    const client = await datastoreContainer(workspace, place.datastoreName, signal);
    try {
      const names = await namesBelow(client, place.path, signal);
      if (names.length === 0) {
        throw new AzuremlError(
          'MODEL_UNREACHABLE',
          `${what} found no files at ${place.path} in the datastore ${place.datastoreName}. They may have been deleted.`,
        );
      }
      const parent = posix.dirname(place.path);
      for (const name of names) {
        await downloadFile(client, name, placeIn(directory, name.slice(parent.length + 1)), overwrite, signal, onFile);
      }
    } catch (error) {
      throw storageFailure(error, what, client.url, signal);
    }
    return join(resolve(directory), posix.basename(place.path));
  });
}

async function datastoreContainer(
  workspace: Workspace,
  datastoreName: string,
  abortSignal: AbortSignal,
): Promise<ContainerClient> {
  const { resourceGroup, workspaceName, azure, cloud } = workspace;
  const { properties } = await azure.call(
    { abortSignal, what: `Reading the datastore ${datastoreName}` },
    (client, callOptions) => client.datastores.get(resourceGroup, workspaceName, datastoreName, callOptions),
  );
  const { accountName, containerName, protocol, endpoint } = properties as Partial<AzureBlobDatastore>;
  if (!accountName || !containerName) {
    throw new AzuremlError(
      'DATASTORE_UNSUPPORTED',
      `The datastore "${datastoreName}" is no blob container. Download the model with the tools of its store.`,
      { details: { datastoreName } },
    );
  }
  const account = `${protocol || 'https'}://${accountName}.blob.${endpoint || cloud.storageSuffix}`;
  return openContainer(workspace, account, containerName);
}

/** The blob of that name, or all below it as a folder. */
async function namesBelow(client: ContainerClient, path: string, abortSignal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of client.listBlobsFlat({ prefix: path, abortSignal })) {
    if (name === path || name.startsWith(`${path}/`)) {
      names.push(name);
    }
  }
  return names;
}

/** The file for a path below a folder. A name from a store must not lead out of it. */
function placeIn(directory: string, path: string): string {
  const root = resolve(directory);
  const file = resolve(root, ...path.split('/'));
  if (!file.startsWith(root + sep)) {
    throw new ValidationError({
      path: 'directory',
      expected: 'a folder that holds every file of the model',
      received: path,
    });
  }
  return file;
}

async function downloadFile(
  client: ContainerClient,
  name: string,
  file: string,
  overwrite: boolean,
  abortSignal: AbortSignal,
  onFile: DownloadModelOptions['onFile'],
): Promise<void> {
  if (!overwrite && (await exists(file))) {
    throw new AzuremlError(
      'FILE_EXISTS',
      `The file ${file} is there already, and was not replaced. Choose another folder, or set overwrite: true.`,
      { details: { file } },
    );
  }
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.part`;
  try {
    const { readableStreamBody } = await client
      .getBlobClient(name)
      .download(0, undefined, { abortSignal, maxRetryRequests: 5 });
    const source = readableStreamBody === undefined ? Readable.from([]) : (readableStreamBody as Readable);
    await pipeline(source, createWriteStream(draft), { signal: abortSignal });
    await rename(draft, file);
    onFile?.(name, (await stat(file)).size);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

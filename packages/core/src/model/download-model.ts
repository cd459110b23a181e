import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, posix, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AzureBlobDatastore } from '@azure/arm-machinelearning';
import type { ContainerClient } from '@azure/storage-blob';
import { AzuremlError, errorMessage, ValidationError, type WaitOptions } from '@azureml-ts/common';
import { limited } from '../azure/limited.ts';
import { blobsAt, openContainer } from '../upload/blob-container.ts';
import { parseDatastoreUri } from '../upload/datastore-uri.ts';
import { storageFailure } from '../upload/upload-failure.ts';
import { toldSafely } from '../webservice/progress.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** What the file system says of a place that cannot be written to. */
const LOCAL_FAULTS = new Set(
  'EACCES EPERM EROFS ENOSPC EDQUOT EISDIR ENOTDIR EEXIST ENAMETOOLONG EMFILE ENOENT'.split(' '),
);

/** Options of {@link Model.download}. */
export interface DownloadModelOptions extends WaitOptions {
  /** Replaces files that are there. Default `false`: that is `FILE_EXISTS`. */
  readonly overwrite?: boolean | undefined;
  /** Is told of each file that is there: its path below the folder, and its bytes. */
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
      const names = [...(await blobsAt(client, place.path, signal)).keys()];
      if (names.length === 0) {
        throw new AzuremlError(
          'MODEL_UNREACHABLE',
          `${what} found no files at ${place.path} in the datastore ${place.datastoreName}. They may have been deleted.`,
        );
      }
      const parent = posix.dirname(place.path);
      const files = names.map((name) => {
        const path = name.slice(parent.length + 1);
        return { name, path, file: placeIn(directory, path) };
      });
      // Before anything is written: half a model would be left.
      await Promise.all(overwrite ? [] : files.map(({ file }) => refuseExisting(file)));
      for (const { name, path, file } of files) {
        const bytes = await downloadFile(client, name, file, signal);
        toldSafely('onFile', () => onFile?.(path, bytes));
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
  abortSignal: AbortSignal,
): Promise<number> {
  const draft = `${file}.${process.pid}.part`;
  try {
    await mkdir(dirname(file), { recursive: true });
    const { readableStreamBody } = await client
      .getBlobClient(name)
      .download(0, undefined, { abortSignal, maxRetryRequests: 5 });
    const source = readableStreamBody === undefined ? Readable.from([]) : (readableStreamBody as Readable);
    await pipeline(source, createWriteStream(draft), { signal: abortSignal });
    await rename(draft, file);
    return (await stat(file)).size;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw LOCAL_FAULTS.has(String((error as NodeJS.ErrnoException).code)) ? notWritten(file, error) : error;
  }
}

async function refuseExisting(file: string): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere) {
    throw new AzuremlError(
      'FILE_EXISTS',
      `The file ${file} is there already, and was not replaced. Choose another folder, or set overwrite: true.`,
      { details: { file } },
    );
  }
}

function notWritten(file: string, cause: unknown): AzuremlError {
  return new AzuremlError(
    'FILE_NOT_WRITTEN',
    `The file ${file} could not be written: ${errorMessage(cause)}. Choose another folder, or make room there.`,
    { cause, details: { file } },
  );
}

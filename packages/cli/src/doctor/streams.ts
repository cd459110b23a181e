import { type AzuremlError, isAzuremlError } from '@azureml-ts/common';
import type { CollectedFile } from '@azureml-ts/data';
import type { StorageTarget } from '@azureml-ts/monitoring/format';
import type { DoctorContext } from './context.ts';

/** A stream of collected rows, as far as it is known; `-` stands for what is looked for. */
export interface StreamNames {
  readonly webserviceName: string;
  readonly modelName?: string | undefined;
  readonly modelVersion?: string | undefined;
  readonly designation?: string | undefined;
}

/** No folder is called so: asking for it makes the reader say which there are. */
const UNKNOWN = '-';
/** So many models, versions and designations of a service are looked at. */
const MAX_STREAMS = 20;

/** What a stream has last. */
export interface LastFile {
  readonly stream: { readonly [name in keyof StreamNames]-?: string };
  readonly file: CollectedFile;
}

/**
 * Asks for the files of a stream.
 *
 * @throws `COLLECTED_DATA_NOT_FOUND`, with what is there instead in its details; `STORAGE_READ_FAILED`.
 */
export async function lookForRows(
  context: DoctorContext,
  storage: StorageTarget | string,
  names: StreamNames & { readonly abortSignal: AbortSignal },
): Promise<CollectedFile | undefined> {
  const { CollectedData } = await import('@azureml-ts/data');
  const { subscriptionId = UNKNOWN, resourceGroup = UNKNOWN, workspaceName = UNKNOWN } = context.workspace ?? {};
  const { webserviceName, modelName, modelVersion, designation, abortSignal } = names;
  const collected = await CollectedData.open({
    storage,
    workspace: { subscriptionId, resourceGroup, workspaceName },
    webserviceName,
    modelName: modelName ?? UNKNOWN,
    modelVersion: modelVersion ?? UNKNOWN,
    designation: designation ?? UNKNOWN,
  });
  let last: CollectedFile | undefined;
  for await (const file of collected.files({ abortSignal })) {
    last = file;
  }
  return last;
}

/** The last file of each stream of a service; none when nothing of it was ever collected. */
export async function lastFiles(
  context: DoctorContext,
  storage: StorageTarget | string,
  webserviceName: string,
  abortSignal: AbortSignal,
): Promise<LastFile[]> {
  const found: LastFile[] = [];
  let open: StreamNames[] = [{ webserviceName }];
  while (open.length > 0) {
    const next: StreamNames[] = [];
    for (const names of open) {
      const level =
        names.modelName === undefined ? 'modelName' : names.modelVersion === undefined ? 'modelVersion' : 'designation';
      for (const name of await namesAt(context, storage, names, level, abortSignal)) {
        next.push({ ...names, [level]: name });
      }
    }
    open = next.slice(0, MAX_STREAMS);
    if (open.every(({ designation }) => designation !== undefined)) {
      break;
    }
  }
  for (const names of open) {
    const file = await lookForRows(context, storage, { ...names, abortSignal });
    if (file !== undefined) {
      found.push({ stream: names as LastFile['stream'], file });
    }
  }
  return found;
}

/** Names of the folders at one level, which the reader tells when it is asked for one that is not there. */
async function namesAt(
  context: DoctorContext,
  storage: StorageTarget | string,
  names: StreamNames,
  level: string,
  abortSignal: AbortSignal,
): Promise<readonly string[]> {
  try {
    await lookForRows(context, storage, { ...names, abortSignal });
    return [];
  } catch (error) {
    if (!isAzuremlError(error, 'COLLECTED_DATA_NOT_FOUND')) {
      throw error;
    }
    const { option, found } = (error as AzuremlError).details;
    return option === level && Array.isArray(found) ? found.map(String) : [];
  }
}

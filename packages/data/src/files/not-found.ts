import { AzuremlError } from '@azureml-ts/common';
import { type StreamIdentity, streamPrefix } from '@azureml-ts/monitoring/format';
import type { FileStore } from '../store/file-store.ts';

/** Names of the options that give the folders of the path, in its order. */
const LEVELS = [
  'workspace.subscriptionId',
  'workspace.resourceGroup',
  'workspace.workspaceName',
  'webserviceName',
  'modelName',
  'modelVersion',
  'designation',
];
/** Neighbours that the message names. */
const MAX_NAMES = 20;

/** Looks for the deepest folder of the path that is there, and says what is in it instead. */
export async function dataNotFound(
  store: FileStore,
  stream: StreamIdentity,
  abortSignal: AbortSignal | undefined,
): Promise<AzuremlError> {
  const prefix = streamPrefix(stream);
  const parts = prefix.split('/').slice(0, -1);
  for (let level = parts.length - 1; level >= 0; level -= 1) {
    const parent = parts
      .slice(0, level)
      .map((part) => `${part}/`)
      .join('');
    const names = await store.folders(parent, abortSignal);
    if (names === undefined) {
      return notFound(store, prefix, `${store.name} does not exist. ${ADVICE}`);
    }
    if (names.length > 0) {
      const shown = names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? ', ...' : '');
      return notFound(
        store,
        prefix,
        `In ${parent === '' ? store.name : `"${parent}"`} there are: ${shown}; not "${parts[level]}". Check ${LEVELS[level]}; upper and lower case count.`,
        { option: LEVELS[level] ?? '', found: names.slice(0, MAX_NAMES) },
      );
    }
  }
  return notFound(store, prefix, `${store.name} is empty. ${ADVICE}`);
}

const ADVICE =
  'Check storage, that the collector is switched on (AML_MODEL_DC_STORAGE_ENABLED=true), and that its rows have been flushed.';

function notFound(
  store: FileStore,
  prefix: string,
  advice: string,
  found: { option?: string; found?: string[] } = {},
): AzuremlError {
  return new AzuremlError(
    'COLLECTED_DATA_NOT_FOUND',
    `There is no collected data at "${prefix}" in ${store.place}. ${advice}`,
    {
      details: { prefix, storage: store.place, ...found },
    },
  );
}

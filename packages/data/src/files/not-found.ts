import { AzuremlError } from '@azureml-ts/common';
import type { FileStore } from '../store/file-store.ts';
import type { StreamRoot } from './stream-selection.ts';

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
  roots: readonly StreamRoot[],
  abortSignal: AbortSignal | undefined,
): Promise<AzuremlError> {
  const [given] = roots;
  const prefix = given?.prefix ?? '';
  // Not every spelling of the path leads equally far; what stands at the end of the longest way helps most.
  const ways = await Promise.all(roots.map((root) => deepest(store, root, abortSignal)));
  const way = ways.reduce((best, one) => ((one?.level ?? -1) > (best?.level ?? -1) ? one : best), ways[0]);
  if (way === undefined) {
    return notFound(store, prefix, `${store.name} does not exist. ${ADVICE}`);
  }
  const { level, parent, names, part, levels } = way;
  if (names.length === 0) {
    return notFound(store, prefix, `${store.name} is empty. ${ADVICE}`);
  }
  const shown = names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? ', ...' : '');
  const folder = parent === '' ? store.name : `"${parent}"`;
  return notFound(
    store,
    prefix,
    names.includes(part)
      ? `In ${folder} there are: ${shown}; but "${part}" holds no files of rows.`
      : `In ${folder} there are: ${shown}; not "${part}". Check ${levels[level]}; upper and lower case count.`,
    { option: levels[level] ?? '', found: names.slice(0, MAX_NAMES) },
  );
}

/** How far a path leads. */
interface Way {
  /** Depth of the last folder that holds anything. */
  readonly level: number;
  /** That folder. */
  readonly parent: string;
  /** What is in it. */
  readonly names: readonly string[];
  /** What was looked for in it. */
  readonly part: string;
  /** Names of the options that give the folders of the path. */
  readonly levels: readonly string[];
}

async function deepest(
  store: FileStore,
  { prefix, levels = LEVELS }: StreamRoot,
  abortSignal: AbortSignal | undefined,
): Promise<Way | undefined> {
  const parts = prefix.split('/').slice(0, -1);
  for (let level = parts.length - 1; level >= 0; level -= 1) {
    const parent = parts
      .slice(0, level)
      .map((part) => `${part}/`)
      .join('');
    const names = await store.folders(parent, abortSignal);
    if (names === undefined) {
      return undefined;
    }
    if (names.length > 0 || level === 0) {
      return { level, parent, names, part: parts[level] ?? '', levels };
    }
  }
  return undefined;
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

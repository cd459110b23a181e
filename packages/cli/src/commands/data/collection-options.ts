import { ValidationError } from '@azureml-ts/common';
import type { JsonLinesOptions } from '@azureml-ts/data';
import type { Command } from 'commander';
import type { CommandIo } from '../../io.ts';
import type { StreamOptions } from './data-options.ts';
import { needed } from './needed.ts';

/** Which collection of JSON Lines a command works on. */
export interface CollectionOptions {
  /** Name of the online endpoint. */
  readonly endpoint?: string;
  /** Name of the deployment. */
  readonly deployment?: string;
  /** Name of the collection. */
  readonly collection?: string;
  /** Folder of the collection, in place of these three. */
  readonly path?: string;
  /** Container of the account that holds it. */
  readonly sourceContainer?: string;
}

const NAMES = { endpoint: '--endpoint', deployment: '--deployment', collection: '--collection' } as const;
const OF_COLLECTION = { ...NAMES, path: '--path', sourceContainer: '--source-container' } as const;
const OF_STREAM = {
  service: '--service',
  model: '--model',
  modelVersion: '--model-version',
  designation: '--designation',
} as const;
const OF_WORKSPACE = {
  subscriptionId: '--subscription-id',
  resourceGroup: '--resource-group',
  workspace: '--workspace',
} as const;

/** Adds the options that say which collection of JSON Lines. */
export function addCollectionOptions(command: Command): Command {
  return command
    .option('--endpoint <name>', 'of json-lines: online endpoint')
    .option('--deployment <name>', 'of json-lines: deployment')
    .option('--collection <name>', 'of json-lines: collection, for example model_inputs')
    .option('--path <folder>', 'of json-lines: folder of the collection, in place of these three')
    .option(
      '--source-container <name>',
      'of json-lines: container of the account that holds them, azureml-blobstore-<id>',
    );
}

/**
 * Refuses what only JSON Lines have.
 *
 * @throws ValidationError (`VALIDATION`) naming the option.
 */
export function refuseCollection(options: StreamOptions): void {
  const [flag] = given(OF_COLLECTION, options);
  if (flag !== undefined) {
    throw refusal(flag, `Give ${flag} only with --layout json-lines.`);
  }
}

/**
 * Says which collection the options name.
 *
 * @throws ValidationError (`VALIDATION`) naming the option that is missing or does not belong here.
 */
export async function collectionOf(options: StreamOptions, { env }: CommandIo): Promise<JsonLinesOptions> {
  const { endpoint, deployment, collection, path, sourceContainer, from, to } = options;
  const [other] = given(OF_STREAM, options);
  if (other !== undefined) {
    throw refusal(
      other,
      `Leave ${other} out with --layout json-lines: its rows are named by --endpoint, --deployment and --collection, or by --path.`,
    );
  }
  checkNames(options);
  const storage = needed('--storage', options.storage, env, 'AML_MODEL_DC_STORAGE');
  await checkContainer(storage, options);
  return {
    layout: 'json-lines',
    storage,
    container: sourceContainer,
    ...(path === undefined
      ? { endpointName: endpoint, deploymentName: deployment, collectionName: collection }
      : { path }),
    workspace: workspaceOf(options),
    from,
    to,
  };
}

function checkNames(options: StreamOptions): void {
  const names = given(NAMES, options);
  const [missing] = Object.values(NAMES).filter((flag) => !names.includes(flag));
  if (options.path !== undefined) {
    if (names[0] !== undefined) {
      throw refusal(names[0], `Give --path without ${names[0]}: it is the whole folder of the collection.`);
    }
  } else if (missing !== undefined) {
    throw refusal(
      missing,
      names.length === 0
        ? 'Give --endpoint, --deployment and --collection, or --path: which rows of json-lines to read.'
        : `Give ${missing} too, or --path alone: rows of json-lines are named by --endpoint, --deployment and --collection.`,
    );
  }
}

async function checkContainer(storage: string, { sourceContainer, storage: flag }: StreamOptions): Promise<void> {
  const { parseStorageTarget } = await import('@azureml-ts/monitoring/format');
  const isFolder = 'directory' in parseStorageTarget(storage, flag ? '--storage' : 'AML_MODEL_DC_STORAGE');
  if (isFolder && sourceContainer !== undefined) {
    throw refusal(
      '--source-container',
      'Leave --source-container out: the rows are in a folder, which has no containers.',
    );
  }
  if (!isFolder && !sourceContainer) {
    throw refusal(
      '--source-container',
      "Give --source-container, the container of the account that holds the collection: that of the workspace's default datastore, azureml-blobstore-<id>.",
    );
  }
}

/** The environment is left aside: what it has would give the same rows another name on each machine. */
function workspaceOf(options: StreamOptions): JsonLinesOptions['workspace'] {
  const { subscriptionId, resourceGroup, workspace: workspaceName } = options;
  if (subscriptionId && resourceGroup && workspaceName) {
    return { subscriptionId, resourceGroup, workspaceName };
  }
  const flags = given(OF_WORKSPACE, options);
  if (flags.length === 0) {
    return undefined;
  }
  const missing = Object.values(OF_WORKSPACE).find((flag) => !flags.includes(flag)) ?? '--workspace';
  throw refusal(missing, `Give ${missing} too, or leave ${flags[0]} out: a workspace has three names.`);
}

function given<T extends keyof StreamOptions>(flags: Readonly<Record<T, string>>, options: StreamOptions): string[] {
  return (Object.keys(flags) as T[]).filter((name) => options[name] !== undefined).map((name) => flags[name]);
}

function refusal(path: string, message: string): ValidationError {
  return new ValidationError({ path, expected: 'another set', message });
}

import { ValidationError } from '@azureml-ts/common';
import type { CollectedData, CollectedDataOptions, JsonLinesOptions } from '@azureml-ts/data';
import { type Command, Option } from 'commander';
import type { CommandIo } from '../../io.ts';
import { parseDay } from '../parse-values.ts';
import { addCollectionOptions, type CollectionOptions, collectionOf, refuseCollection } from './collection-options.ts';
import { needed } from './needed.ts';

// Loading the package for its list would make every command slower.
const LAYOUTS = ['auto', 'documented', 'python-v1', 'json-lines'] as const satisfies (
  | CollectedDataOptions
  | JsonLinesOptions
)['layout'][];
/** Version of a model that nobody gave one. */
const UNNAMED_VERSION = 'default';

/** Which model's rows a command works on, or which collection's. */
export interface ModelOptions extends CollectionOptions {
  /** Where the rows are. */
  readonly storage?: string;
  /** Id of the subscription. */
  readonly subscriptionId?: string;
  /** Name of the resource group. */
  readonly resourceGroup?: string;
  /** Name of the workspace. */
  readonly workspace?: string;
  /** Name of the web service. */
  readonly service?: string;
  /** Name of the model. */
  readonly model?: string;
  /** Version of the model. */
  readonly modelVersion?: string;
  /** Which layouts are read. */
  readonly layout: (typeof LAYOUTS)[number];
  /** First UTC day. */
  readonly from?: string;
  /** Last UTC day, inclusive. */
  readonly to?: string;
}

/** The same, of one stream. */
export interface StreamOptions extends ModelOptions {
  /** What was collected. */
  readonly designation?: string | undefined;
}

/** Adds the options that say which model's rows, and of which days. */
export function addModelOptions(command: Command): Command {
  const withStream = command
    .option(
      '--storage <place>',
      'connection string, account URL or file: URL (env AML_MODEL_DC_STORAGE); arguments show in process lists, so put a connection string into the variable instead',
    )
    .option('--subscription-id <id>', 'subscription (env AZUREML_ARM_SUBSCRIPTION)')
    .option('--resource-group <name>', 'resource group (env AZUREML_ARM_RESOURCEGROUP)')
    .option('--workspace <name>', 'workspace (env AZUREML_ARM_WORKSPACE_NAME)')
    .option('--service <name>', 'web service (env SERVICE_NAME)')
    .option('--model <name>', 'model')
    .option('--model-version <version>', `version of the model (default: ${UNNAMED_VERSION})`)
    .addOption(
      new Option('--layout <layout>', 'how the files are called; auto takes every layout but json-lines')
        .choices(LAYOUTS)
        .default('auto'),
    );
  return addCollectionOptions(withStream)
    .option('--from <time>', 'first UTC day, for example 2026-11-01', parseDay)
    .option('--to <time>', 'last UTC day, inclusive', parseDay);
}

/** Adds the options that say which stream of rows, and of which days. */
export function addStreamOptions(command: Command): Command {
  return addModelOptions(command).option('--designation <name>', 'what was collected, for example inputs');
}

/**
 * Finds what the options leave to the environment, for all layouts but JSON Lines.
 *
 * @throws ValidationError (`VALIDATION`) naming the option, and the variable that would do as well.
 */
export function streamOf(options: StreamOptions, { env }: CommandIo): CollectedDataOptions {
  const { modelVersion = UNNAMED_VERSION, layout } = options;
  refuseCollection(options);
  const modelName = given('--model', options.model);
  const designation = given('--designation', options.designation);
  return {
    storage: needed('--storage', options.storage, env, 'AML_MODEL_DC_STORAGE'),
    workspace: {
      subscriptionId: needed('--subscription-id', options.subscriptionId, env, 'AZUREML_ARM_SUBSCRIPTION'),
      resourceGroup: needed('--resource-group', options.resourceGroup, env, 'AZUREML_ARM_RESOURCEGROUP'),
      workspaceName: needed('--workspace', options.workspace, env, 'AZUREML_ARM_WORKSPACE_NAME'),
    },
    webserviceName: needed('--service', options.service, env, 'SERVICE_NAME'),
    modelName,
    modelVersion,
    designation,
    layout: layout === 'json-lines' ? undefined : layout,
    from: options.from,
    to: options.to,
  };
}

/** Opens the rows that the options name. */
export async function openCollected(options: StreamOptions, io: CommandIo): Promise<CollectedData> {
  const stream = options.layout === 'json-lines' ? await collectionOf(options, io) : streamOf(options, io);
  // Loaded on use: the storage client takes longer to load than the rest of the command to run.
  const { CollectedData } = await import('@azureml-ts/data');
  const collected = await CollectedData.open(stream);
  io.abortSignal?.throwIfAborted();
  return collected;
}

function given(flag: string, value: string | undefined): string {
  if (!value) {
    throw new ValidationError({
      path: flag,
      expected: 'given',
      message: `Give ${flag} <name>. For rows in JSON Lines, give --layout json-lines and the names of the collection instead.`,
    });
  }
  return value;
}

import { ValidationError } from '@azureml-ts/common';
import type { CollectedData, CollectedDataOptions } from '@azureml-ts/data';
import { type Command, Option } from 'commander';
import type { CommandIo } from '../../io.ts';
import { parseDay } from '../parse-values.ts';

// Loading the package for its list would make every command slower.
const LAYOUTS = ['auto', 'documented', 'python-v1'] as const satisfies CollectedDataOptions['layout'][];

/** Which model's rows a command works on. */
export interface ModelOptions {
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
  readonly model: string;
  /** Version of the model. */
  readonly modelVersion: string;
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
  readonly designation: string;
}

/** Adds the options that say which model's rows, and of which days. */
export function addModelOptions(command: Command): Command {
  return command
    .option(
      '--storage <place>',
      'connection string, account URL or file: URL (env AML_MODEL_DC_STORAGE); arguments show in process lists, so put a connection string into the variable instead',
    )
    .option('--subscription-id <id>', 'subscription (env AZUREML_ARM_SUBSCRIPTION)')
    .option('--resource-group <name>', 'resource group (env AZUREML_ARM_RESOURCEGROUP)')
    .option('--workspace <name>', 'workspace (env AZUREML_ARM_WORKSPACE_NAME)')
    .option('--service <name>', 'web service (env SERVICE_NAME)')
    .requiredOption('--model <name>', 'model')
    .option('--model-version <version>', 'version of the model', 'default')
    .addOption(
      new Option('--layout <layout>', 'how the files are called; auto takes every layout')
        .choices(LAYOUTS)
        .default('auto'),
    )
    .option('--from <time>', 'first UTC day, for example 2026-11-01', parseDay)
    .option('--to <time>', 'last UTC day, inclusive', parseDay);
}

/** Adds the options that say which stream of rows, and of which days. */
export function addStreamOptions(command: Command): Command {
  return addModelOptions(command).requiredOption('--designation <name>', 'what was collected, for example inputs');
}

/**
 * Finds what the options leave to the environment.
 *
 * @throws ValidationError (`VALIDATION`) naming the option, and the variable that would do as well.
 */
export function streamOf(options: StreamOptions, { env }: CommandIo): CollectedDataOptions {
  return {
    storage: needed('--storage', options.storage, env, 'AML_MODEL_DC_STORAGE'),
    workspace: {
      subscriptionId: needed('--subscription-id', options.subscriptionId, env, 'AZUREML_ARM_SUBSCRIPTION'),
      resourceGroup: needed('--resource-group', options.resourceGroup, env, 'AZUREML_ARM_RESOURCEGROUP'),
      workspaceName: needed('--workspace', options.workspace, env, 'AZUREML_ARM_WORKSPACE_NAME'),
    },
    webserviceName: needed('--service', options.service, env, 'SERVICE_NAME'),
    modelName: options.model,
    modelVersion: options.modelVersion,
    designation: options.designation,
    layout: options.layout,
    from: options.from,
    to: options.to,
  };
}

/** Opens the rows that the options name. */
export async function openCollected(options: StreamOptions, io: CommandIo): Promise<CollectedData> {
  const stream = streamOf(options, io);
  // Loaded on use: the storage client takes longer to load than the rest of the command to run.
  const { CollectedData } = await import('@azureml-ts/data');
  const collected = await CollectedData.open(stream);
  io.abortSignal?.throwIfAborted();
  return collected;
}

function needed(flag: string, value: string | undefined, env: CommandIo['env'], variable: string): string {
  const found = value || env[variable];
  if (!found) {
    throw new ValidationError({ path: flag, expected: 'given', message: `Give ${flag}, or set ${variable}.` });
  }
  return found;
}

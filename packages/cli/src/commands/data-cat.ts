import { ValidationError } from '@azureml-ts/common';
import { type Command, Option } from 'commander';
import type { CommandIo } from '../io.ts';
import { ROW_FORMATS, type RowFormat, writeRows } from '../output/rows.ts';
import type { Row } from '../output/table.ts';
import { atMost } from './at-most.ts';
import { parseCount, parseDay } from './parse-values.ts';

interface CatOptions {
  readonly storage?: string;
  readonly subscriptionId?: string;
  readonly resourceGroup?: string;
  readonly workspace?: string;
  readonly service?: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly designation: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly output: RowFormat;
}

/**
 * `azureml-ts data cat`: prints collected rows.
 *
 * @param data Gets the command.
 * @param io Where the rows go.
 */
export function addDataCat(data: Command, io: CommandIo): void {
  data
    .command('cat')
    .description('print collected rows')
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
    .requiredOption('--designation <name>', 'what was collected, for example inputs')
    .option('--from <time>', 'first UTC day, for example 2026-11-01', parseDay)
    .option('--to <time>', 'last UTC day, inclusive', parseDay)
    .option('--limit <n>', 'print at most this many rows', parseCount)
    .addOption(new Option('--output <format>', 'how to print').choices(ROW_FORMATS).default('table'))
    .action((options: CatOptions) => cat(options, io));
}

async function cat(options: CatOptions, io: CommandIo): Promise<void> {
  const { env } = io;
  const storage = needed('--storage', options.storage, env, 'AML_MODEL_DC_STORAGE');
  const workspace = {
    subscriptionId: needed('--subscription-id', options.subscriptionId, env, 'AZUREML_ARM_SUBSCRIPTION'),
    resourceGroup: needed('--resource-group', options.resourceGroup, env, 'AZUREML_ARM_RESOURCEGROUP'),
    workspaceName: needed('--workspace', options.workspace, env, 'AZUREML_ARM_WORKSPACE_NAME'),
  };
  // Loaded on use: the storage client takes longer to load than the rest of the command to run.
  const { CollectedData } = await import('@azureml-ts/data');
  const collected = await CollectedData.open({
    storage,
    workspace,
    webserviceName: needed('--service', options.service, env, 'SERVICE_NAME'),
    modelName: options.model,
    modelVersion: options.modelVersion,
    designation: options.designation,
    from: options.from,
    to: options.to,
  });
  const { abortSignal } = io;
  abortSignal?.throwIfAborted();
  // A table and CSV show cells as they are stored; JSON has types.
  const rows: AsyncIterable<Row> = collected.rows<Row>(
    options.output === 'json' ? { abortSignal } : { types: 'strings', abortSignal },
  );
  const count = await writeRows(io, atMost(rows, options.limit), options.output);
  if (count === 0) {
    io.writeError('azureml-ts: no rows there. Check the names, their case, and --from and --to (UTC).\n');
  }
}

function needed(flag: string, value: string | undefined, env: CommandIo['env'], variable: string): string {
  const found = value || env[variable];
  if (!found) {
    throw new ValidationError({ path: flag, expected: 'given', message: `Give ${flag}, or set ${variable}.` });
  }
  return found;
}

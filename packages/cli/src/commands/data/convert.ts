import { harmlessLine } from '@azureml-ts/common';
import type { ConvertOptions } from '@azureml-ts/data';
import { type Command, Option } from 'commander';
import type { CommandIo } from '../../io.ts';
import { hasColors } from '../../output/colors.ts';
import { writeDocument } from '../../output/documents.ts';
import { tableText } from '../../output/table.ts';
import { addStreamOptions, openCollected, type StreamOptions } from './data-options.ts';
import { needed } from './needed.ts';
import { parseTypes, type RowReadingOptions } from './row-options.ts';

// Loading the package for its list would make every command slower.
const LAYOUTS = ['documented', 'json-lines'] as const satisfies ConvertOptions['to'][];

interface ConvertCommandOptions extends StreamOptions {
  readonly toLayout: ConvertOptions['to'];
  readonly types?: RowReadingOptions['types'];
  readonly output: 'table' | 'json';
}

/**
 * `azureml-ts data convert`: writes collected rows as files of another layout, and reads them back.
 *
 * @param data Gets the command.
 * @param io Where the result goes.
 */
export function addDataConvert(data: Command, io: CommandIo): void {
  addStreamOptions(data.command('convert').description('write collected rows as files of another layout, checked'))
    .argument('<target>', 'where to: a folder, or the address of a container')
    .addOption(new Option('--to-layout <layout>', 'layout of the new files').choices(LAYOUTS).default('documented'))
    .option(
      '--types <types>',
      'what cells are taken for: infer, strings, or types of features: zip=string,age=number (default: infer)',
      parseTypes,
    )
    .addOption(new Option('--output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action((target: string, options: ConvertCommandOptions) => convert(target, options, io));
}

async function convert(target: string, options: ConvertCommandOptions, io: CommandIo): Promise<void> {
  const collected = await openCollected(options, io);
  const { place, manifestPath, manifest } = await collected.convert({
    to: options.toLayout,
    target,
    types: options.types,
    ...(options.layout === 'json-lines' ? { stream: { workspace: workspaceOf(options, io) } } : {}),
    abortSignal: io.abortSignal,
    onProgress: ({ path, filesDone, files, rows }) => {
      if (io.isErrorTerminal === true) {
        io.writeError(`${harmlessLine(`${path}: read (${filesDone} of ${files}, ${rows} rows)`)}\n`);
      }
    },
  });
  if (options.output === 'json') {
    await writeDocument(io, { place, manifestPath, manifest });
    return;
  }
  const { files, losses, rows } = manifest;
  if (files.length > 0) {
    const lines = files.map(({ path, rows: count, bytes }) => ({ rows: count, bytes, path }));
    await io.writeOut(tableText(lines, { isColored: hasColors(io), maxCell: Number.POSITIVE_INFINITY }));
  }
  for (const { column, emptyTexts, otherValues, brokenTexts } of losses) {
    const text = `${column}: ${emptyTexts} empty texts are null now, ${otherValues} cells are read as another value, ${brokenTexts} texts were not well-formed.`;
    io.writeError(`azureml-ts: ${harmlessLine(text)}\n`);
  }
  io.writeError(`azureml-ts: ${rows} rows in ${place}, read back and found equal.\n`);
}

/** The workspace, which the paths of JSON Lines do not name. */
function workspaceOf(options: StreamOptions, { env }: CommandIo) {
  return {
    subscriptionId: needed('--subscription-id', options.subscriptionId, env, 'AZUREML_ARM_SUBSCRIPTION'),
    resourceGroup: needed('--resource-group', options.resourceGroup, env, 'AZUREML_ARM_RESOURCEGROUP'),
    workspaceName: needed('--workspace', options.workspace, env, 'AZUREML_ARM_WORKSPACE_NAME'),
  };
}

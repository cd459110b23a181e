import { writeFile } from 'node:fs/promises';
import { AzuremlError, ValidationError } from '@azureml-ts/common';
import type { CellType, GenerateKind, GenerateOptions } from '@azureml-ts/data';
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandIo } from '../../io.ts';
import { addStreamOptions, openCollected, type StreamOptions, streamOf } from './data-options.ts';
import { parseTypes } from './row-options.ts';

type Types = Readonly<Record<string, CellType>>;

interface GenerateCommandOptions extends StreamOptions {
  readonly types?: Types;
  readonly joinWith?: string | false;
  readonly joinTypes?: Types;
  readonly featureNames?: readonly string[];
  readonly secretScope?: string;
  readonly deleteAfterDays?: number;
  readonly coolAfterDays?: number;
  readonly scope?: 'stream' | 'model';
  readonly out?: string;
  readonly force?: boolean;
}

// Loading the package for its list would make every command slower.
const KINDS = ['pyspark', 'databricks', 'power-bi', 'duckdb', 'pandas', 'lifecycle'] as const satisfies GenerateKind[];

/**
 * `azureml-ts data generate`: writes a script, notebook, query or policy for the paths of a stream.
 *
 * @param data Gets the command.
 * @param io Where the text goes.
 */
export function addDataGenerate(data: Command, io: CommandIo): void {
  addStreamOptions(
    data.command('generate').description('write a script, notebook, query or policy for the paths of collected rows'),
  )
    .addArgument(new Argument('<kind>', 'what to write').choices(KINDS))
    .option('--types <types>', 'types of features: age=number,zip=string', parseDeclared)
    .option('--join-with <designation>', 'rows to join with (default: predictions for inputs)')
    .option('--no-join-with', 'no join')
    .option('--join-types <types>', 'types of features of the rows that are joined', parseDeclared)
    .option('--feature-names <names>', 'names of the features of files without header, with commas between', parseNames)
    .option('--secret-scope <name>', 'of databricks: the secret scope that holds the sign-in')
    .option('--delete-after-days <n>', 'of lifecycle: days after which files are deleted', parseDays)
    .option('--cool-after-days <n>', 'of lifecycle: days after which block blobs go to the cool tier', parseDays)
    .addOption(new Option('--scope <scope>', 'of lifecycle: what the rule is for').choices(['stream', 'model']))
    .option('--out <file>', 'write to a new file instead of standard output')
    .option('--force', 'with --out: replace the file that is there')
    .action((kind: GenerateKind, options: GenerateCommandOptions) => generate(kind, options, io));
}

async function generate(kind: GenerateKind, options: GenerateCommandOptions, io: CommandIo): Promise<void> {
  const { out, force = false } = options;
  if (force && out === undefined) {
    throw new ValidationError({ path: '--force', expected: 'with --out', message: 'Give --force only with --out.' });
  }
  const text = await textOf(kind, options, io);
  if (out === undefined) {
    await io.writeOut(text);
    return;
  }
  await writeNew(out, text, force);
  io.writeError(`azureml-ts: written to ${out}.\n`);
}

async function textOf(kind: GenerateKind, options: GenerateCommandOptions, io: CommandIo): Promise<string> {
  const { types, joinTypes, featureNames, secretScope, deleteAfterDays, coolAfterDays, scope } = options;
  const layout = options.layout === 'auto' || options.layout === 'json-lines' ? undefined : options.layout;
  const settings: GenerateOptions = {
    types,
    // `true` is what a flag that can be negated has when nobody gives it.
    joinWith: (options.joinWith as unknown) === true ? undefined : options.joinWith,
    joinTypes,
    featureNames,
    layout,
    secretScope,
    deleteAfterDays,
    coolAfterDays,
    scope,
  };
  // Of JSON Lines there is no text, which the opened rows tell.
  if (options.modelVersion === 'newest' || options.layout === 'json-lines') {
    return (await openCollected(options, io)).generate(kind, { ...settings, abortSignal: io.abortSignal });
  }
  // Everything else is known without an account, so nobody has to sign in.
  const { generateFor } = await import('@azureml-ts/data');
  return generateFor(kind, { ...streamOf(options, io), ...settings, layout });
}

async function writeNew(file: string, text: string, isReplacing: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: isReplacing ? 'w' : 'wx' });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new AzuremlError('FILE_EXISTS', `There is a file at ${file} already. Give another name, or --force.`, {
        cause,
      });
    }
    throw new ValidationError({
      path: '--out',
      expected: 'a file that can be written',
      message: `${file} cannot be written: ${message}. Give --out another path.`,
      cause,
    });
  }
}

function parseDeclared(text: string, before: Types | undefined): Types {
  const types = parseTypes(text, before);
  if (typeof types !== 'object') {
    throw new InvalidArgumentError('Give NAME=TYPE; what is not declared is inferred.');
  }
  return types;
}

function parseNames(text: string): readonly string[] {
  return text.split(',');
}

function parseDays(text: string): number {
  if (!/^\d{1,5}$/.test(text)) {
    throw new InvalidArgumentError('Give a number of days, 0 or more.');
  }
  return Number(text);
}

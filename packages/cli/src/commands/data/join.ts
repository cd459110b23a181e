import { fileURLToPath } from 'node:url';
import { ValidationError } from '@azureml-ts/common';
import type { CollectedData, JoinSummary, LabelSummary, RowOrder, TrainingSetOptions } from '@azureml-ts/data';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, noteFaultOf } from '../../exit-codes.ts';
import type { CommandIo } from '../../io.ts';
import { hasColors } from '../../output/colors.ts';
import { writeDocument } from '../../output/documents.ts';
import { ROW_FORMATS, type RowFormat, writeRows } from '../../output/rows.ts';
import { tableText } from '../../output/table.ts';
import { atMost } from '../at-most.ts';
import { parseCount } from '../parse-values.ts';
import { addModelOptions, type ModelOptions, openCollected } from './data-options.ts';
import { countOrphans, joinReport } from './join-report.ts';
import { flatRows, type JoinedAny, jsonRows } from './join-rows.ts';
import { sideProgress } from './progress.ts';

interface JoinCommandOptions extends ModelOptions {
  readonly designation?: string;
  readonly with?: string;
  readonly labels?: string;
  readonly on?: string;
  readonly rowId?: string;
  readonly duplicates: 'last' | 'first' | 'error';
  readonly how: 'inner' | 'left' | 'outer';
  readonly orderBy: RowOrder;
  readonly limit?: number;
  readonly output: RowFormat;
  readonly target?: string;
  readonly format: 'csv' | 'parquet';
  readonly columns?: readonly string[];
  readonly labelColumn?: string;
  readonly split?: Readonly<Record<string, number>>;
  readonly splitBy: 'correlationId' | 'userCorrelationId';
  readonly overwrite?: boolean;
  readonly failOnOrphans?: boolean;
}

/** Joined rows, with or without labels. */
interface AnyRows extends AsyncIterable<JoinedAny> {
  readonly summary: JoinSummary | LabelSummary | null;
  trainingSet: CollectedData['trainingSet'];
}

/**
 * `azureml-ts data join`: prints inputs beside their predictions and labels, or writes them as a training set.
 *
 * @param data Gets the command.
 * @param io Where the rows go.
 * @param setExitCode Gets 1 when rows without partner are a failure.
 */
export function addDataJoin(data: Command, io: CommandIo, setExitCode: (exitCode: number) => void): void {
  addModelOptions(
    data.command('join').description('put inputs, predictions and later labels together, or write a training set'),
  )
    .option('--designation <name>', 'rows to start from (default: inputs)')
    .option(
      '--with <name>',
      'rows to put beside them, for example predictions; of json-lines the other collection, or beside --path its folder',
    )
    .option('--labels <file>', 'labels to put to them: a .csv, .jsonl or .ndjson file')
    .option('--on <column>', "column of the labels that holds the caller's own id")
    .option(
      '--row-id <name>',
      'what of a row it is compared with: userCorrelationId (default), correlationId, requestId or a feature',
    )
    .addOption(
      choice('--duplicates <which>', 'label that counts when several have one id', ['last', 'first', 'error'], 'last'),
    )
    .addOption(
      choice(
        '--how <how>',
        'rows to print: inner (those with a partner), left (all inputs) or outer (all)',
        ['inner', 'left', 'outer'],
        'inner',
      ),
    )
    .addOption(choice('--order-by <order>', 'order of the rows', ['stored', 'time', 'requestId'], 'stored'))
    .option('--limit <n>', 'print at most this many rows; the counts are then of what was read', parseCount)
    .option('--fail-on-orphans', 'exit with 1 when a row or label has no partner')
    .option('--target <place>', 'write a training set there: a folder, or the address of a container')
    .addOption(choice('--format <format>', 'format of the training set', ['csv', 'parquet'], 'csv'))
    .option(
      '--columns <names>',
      'columns of the training set, with commas between them (default: all features and labels)',
      parseNames,
    )
    .option('--label-column <name>', 'what the column of the label is called in the training set')
    .option('--split <shares>', 'parts of the training set, for example train=0.8,test=0.2', parseShares)
    .addOption(
      choice('--split-by <id>', 'id that decides on the part', ['correlationId', 'userCorrelationId'], 'correlationId'),
    )
    .option('--overwrite', 'replace a training set that is there')
    .addOption(choice('--output <format>', 'how to print', ROW_FORMATS, 'table'))
    .action((options: JoinCommandOptions) => join(options, io, setExitCode));
}

async function join(
  options: JoinCommandOptions,
  io: CommandIo,
  setExitCode: (exitCode: number) => void,
): Promise<void> {
  checkOptions(options);
  const rows = await openRows(options, io);
  try {
    if (options.target === undefined) {
      await printRows(rows, options, io);
    } else {
      await writeTrainingSet(rows, options.target, options, io);
    }
  } catch (error) {
    const { labels = '' } = options;
    noteFaultOf(/^file:/i.test(labels) ? fileURLToPath(labels) : labels, error);
    throw error;
  }
  const { summary } = rows;
  for (const line of joinReport(summary)) {
    io.writeError(`azureml-ts: ${line}\n`);
  }
  if (options.failOnOrphans === true && countOrphans(summary) > 0) {
    setExitCode(EXIT.checkFailed);
  }
}

function checkOptions(options: JoinCommandOptions): void {
  const { with: other, labels, on, rowId, how, target, limit } = options;
  const refuse = (path: string, message: string) => new ValidationError({ path, expected: 'another set', message });
  if (other === undefined && labels === undefined) {
    throw refuse('--with', 'Give --with, for example --with predictions, or --labels, or both.');
  }
  if ((labels === undefined) !== (on === undefined)) {
    throw refuse('--on', 'Give --labels and --on together: the file, and its column that holds the id.');
  }
  if (rowId !== undefined && labels === undefined) {
    throw refuse('--row-id', 'Give --row-id only with --labels.');
  }
  if (how === 'outer' && other === undefined) {
    throw refuse('--how', 'Give --how outer only with --with: labels without a row are counted, and never printed.');
  }
  if (target !== undefined && limit !== undefined) {
    throw refuse('--limit', 'Give --limit only without --target.');
  }
}

async function openRows(options: JoinCommandOptions, io: CommandIo): Promise<AnyRows> {
  const { how, orderBy, labels, on, rowId, duplicates, output, target } = options;
  const { abortSignal } = io;
  const side = sideOf(options);
  const left = await openCollected({ ...options, [side.option]: side.name }, io);
  const names = [side.name ?? '', options.with ?? []].flat();
  const [ofLeft, ofRight] = sideProgress(names, io);
  // A table and CSV show cells as they are stored; JSON and training sets have types.
  const types = output === 'json' || target !== undefined ? 'infer' : 'strings';
  const labelOptions = { on, rowId, duplicates, types, abortSignal, how: how === 'inner' ? how : 'left' } as const;
  if (options.with === undefined) {
    return left.joinLabels(labels ?? '', { ...labelOptions, orderBy, left: { types, onProgress: ofLeft } });
  }
  const right = await openCollected({ ...options, [side.option]: options.with }, io);
  const joined = left.join(right, {
    how,
    orderBy,
    abortSignal,
    left: { types, onProgress: ofLeft },
    right: { types, onProgress: ofRight },
  });
  return labels === undefined ? joined : joined.joinLabels(labels, labelOptions);
}

/** The option by which the two sides differ, and what it is on the left. */
function sideOf({ layout, path, collection, designation = 'inputs' }: JoinCommandOptions) {
  if (layout !== 'json-lines') {
    return { option: 'designation', name: designation };
  }
  return path === undefined ? { option: 'collection', name: collection } : { option: 'path', name: path };
}

async function printRows(rows: AnyRows, options: JoinCommandOptions, io: CommandIo): Promise<void> {
  const has = {
    right: options.with !== undefined,
    label: options.labels !== undefined,
    versions: options.modelVersion === 'all',
  };
  const taken = atMost(rows, options.limit);
  await writeRows(io, options.output === 'json' ? jsonRows(taken, has) : flatRows(taken, has), options.output);
}

async function writeTrainingSet(
  rows: AnyRows,
  target: string,
  options: JoinCommandOptions,
  io: CommandIo,
): Promise<void> {
  const { format, columns, labelColumn, split, splitBy, overwrite } = options;
  const settings: TrainingSetOptions = {
    format,
    columns,
    labelColumn,
    split,
    splitBy,
    overwrite,
    abortSignal: io.abortSignal,
  };
  const { place, manifest } = await rows.trainingSet(target, settings);
  if (options.output === 'json') {
    await writeDocument(io, { place, manifest });
    return;
  }
  const files = manifest.files.map(({ path, part, rows: count, bytes, sha256 }) => ({
    path,
    part,
    rows: count,
    bytes,
    sha256,
  }));
  await io.writeOut(tableText(files, { isColored: hasColors(io), maxCell: Number.POSITIVE_INFINITY }));
  io.writeError(`azureml-ts: wrote ${manifest.rows.written} rows and manifest.json to ${place}.\n`);
}

function choice(flags: string, description: string, choices: readonly string[], standard: string): Option {
  return new Option(flags, description).choices(choices).default(standard);
}

function parseNames(text: string): string[] {
  const names = text.split(',');
  if (names.includes('')) {
    throw new InvalidArgumentError('Give names with commas between them, for example age,bmi.');
  }
  return names;
}

function parseShares(text: string): Record<string, number> {
  const parts = text.split(',').map((part) => /^([^=]+)=(\d*\.?\d+)$/.exec(part));
  const names = new Set(parts.map((part) => part?.[1]));
  if (parts.includes(null) || names.size < parts.length) {
    throw new InvalidArgumentError('Give names and shares that add up to 1, for example train=0.8,test=0.2.');
  }
  return Object.fromEntries(parts.map((part) => [part?.[1] ?? '', Number(part?.[2])]));
}

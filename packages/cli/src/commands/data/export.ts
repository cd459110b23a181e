import { harmlessLine, ValidationError } from '@azureml-ts/common';
import type {
  CollectedData,
  CompactedDay,
  ExportOptions,
  ExportProgress,
  ExportResult,
  ExportTarget,
} from '@azureml-ts/data';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import type { CommandIo } from '../../io.ts';
import { hasColors } from '../../output/colors.ts';
import { writeDocument } from '../../output/documents.ts';
import { tableText } from '../../output/table.ts';
import { addStreamOptions, openCollected, type StreamOptions } from './data-options.ts';
import { exportTarget } from './export-target.ts';

type Types = Readonly<Record<string, ColumnType>>;
type ColumnType = (typeof TYPES)[number];

interface ExportCommandOptions extends StreamOptions {
  readonly target?: string;
  readonly container?: string;
  readonly format?: 'parquet' | 'csv' | 'jsonl';
  readonly partition?: 'day' | 'month' | 'none';
  readonly compression?: 'zstd' | 'snappy' | 'none';
  readonly columns?: readonly string[];
  readonly types?: Types;
  readonly skipBadRecords?: boolean;
  readonly overwrite?: boolean;
  readonly closedDays?: boolean;
  readonly inPlace?: boolean;
  readonly output: 'table' | 'json';
}

const TYPES = ['float64', 'int64', 'boolean', 'timestamp', 'string'] as const;
/** Options that say how rows are written, and so mean nothing where files are only copied. */
const OF_ROWS = ['format', 'partition', 'compression', 'columns', 'types', 'skipBadRecords'] as const;

/**
 * `azureml-ts data export`: writes collected rows as Parquet, CSV or JSON Lines, or closed days as block blobs.
 *
 * @param data Gets the command.
 * @param io Where the result goes.
 * @param setExitCode Gets 1 when a closed day kept changing.
 */
export function addDataExport(data: Command, io: CommandIo, setExitCode: (exitCode: number) => void): void {
  addStreamOptions(data.command('export').description('write collected rows as Parquet, CSV or JSON Lines'))
    .option('--target <place>', 'where to: a folder, or the address of a container with an optional folder in it')
    .option('--container <name>', 'where to: another container of the same account, with an optional /folder')
    .addOption(choice('--format <format>', 'how rows are written (default: parquet)', ['parquet', 'csv', 'jsonl']))
    .addOption(choice('--partition <span>', 'what has a file of its own (default: day)', ['day', 'month', 'none']))
    .addOption(choice('--compression <codec>', 'of parquet (default: zstd)', ['zstd', 'snappy', 'none']))
    .option('--columns <names>', 'only these features, with commas between them', parseNames)
    .option('--types <types>', `types of features: NAME=TYPE with commas between them; ${TYPES.join(', ')}`, parseTypes)
    .option('--skip-bad-records', 'leave out and count what cannot be read')
    .option('--overwrite', 'write days again that are there and unchanged')
    .option('--closed-days', 'write the files of closed days again as block blobs, in the same layout')
    .option('--in-place', 'with --closed-days: exchange the append blobs themselves')
    .addOption(new Option('--output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action((options: ExportCommandOptions) => exportData(options, io, setExitCode));
}

async function exportData(
  options: ExportCommandOptions,
  io: CommandIo,
  setExitCode: (exitCode: number) => void,
): Promise<void> {
  checkOptions(options);
  const target = options.inPlace === true ? undefined : await exportTarget(options, io);
  const collected = await openCollected(options, io);
  if (options.closedDays === true) {
    await compact(collected, target, options, io, setExitCode);
  } else if (target !== undefined) {
    await exportRows(collected, target, options, io);
  }
}

function checkOptions(options: ExportCommandOptions): void {
  const { closedDays = false, inPlace = false, target, container } = options;
  const refuse = (path: string, message: string) => new ValidationError({ path, expected: 'another set', message });
  if (inPlace && !closedDays) {
    throw refuse('--in-place', 'Give --in-place only with --closed-days.');
  }
  const places = [target, container].filter((place) => place !== undefined).length;
  if (places !== (inPlace ? 0 : 1)) {
    throw refuse(
      '--target',
      inPlace ? 'Give --in-place without --target and --container.' : 'Give --target or --container: where to write.',
    );
  }
  const wrong = OF_ROWS.find((name) => options[name] !== undefined);
  if (closedDays && wrong !== undefined) {
    const flag = `--${wrong.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw refuse(flag, `Give ${flag} only without --closed-days: files are written again as they are.`);
  }
}

async function exportRows(
  collected: CollectedData,
  target: ExportTarget,
  options: ExportCommandOptions,
  io: CommandIo,
): Promise<void> {
  const { format, partition, compression, columns, types, skipBadRecords, overwrite, output } = options;
  const kept = new Set<string>();
  const settings: ExportOptions = {
    format,
    partition,
    compression,
    columns,
    types,
    overwrite,
    onBadRecord: skipBadRecords === true ? 'skip' : 'throw',
    abortSignal: io.abortSignal,
    onProgress: (progress) => {
      if (progress.event === 'kept') {
        kept.add(progress.about);
      }
      tell(progress, io);
    },
  };
  const result = await collected.export(target, settings);
  if (output === 'json') {
    const { place, written, widened, manifest } = result;
    await writeDocument(io, { place, written, kept: result.kept, widened, manifest });
    return;
  }
  await writeTable(io, partitionRows(result, kept));
  io.writeError(`azureml-ts: ${summary(result)}\n`);
}

async function compact(
  collected: CollectedData,
  target: ExportTarget | undefined,
  { inPlace, overwrite, output }: ExportCommandOptions,
  io: CommandIo,
  setExitCode: (exitCode: number) => void,
): Promise<void> {
  const { place, days } = await collected.compactDays(target, {
    inPlace,
    overwrite,
    abortSignal: io.abortSignal,
    onProgress: ({ day, daysDone, days: all }) => {
      if (io.isErrorTerminal === true) {
        io.writeError(`${harmlessLine(`${day.day}: ${day.outcome} (${daysDone} of ${all})`)}\n`);
      }
    },
  });
  if (days.some(({ outcome }) => outcome === 'changed')) {
    io.writeError('azureml-ts: rows of some closed days keep coming. Run this again when their writers have closed.\n');
    setExitCode(EXIT.checkFailed);
  }
  await (output === 'json' ? writeDocument(io, { place, days }) : writeTable(io, days.map(dayRow)));
}

function tell({ event, about, partitionsDone, partitions, rows }: ExportProgress, io: CommandIo): void {
  if (event === 'restarted') {
    // Worth knowing everywhere: declaring the type would have saved the time.
    io.writeError(`azureml-ts: ${harmlessLine(about)} now, by a later cell: what was written is written again.\n`);
  } else if (event === 'written' && io.isErrorTerminal === true) {
    io.writeError(
      `${harmlessLine(`${about === '' ? 'all days' : about}: written (${partitionsDone} of ${partitions}, ${rows} rows)`)}\n`,
    );
  }
}

function partitionRows({ manifest }: ExportResult, kept: ReadonlySet<string>) {
  return manifest.partitions.flatMap(({ path, firstDay, lastDay, badRecords, files }) =>
    files.map((file) => ({
      days: firstDay === lastDay ? firstDay : `${firstDay} to ${lastDay}`,
      outcome: kept.has(path) ? 'kept' : 'written',
      rows: file.rows,
      badRecords,
      bytes: file.bytes,
      path: file.path,
    })),
  );
}

function summary({ place, written, kept, manifest }: ExportResult): string {
  const bad = manifest.partitions.reduce((sum, { badRecords }) => sum + badRecords, 0);
  const left = bad === 0 ? '' : ` Bad records that were left out: ${bad}.`;
  return `${written} written, ${kept} kept, ${manifest.rows} rows in ${place}.${left}`;
}

function dayRow({ day, modelVersion, outcome, reason, files, torn }: CompactedDay) {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { day, version: modelVersion, outcome, files: files.length, bytes, torn: torn.length, reason: reason ?? '' };
}

function writeTable(io: CommandIo, rows: readonly Record<string, unknown>[]): Promise<void> {
  return rows.length === 0
    ? Promise.resolve()
    : io.writeOut(tableText(rows, { isColored: hasColors(io), maxCell: Number.POSITIVE_INFINITY }));
}

function choice(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices(choices);
}

function parseNames(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...text.split(',')];
}

function parseTypes(text: string, before: Types | undefined): Types {
  const declared = text.split(',').map((part): [string, ColumnType] => {
    const at = part.lastIndexOf('=');
    const type = TYPES.find((known) => known === part.slice(at + 1));
    if (at < 1 || type === undefined) {
      throw new InvalidArgumentError(`Give NAME=TYPE with one of ${TYPES.join(', ')}.`);
    }
    return [part.slice(0, at), type];
  });
  return { ...before, ...Object.fromEntries(declared) };
}

import { harmlessLine, ValidationError } from '@azureml-ts/common';
import { type Command, Option } from 'commander';
import { OUTPUT_FORMATS } from '../../azure/service-options.ts';
import { EXIT } from '../../exit-codes.ts';
import type { CommandIo } from '../../io.ts';
import { writeRows } from '../../output/rows.ts';
import type { Row } from '../../output/table.ts';
import { parseDay, parseSeconds } from '../parse-values.ts';
import { type DayResult, exportDay } from './export-day.ts';
import type { ExportPlace } from './export-place.ts';
import { addLogsOptions, type LogsCliOptions, type OpenedLogs, openLogs } from './logs-access.ts';

const DAY_MS = 86_400_000;
const CONTAINER = 'traces';

interface ExportOptions extends LogsCliOptions {
  readonly from: string;
  readonly to?: string;
  readonly directory?: string;
  readonly storage?: string;
  readonly container?: string;
  readonly timeout?: number;
  readonly output: (typeof OUTPUT_FORMATS)[number];
}

/** `azureml-ts traces export`: keeps traces longer than the service does, as files by UTC day. */
export function addTracesExport(traces: Command, io: CommandIo, setExitCode: (exitCode: number) => void): void {
  addLogsOptions(
    traces
      .command('export')
      .description('keep all traces as JSON Lines by UTC day, in a folder or in Blob Storage')
      .requiredOption('--from <day>', 'first UTC day, for example 2026-11-01', parseDay)
      .option('--to <day>', 'last UTC day, inclusive (default: today, which stays partial)', parseDay)
      .option('--directory <path>', 'folder to keep them in')
      .option(
        '--storage <place>',
        'storage to keep them in: connection string, account URL or file: URL (env AML_MODEL_DC_STORAGE); arguments show in process lists, so put a connection string into the variable instead',
      )
      .option('--container <name>', `container of the storage (default: ${CONTAINER})`)
      .option('--timeout <seconds>', 'longest time for one query (default: 180)', parseSeconds)
      .addOption(new Option('--output <format>', 'how to print').choices(OUTPUT_FORMATS).default('table')),
  ).action((options: ExportOptions) => exportTraces(options, io, setExitCode));
}

async function exportTraces(
  options: ExportOptions,
  io: CommandIo,
  setExitCode: (exitCode: number) => void,
): Promise<void> {
  const days = daysOf(options);
  const logs = await openLogs(options, io);
  const place = await openPlace(options, logs, io);
  const { abortSignal } = io;
  const onProgress = (message: string) => io.writeError(`${harmlessLine(message)}\n`);
  const results: DayResult[] = [];
  const write = () =>
    writeRows(io, rowsOf(results, options.output), options.output, { maxCell: Number.POSITIVE_INFINITY });
  try {
    for (const day of days) {
      abortSignal?.throwIfAborted();
      const work = { logs, place, timeoutMs: options.timeout, abortSignal, now: Date.now, onProgress };
      const result = await exportDay(day, work);
      onProgress(progressOf(result));
      results.push(result);
    }
  } catch (error) {
    if (abortSignal?.aborted !== true && results.length > 0) {
      // What is done is done.
      await write();
    }
    throw error;
  }
  await write();
  if (results.some(({ outcome }) => outcome === 'mismatch')) {
    io.writeError(
      'azureml-ts: on some days fewer or more traces were read than the service counts. Run the command again later: these days are fetched again.\n',
    );
    setExitCode(EXIT.checkFailed);
  }
}

async function* rowsOf(results: readonly DayResult[], output: ExportOptions['output']): AsyncGenerator<Row> {
  yield* results.map((result) => rowOf(result, output));
}

/** The days from the first to the last, none after today. */
function daysOf({ from, to }: ExportOptions, now: number = Date.now()): string[] {
  const today = new Date(now).toISOString().slice(0, 10);
  const last = to === undefined || to > today ? today : to;
  if (from > last) {
    throw new ValidationError({
      path: '--from',
      expected: to === undefined || to > today ? 'no day after today (UTC)' : 'no day after --to',
      received: from,
    });
  }
  const days: string[] = [];
  for (let time = Date.parse(`${from}T00:00:00Z`); time <= Date.parse(`${last}T00:00:00Z`); time += DAY_MS) {
    days.push(new Date(time).toISOString().slice(0, 10));
  }
  return days;
}

async function openPlace(options: ExportOptions, { access }: OpenedLogs, io: CommandIo): Promise<ExportPlace> {
  const { directory, container } = options;
  if (directory !== undefined && (options.storage !== undefined || container !== undefined)) {
    throw new ValidationError({
      path: '--directory',
      expected: 'given without --storage and --container',
      received: directory,
    });
  }
  const { DirectoryPlace } = await import('./directory-place.ts');
  if (directory !== undefined) {
    return new DirectoryPlace(directory);
  }
  const storage = options.storage ?? io.env['AML_MODEL_DC_STORAGE'];
  if (!storage) {
    throw new ValidationError({
      path: '--directory',
      expected: 'given',
      message: 'Where to? Give --directory or --storage, or set AML_MODEL_DC_STORAGE.',
    });
  }
  const { openContainer, parseStorageTarget } = await import('@azureml-ts/monitoring/format');
  const target = parseStorageTarget(storage, options.storage === undefined ? 'AML_MODEL_DC_STORAGE' : '--storage');
  if ('directory' in target) {
    return new DirectoryPlace(target.directory);
  }
  const isSigned = 'accountUrl' in target && new URL(target.accountUrl).searchParams.has('sig');
  const { BlobPlace } = await import('./blob-place.ts');
  return new BlobPlace(
    await openContainer(
      'accountUrl' in target && !isSigned ? { ...target, credential: access.credential } : target,
      {},
      container ?? CONTAINER,
    ),
    io.abortSignal,
  );
}

function progressOf({ day, outcome, manifest }: DayResult): string {
  const { rows, countedRows, reason } = manifest;
  switch (outcome) {
    case 'kept':
      return `${day}: complete already (${rows} traces)`;
    case 'exported':
      return `${day}: ${rows} traces`;
    case 'partial':
      return `${day}: ${rows} traces so far; ${reason}`;
    case 'mismatch':
      return `${day}: ${rows} traces read, but ${countedRows} counted`;
  }
}

function rowOf({ day, outcome, manifest, file }: DayResult, output: ExportOptions['output']): Row {
  const { rows, items, countedRows, bytes, sha256, isComplete, reason } = manifest;
  return output === 'json'
    ? { day, outcome, rows, items, countedRows, bytes, sha256, isComplete, reason, file }
    : { day, outcome, rows, bytes, file };
}

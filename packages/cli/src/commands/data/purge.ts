import { AzuremlError, ValidationError } from '@azureml-ts/common';
import type { PurgeFile, PurgePlan, PurgeResult } from '@azureml-ts/data';
import { type Command, Option } from 'commander';
import type { CommandIo } from '../../io.ts';
import { writeDocument } from '../../output/documents.ts';
import { tableText } from '../../output/table.ts';
import { errorJson } from '../../output/update-report.ts';
import { confirm } from '../confirm.ts';
import { parseDay } from '../parse-values.ts';
import { addStreamOptions, openCollected, type StreamOptions } from './data-options.ts';

interface PurgeCliOptions extends StreamOptions {
  readonly before?: string;
  readonly includeToday?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly output: 'table' | 'json';
}

const DAY_MS = 86_400_000;
/** Days that are shown before the question. */
const MAX_DAYS = 20;

/**
 * `azureml-ts data purge`: removes the collected rows of a range of days, after a question.
 *
 * @param data Gets the command.
 * @param io Whom to ask, and where the result goes.
 */
export function addDataPurge(data: Command, io: CommandIo): void {
  addStreamOptions(data.command('purge').description('remove the collected rows of a range of days, for good'))
    .addOption(new Option('--before <time>', 'only days before this UTC day').argParser(parseDay).conflicts('to'))
    .option('--include-today', 'remove files of today (UTC) too, which a service may be writing')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'list what would be removed, and remove nothing')
    .addOption(new Option('--output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action((options: PurgeCliOptions) => purge(options, io));
}

async function purge(options: PurgeCliOptions, io: CommandIo): Promise<void> {
  const { dryRun: isDryRun = false, yes: isSure = false, includeToday } = options;
  const to = options.before === undefined ? options.to : dayBefore(options.before);
  if (options.from === undefined && to === undefined) {
    throw usage('--before', 'Say which days to purge: give --from, --to or --before. Nothing was removed.');
  }
  if (!isDryRun && !isSure && io.ask === undefined) {
    throw usage(
      '--yes',
      'Nobody can be asked here whether to remove rows: give --yes, or --dry-run. Nothing was removed.',
    );
  }
  const collected = await openCollected({ ...options, ...(to === undefined ? {} : { to }) }, io);
  const { abortSignal } = io;
  const plan = await collected.purgePlan({ includeToday, abortSignal });
  if (isDryRun) {
    await writePlan(plan, options, io);
    return;
  }
  if (!isSure && plan.files.length > 0) {
    io.writeError(daysText(plan.files));
    const what = `${counted(plan.files.length)}, ${plan.bytes} bytes, of ${plan.firstDay} to ${plan.lastDay}`;
    await confirm(io, `Remove ${what}, for good? [y/N] `, 'Nothing was removed');
  }
  const result = await collected.purge(plan, { abortSignal });
  await writeResult(plan, result, options, io);
  const [first] = result.failed;
  if (first !== undefined) {
    // The status decides on the exit code: who may not remove is told so.
    throw new AzuremlError(
      'PURGE_INCOMPLETE',
      `${result.failed.length} of ${counted(plan.files.length)} could not be removed. The first: ${first.error.message}`,
      { cause: first.error, statusCode: first.error.statusCode, requestId: first.error.requestId },
    );
  }
}

async function writePlan(plan: PurgePlan, options: PurgeCliOptions, io: CommandIo): Promise<void> {
  if (options.output === 'json') {
    await writeDocument(io, { isDryRun: true, ...documentOf(plan) });
    return;
  }
  const rows = plan.files.map(({ day, kind, size, path }) => ({ day, kind, size, path }));
  await io.writeOut(tableText(rows, { isColored: false, maxCell: Number.POSITIVE_INFINITY }));
  io.writeError(`azureml-ts: would remove ${counted(plan.files.length)}, ${plan.bytes} bytes.${keptText(plan)}\n`);
}

async function writeResult(
  plan: PurgePlan,
  { removed, removedBytes, missing, failed }: PurgeResult,
  options: PurgeCliOptions,
  io: CommandIo,
): Promise<void> {
  if (options.output === 'json') {
    const failures = failed.map(({ path, error }) => ({ path, error: errorJson(error) }));
    await writeDocument(io, { isDryRun: false, ...documentOf(plan), removed, removedBytes, missing, failed: failures });
    return;
  }
  const gone = missing === 0 ? '' : ` ${counted(missing)} had gone before.`;
  await io.writeOut(`Removed ${counted(removed)}, ${removedBytes} bytes.${gone}\n`);
  if (plan.keptOfToday > 0) {
    io.writeError(`azureml-ts:${keptText(plan)}\n`);
  }
}

function documentOf({ files, bytes, firstDay, lastDay, keptOfToday }: PurgePlan) {
  return { files, bytes, firstDay: firstDay ?? null, lastDay: lastDay ?? null, keptOfToday };
}

/** What would go, day by day. */
function daysText(files: readonly PurgeFile[]): string {
  const days = new Map<string, { day: string; files: number; bytes: number }>();
  for (const { day, size } of files) {
    const sum = days.get(day) ?? { day, files: 0, bytes: 0 };
    days.set(day, { day, files: sum.files + 1, bytes: sum.bytes + size });
  }
  const rows = [...days.values()];
  const more = rows.length > MAX_DAYS ? `... and ${rows.length - MAX_DAYS} more days\n` : '';
  return tableText(rows.slice(0, MAX_DAYS), { isColored: false }) + more;
}

function keptText({ keptOfToday }: PurgePlan): string {
  return keptOfToday === 0
    ? ''
    : ` ${counted(keptOfToday)} of today or later ${keptOfToday === 1 ? 'is' : 'are'} left alone: a service may be writing. Give --include-today to remove them too.`;
}

function counted(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
}

function usage(path: string, message: string): ValidationError {
  return new ValidationError({ path, expected: 'given', message });
}

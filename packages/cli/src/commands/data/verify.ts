import { writeFile } from 'node:fs/promises';
import { AzuremlError, errorMessage, ValidationError } from '@azureml-ts/common';
import type { VerifyProgress, VerifyReport } from '@azureml-ts/data';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import type { CommandIo } from '../../io.ts';
import { writeDocument } from '../../output/documents.ts';
import { writeAnnotation, writeError } from '../../output/error-lines.ts';
import { jsonText, SCHEMA_VERSION } from '../../output/json.ts';
import { writeStepSummary } from '../../output/step-summary.ts';
import { VERSION } from '../../version.ts';
import { collect } from '../parse-values.ts';
import { addModelOptions, type ModelOptions, openCollected } from './data-options.ts';
import { progressLines } from './progress.ts';
import { findingLine, findingText, reportJson, reportTable, summaryLine, verdictText } from './verify-report.ts';

interface VerifyCommandOptions extends ModelOptions {
  readonly designation?: readonly string[];
  readonly strict?: boolean;
  readonly openFor?: number;
  readonly report?: string;
  readonly output: 'table' | 'json';
}

/** GitHub shows ten of a step. */
const MAX_ANNOTATIONS = 10;
/** So many lines are written at once, so that a reader that has seen enough ends it. */
const PAGE_LINES = 500;

/**
 * `azureml-ts data verify`: proves that nothing is missing and nothing is there twice.
 *
 * @param data Gets the command.
 * @param io Where the report goes.
 * @param setExitCode Gets 1 when it does not hold.
 */
export function addDataVerify(data: Command, io: CommandIo, setExitCode: (exitCode: number) => void): void {
  addModelOptions(
    data.command('verify').description('prove from the ledgers that no collected row is missing or there twice'),
  )
    .option(
      '--designation <name>',
      'what was collected, for example inputs; may be given several times, or all',
      collect,
    )
    .option('--strict', 'warnings count as errors')
    .option(
      '--open-for <hours>',
      'hours that a writer may say nothing before it is a warning (default: 24)',
      parseHours,
    )
    .option(
      '--report <file>',
      'also write the report as JSON to this file, with the SHA-256 of each file that was read',
    )
    .addOption(new Option('--output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action((options: VerifyCommandOptions) => verify(options, io, setExitCode));
}

async function verify(
  options: VerifyCommandOptions,
  io: CommandIo,
  setExitCode: (exitCode: number) => void,
): Promise<void> {
  const { designation, strict, openFor, output } = options;
  const [first] = designation ?? [];
  const isAll = first === 'all';
  if (isAll && designation !== undefined && designation.length > 1) {
    const message = 'Give --designation all alone, or the names of designations.';
    throw new ValidationError({ path: '--designation', expected: 'all, or names', message });
  }
  const data = await openCollected({ ...options, designation: first }, io);
  const report = await data.verify({
    designations: isAll ? 'all' : designation,
    strict,
    openForMs: openFor,
    hashes: options.report !== undefined,
    abortSignal: io.abortSignal,
    onProgress: progressOf(io),
  });
  const errors = report.findings.filter(({ severity }) => severity === 'error');
  for (const finding of errors.slice(0, MAX_ANNOTATIONS)) {
    writeAnnotation(io, finding.message, finding.code);
  }
  setExitCode(report.holds ? EXIT.ok : EXIT.checkFailed);
  const failure = options.report === undefined ? undefined : await writeReport(options.report, report);
  await writeSummary(io, report);
  io.abortSignal?.throwIfAborted();
  try {
    await (output === 'json' ? writeDocument(io, reportJson(report)) : writeTable(io, report));
  } catch (error) {
    // The reader has seen enough; what was found out stays the exit code.
    if ((error as { code?: unknown } | null)?.code !== 'EPIPE') {
      throw error;
    }
  }
  if (output === 'table') {
    io.writeError(`azureml-ts: ${summaryLine(report)}\n`);
  }
  if (failure !== undefined && report.holds) {
    throw failure;
  }
  if (failure !== undefined) {
    // What was found out is worse, and its exit code the one that is asked for.
    writeError(io, failure);
  }
}

async function writeTable(io: CommandIo, report: VerifyReport): Promise<void> {
  const lines = [...reportTable(io, report), ...report.findings.flatMap((finding) => findingText(io, finding))];
  for (let at = 0; at < lines.length; at += PAGE_LINES) {
    await io.writeOut(`${lines.slice(at, at + PAGE_LINES).join('\n')}\n`);
  }
}

/**
 * Writes the report with the hashes of the files, for whoever has to show later what was proven.
 *
 * @returns Why it could not be written: what was found out is told all the same.
 */
async function writeReport(file: string, report: VerifyReport): Promise<AzuremlError | undefined> {
  const document = { schemaVersion: SCHEMA_VERSION, producedBy: `azureml-ts ${VERSION}`, ...reportJson(report) };
  try {
    await writeFile(file, `${jsonText(document, 2)}\n`);
    return undefined;
  } catch (error) {
    return new AzuremlError(
      'REPORT_NOT_WRITTEN',
      `The report could not be written to ${file}: ${errorMessage(error)}. Give --report a file in a folder that is there and can be written to.`,
      { cause: error },
    );
  }
}

function writeSummary(io: CommandIo, report: VerifyReport): Promise<void> {
  const { stream, totals, findings } = report;
  const { collected, stored, pending, rowsFound, errors, warnings, days, files, writers } = totals;
  const dropped = Object.values(totals.dropped).reduce((sum, count) => sum + count, 0);
  return writeStepSummary(io, {
    title: `azureml-ts: the collected rows of "${stream.modelName}" ${verdictText(report)}`,
    facts: {
      service: stream.webserviceName,
      designations: stream.designations.join(', '),
      days: `${days} (${report.from ?? 'first'} to ${report.to ?? 'last'})`,
      files: String(files),
      writers: String(writers),
      rows: `collected ${collected}, stored ${stored}, dropped ${dropped}, waiting ${pending}, found ${rowsFound}`,
      findings: `errors ${errors}, warnings ${warnings}`,
    },
    texts: { Findings: findings.slice(0, 100).map(findingLine) },
  });
}

function progressOf(io: CommandIo): ((progress: VerifyProgress) => void) | undefined {
  const tell = progressLines(io);
  return (
    tell &&
    (({ designation: what, fileCount, totalFiles, bytes, totalBytes, rows }) =>
      tell({ what, bytes, totalBytes, text: `${fileCount} of ${totalFiles} files, ${rows} rows` }))
  );
}

/** Hours, as milliseconds. */
function parseHours(text: string): number {
  if (!/^\d{1,7}(\.\d{1,3})?$/.test(text)) {
    throw new InvalidArgumentError('Give hours, for example 24 or 0.5.');
  }
  return Number(text) * 3_600_000;
}

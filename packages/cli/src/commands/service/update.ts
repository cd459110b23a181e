import { ValidationError } from '@azureml-ts/common';
import type { UpdateReport, Webservice } from '@azureml-ts/core';
import type { Command } from 'commander';
import { addServiceOptions, findService } from '../../azure/service-options.ts';
import type { CommandIo } from '../../io.ts';
import { writeDocument } from '../../output/documents.ts';
import { shownText } from '../../output/foreign-text.ts';
import { resultJson } from '../../output/update-report.ts';
import { collect, parseSeconds } from '../parse-values.ts';
import { parseChanges } from './changes.ts';
import { updateMany } from './update-many.ts';
import { reportOf, type UpdateCliOptions, updateOptions } from './update-options.ts';

/** `azureml-ts service update`: changes settings of one service, or of many. */
export function addServiceUpdate(parent: Command, io: CommandIo, setExitCode: (exitCode: number) => void): void {
  addServiceOptions(
    parent
      .command('update')
      .description('change settings of services; what is not named stays as it is')
      .argument('[names...]')
      .option('--all', 'all services of the workspace, or of --kind')
      .option('--enable-app-insights', 'switch traces to Application Insights on')
      .option('--no-enable-app-insights', 'switch them off')
      .option('--collect-model-data', 'switch the collection of model data on')
      .option('--no-collect-model-data', 'switch it off')
      .option('--set-env <name=value>', 'set an environment variable; arguments show in process lists', collect)
      .option('--unset-env <name>', 'remove an environment variable', collect)
      .option('--set <name=json>', 'any other setting, for example instanceCount=2', collect)
      .option('--deployment <name>', 'deployment of an online endpoint (default: all)')
      .option('--wait', 'wait until the service runs with the new settings')
      .option('--timeout <seconds>', 'longest wait', parseSeconds)
      .option('--dry-run', 'change nothing, print what would change'),
  ).action(async (names: readonly string[], options: UpdateCliOptions) => update(names, options, io, setExitCode));
}

async function update(
  names: readonly string[],
  options: UpdateCliOptions,
  io: CommandIo,
  setExitCode: (exitCode: number) => void,
): Promise<void> {
  if (options.all === true ? names.length > 0 : names.length === 0) {
    throw new ValidationError({
      path: 'names',
      expected: 'given, or --all, but not both',
      message: 'Name the services to update, or give --all; not both.',
    });
  }
  const changes = parseChanges(options);
  const [only] = names;
  if (only !== undefined && names.length === 1) {
    const { service } = await findService(only, options, io);
    await updateOne(service, changes, options, io);
    return;
  }
  await updateMany([...new Set(names)], changes, options, io, setExitCode);
}

async function updateOne(
  service: Webservice,
  changes: Record<string, unknown>,
  options: UpdateCliOptions,
  io: CommandIo,
): Promise<void> {
  const { name, kind } = service;
  const write = async (report: UpdateReport | undefined, error?: unknown) => {
    if (options.output === 'json') {
      await writeDocument(io, { rows: [resultJson({ name, kind, report, error })] });
    } else if (report !== undefined) {
      const { formatUpdateReport } = await import('@azureml-ts/core');
      await io.writeOut(`${shownText(io, formatUpdateReport(report))}\n`);
    }
  };
  let report: UpdateReport;
  try {
    report = await service.update(changes, updateOptions(name, options, io));
  } catch (error) {
    if (io.abortSignal?.aborted !== true) {
      await write(reportOf(error), error);
    }
    throw error;
  }
  await write(report);
  if (report.parts.some(({ outcome }) => outcome === 'accepted')) {
    io.writeError(`azureml-ts: see how it ends with: azureml-ts service wait ${name}\n`);
  }
}

import type { Webservice } from '@azureml-ts/core';
import { pooled } from '../../azure/pool.ts';
import { openWorkspace } from '../../azure/workspace-options.ts';
import { EXIT, exitCodeOf } from '../../exit-codes.ts';
import type { CommandIo } from '../../io.ts';
import { writeError } from '../../output/error-lines.ts';
import { writeRows } from '../../output/rows.ts';
import { cellText, type Row } from '../../output/table.ts';
import { resultJson, resultRow, type UpdateResult } from '../../output/update-report.ts';
import { reportOf, type UpdateCliOptions, updateOptions } from './update-options.ts';

/** So many services are changed at the same time. */
const CONCURRENCY = 4;

/**
 * Changes many services, some at a time, and writes what became of each as soon as it is done. One that fails, or is not
 * there, does not stop the others.
 *
 * @param names Names of the services; none for all of the workspace, or of `--kind`.
 * @param changes What changes.
 * @param options Options of the command.
 * @param io Where to write to.
 * @param setExitCode Gets 0 when all are changed.
 */
export async function updateMany(
  names: readonly string[],
  changes: Record<string, unknown>,
  options: UpdateCliOptions,
  io: CommandIo,
  setExitCode: (exitCode: number) => void,
): Promise<void> {
  const { workspace } = await openWorkspace(options, io);
  const { Webservice } = await import('@azureml-ts/core');
  const { kind } = options;
  const { abortSignal } = io;
  const services: AsyncIterable<Webservice> | readonly string[] =
    names.length > 0 ? names : Webservice.list(workspace, { kind, abortSignal });
  const failures: unknown[] = [];
  let count = 0;
  const results = pooled(services, CONCURRENCY, async (given: string | Webservice): Promise<UpdateResult> => {
    const name = typeof given === 'string' ? given : given.name;
    let found: Webservice | undefined;
    try {
      found = typeof given === 'string' ? await Webservice.get(workspace, given, { kind, abortSignal }) : given;
      return { name, kind: found.kind, report: await found.update(changes, updateOptions(name, options, io)) };
    } catch (error) {
      return { name, kind: found?.kind, report: reportOf(error), error };
    }
  });
  async function* rows(): AsyncGenerator<Row> {
    for await (const result of results) {
      abortSignal?.throwIfAborted();
      count++;
      if (result.error !== undefined) {
        failures.push(result.error);
        writeError(io, result.error);
      }
      yield options.output === 'json' ? resultJson(result) : resultRow(result);
    }
  }
  await writeLines(io, rows(), options.output);
  if (count === 0) {
    io.writeError(`azureml-ts: no such services in the workspace ${workspace.workspaceName}.\n`);
  }
  setExitCode(exitCodeOfMany(failures, count));
}

/** Each service as soon as it is done: a line for people, a row of the JSON document for programs. */
async function writeLines(io: CommandIo, rows: AsyncIterable<Row>, output: UpdateCliOptions['output']): Promise<void> {
  if (output === 'json') {
    await writeRows(io, rows, 'json');
    return;
  }
  for await (const { name, kind, outcome, changes, isRolling, error } of rows) {
    const what = `${cellText(name)}${kind === '' ? '' : ` (${cellText(kind)})`}`;
    const fields = `${changes === 1 ? 'one field' : `${changes} fields`}${isRolling === true ? ', rolling' : ''}`;
    await io.writeOut(`${what}: ${cellText(outcome)}${error === undefined ? `, ${fields}` : `: ${cellText(error)}`}\n`);
  }
}

/** When all failed for the same reason, it is that of the command; else the condition "all are updated" failed. */
function exitCodeOfMany(failures: readonly unknown[], count: number): number {
  const codes = new Set(failures.map(exitCodeOf));
  const [code = EXIT.ok] = codes;
  return failures.length === 0 ? EXIT.ok : codes.size === 1 && failures.length === count ? code : EXIT.checkFailed;
}

import { ValidationError } from '@azureml-ts/common';
import type { Command } from 'commander';
import { addServiceOptions, findService, type ServiceCliOptions } from '../../azure/service-options.ts';
import type { CommandIo } from '../../io.ts';
import { writeDocument } from '../../output/documents.ts';
import { progressLines } from '../../output/progress.ts';
import { confirm } from '../confirm.ts';
import { parseSeconds } from '../parse-values.ts';

interface DeleteOptions extends ServiceCliOptions {
  readonly yes?: boolean;
  readonly timeout?: number;
}

/** `azureml-ts service delete`: deletes a service with all its deployments, after a question. */
export function addServiceDelete(parent: Command, io: CommandIo): void {
  addServiceOptions(
    parent
      .command('delete')
      .description('delete a service with all its deployments')
      .argument('<name>')
      .option('--yes', 'do not ask')
      .option('--timeout <seconds>', 'longest wait', parseSeconds),
  ).action((name: string, options: DeleteOptions) => remove(name, options, io));
}

async function remove(name: string, options: DeleteOptions, io: CommandIo): Promise<void> {
  if (options.yes !== true && io.ask === undefined) {
    throw new ValidationError({
      path: '--yes',
      expected: 'given',
      message: `Nobody can be asked here whether to delete "${name}": give --yes. Nothing was deleted.`,
    });
  }
  const { service, workspace } = await findService(name, options, io);
  const { kind } = service;
  if (options.yes !== true) {
    await confirm(
      io,
      `Delete the ${kind} "${name}" of the workspace ${workspace.workspaceName}? [y/N] `,
      'Nothing was deleted',
    );
  }
  const { timeout: timeoutMs } = options;
  await service.delete({ ...progressLines(io, name), timeoutMs, abortSignal: io.abortSignal });
  await (options.output === 'json'
    ? writeDocument(io, { name, kind, isDeleted: true })
    : io.writeOut(`The ${kind} "${name}" is deleted.\n`));
}

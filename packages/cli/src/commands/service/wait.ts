import type { Command } from 'commander';
import { addServiceOptions, findService, type ServiceCliOptions } from '../../azure/service-options.ts';
import type { CommandIo } from '../../io.ts';
import { showDeploymentFailure } from '../../output/deployment-failure.ts';
import { fieldsText, writeDocument } from '../../output/documents.ts';
import { progressLines } from '../../output/progress.ts';
import { parseSeconds } from '../parse-values.ts';
import { serviceDocument } from './show.ts';

interface WaitOptions extends ServiceCliOptions {
  readonly timeout?: number;
}

/** `azureml-ts service wait`: waits until a service is healthy; a failure shows the last lines of its log. */
export function addServiceWait(parent: Command, io: CommandIo): void {
  addServiceOptions(
    parent
      .command('wait')
      .description('wait until a service is healthy; on a failure print the end of its log and exit with 1')
      .argument('<name>')
      .option('--timeout <seconds>', 'longest wait (default: 3600)', parseSeconds),
  ).action((name: string, options: WaitOptions) => wait(name, options, io));
}

async function wait(name: string, options: WaitOptions, io: CommandIo): Promise<void> {
  const { service } = await findService(name, options, io);
  const { abortSignal } = io;
  const isJson = options.output === 'json';
  try {
    await service.waitForDeployment({ ...progressLines(io, name), timeoutMs: options.timeout, abortSignal });
  } catch (error) {
    if (abortSignal?.aborted !== true) {
      const { kind, state } = service;
      await showDeploymentFailure(
        { name, kind, state, service, document: serviceDocument(service), isJson },
        error,
        io,
      );
    }
    throw error;
  }
  await (isJson
    ? writeDocument(io, { service: serviceDocument(service) })
    : io.writeOut(fieldsText(io, { name, kind: service.kind, state: service.state, scoringUri: service.scoringUri })));
}

import type { FollowLogsOptions, Webservice } from '@azureml-ts/core';
import { type Command, Option } from 'commander';
import { addServiceOptions, findService, type ServiceCliOptions } from '../../azure/service-options.ts';
import type { CommandIo } from '../../io.ts';
import { writeDocument, writeDocumentLine } from '../../output/documents.ts';
import { logText } from '../../output/foreign-text.ts';
import { parseCount } from '../parse-values.ts';

/** The containers of a deployment. */
export const CONTAINERS = ['inference-server', 'storage-initializer'] as const;

interface LogsOptions extends ServiceCliOptions {
  readonly follow?: boolean;
  readonly numLines?: number;
  readonly container?: (typeof CONTAINERS)[number];
  readonly deployment?: string;
}

/** `azureml-ts service logs`: what a service wrote, or writes. */
export function addServiceLogs(parent: Command, io: CommandIo): void {
  addServiceOptions(
    parent
      .command('logs')
      .description('print the log of a service')
      .argument('<name>')
      .option('--follow', 'go on with new lines until Ctrl-C')
      .option('--num-lines <n>', 'so many of the last lines (default: 5000; with --follow 100)', parseCount)
      .addOption(new Option('--container <name>', 'which container (default: inference-server)').choices(CONTAINERS))
      .option('--deployment <name>', 'deployment of an online endpoint (default: all)'),
  ).action(async (name: string, options: LogsOptions) => {
    const { service } = await findService(name, options, io);
    await (options.follow === true ? follow(service, options, io) : print(service, options, io));
  });
}

async function print(service: Webservice, options: LogsOptions, io: CommandIo): Promise<void> {
  const text = logText(io, await service.getLogs({ ...which(options), abortSignal: io.abortSignal }));
  if (options.output === 'json') {
    const { name, kind } = service;
    await writeDocument(io, { name, kind, lines: text === '' ? [] : text.replace(/\n$/, '').split('\n') });
  } else if (text === '') {
    io.writeError(`azureml-ts: the log of "${service.name}" is empty.\n`);
  } else {
    await io.writeOut(text.endsWith('\n') ? text : `${text}\n`);
  }
}

async function follow(service: Webservice, options: LogsOptions, io: CommandIo): Promise<void> {
  for await (const line of service.followLogs({ ...which(options), abortSignal: io.abortSignal })) {
    const text = logText(io, line);
    await (options.output === 'json' ? writeDocumentLine(io, { line: text }) : io.writeOut(`${text}\n`));
  }
  // The iteration ends quietly; the command says that it was ended.
  io.abortSignal?.throwIfAborted();
}

function which({ numLines, container, deployment }: LogsOptions): FollowLogsOptions {
  return {
    ...(numLines === undefined ? {} : { numLines }),
    ...(container === undefined ? {} : { container }),
    ...(deployment === undefined ? {} : { deploymentName: deployment }),
  };
}

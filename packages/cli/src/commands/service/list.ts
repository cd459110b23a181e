import type { Webservice } from '@azureml-ts/core';
import type { Command } from 'commander';
import { addServiceOptions, type ServiceCliOptions } from '../../azure/service-options.ts';
import { openWorkspace } from '../../azure/workspace-options.ts';
import type { CommandIo } from '../../io.ts';
import { writeRows } from '../../output/rows.ts';
import type { Row } from '../../output/table.ts';
import { collect } from '../parse-values.ts';

interface ListOptions extends ServiceCliOptions {
  readonly tag?: readonly string[];
}

/** `azureml-ts service list`: the services of a workspace, of all planes. */
export function addServiceList(parent: Command, io: CommandIo): void {
  addServiceOptions(
    parent
      .command('list')
      .description('list the services of a workspace')
      .option('--tag <name[=value]>', 'only services with this tag; may be given several times', collect),
  ).action((options: ListOptions) => list(options, io));
}

async function list(options: ListOptions, io: CommandIo): Promise<void> {
  const { workspace } = await openWorkspace(options, io);
  const { Webservice } = await import('@azureml-ts/core');
  const services = Webservice.list(workspace, {
    kind: options.kind,
    tags: options.tag?.map(parseTag),
    abortSignal: io.abortSignal,
  });
  const count = await writeRows(io, rowsOf(services, options.output), options.output, {
    maxCell: Number.POSITIVE_INFINITY,
  });
  if (count === 0) {
    io.writeError(`azureml-ts: no such services in the workspace ${workspace.workspaceName}.\n`);
  }
}

async function* rowsOf(services: AsyncIterable<Webservice>, format: ListOptions['output']): AsyncGenerator<Row> {
  for await (const service of services) {
    const { name, kind, state, scoringUri } = service;
    yield format === 'json' ? service.toJSON() : { name, kind, state, scoringUri };
  }
}

function parseTag(text: string): string | readonly [name: string, value: string] {
  const at = text.indexOf('=');
  return at < 0 ? text : [text.slice(0, at), text.slice(at + 1)];
}

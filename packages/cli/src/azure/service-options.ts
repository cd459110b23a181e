import type { Webservice, Workspace } from '@azureml-ts/core';
import { type Command, Option } from 'commander';
import type { CommandIo } from '../io.ts';
import { addWorkspaceOptions, openWorkspace, type WorkspaceCliOptions } from './workspace-options.ts';

/** Classes of services. */
export const KINDS = [
  'OnlineEndpoint',
  'AksWebservice',
  'AciWebservice',
  'AksEndpoint',
  'LocalWebservice',
  'UnknownWebservice',
] as const;

/** How results are written, where there are no columns. */
export const OUTPUT_FORMATS = ['table', 'json'] as const;

/** What all commands about services have. */
export interface ServiceCliOptions extends WorkspaceCliOptions {
  readonly kind?: (typeof KINDS)[number];
  readonly output: (typeof OUTPUT_FORMATS)[number];
}

/** Adds what all commands about services have. */
export function addServiceOptions(command: Command): Command {
  return addWorkspaceOptions(
    command.addOption(new Option('--kind <class>', 'look only for services of this class').choices(KINDS)),
  ).addOption(new Option('--output <format>', 'how to print').choices(OUTPUT_FORMATS).default('table'));
}

/** A service and its workspace. */
export interface FoundService {
  readonly workspace: Workspace;
  readonly service: Webservice;
}

/**
 * Finds a service by its name.
 *
 * @throws `WEBSERVICE_NOT_FOUND`, `AMBIGUOUS_NAME`, and errors of the requests.
 */
export async function findService(name: string, options: ServiceCliOptions, io: CommandIo): Promise<FoundService> {
  const { workspace } = await openWorkspace(options, io);
  const { Webservice } = await import('@azureml-ts/core');
  const { abortSignal } = io;
  return { workspace, service: await Webservice.get(workspace, name, { kind: options.kind, abortSignal }) };
}

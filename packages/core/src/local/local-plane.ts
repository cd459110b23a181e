import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AzuremlError } from '@azureml-ts/common';
import type { GetWebserviceOptions, ListWebservicesOptions, Webservice } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { DEFAULT_DIRECTORY } from './deployment-configuration.ts';
import { FoundLocalWebservice } from './found-webservice.ts';
import type { LocalWebservice } from './local-webservice.ts';
import { isSameWorkspace, ownServices } from './running-services.ts';
import { ServiceFolder } from './service-folder.ts';

/** Where local services of other processes are looked for. */
export interface LocalSearchOptions {
  /** Folder that holds a folder for each service. Default `azureml-local` in the current folder. */
  readonly directory?: string | undefined;
}

/** Options of {@link LocalWebservice.get}. */
export interface GetLocalWebserviceOptions extends GetWebserviceOptions, LocalSearchOptions {}

/** Options of {@link LocalWebservice.list}. */
export interface ListLocalWebservicesOptions extends ListWebservicesOptions, LocalSearchOptions {}

/**
 * The local services: those of this process, wherever their folders are, and those of other living processes of this
 * machine in one directory.
 */
export const localPlane = {
  /**
   * Finds a local service by its name.
   *
   * @throws `AMBIGUOUS_NAME` when two directories have a service of that name.
   */
  async get(
    workspace: Workspace,
    name: string,
    options: GetLocalWebserviceOptions = {},
  ): Promise<Webservice | undefined> {
    if (isOtherKind(options.kind)) {
      return undefined;
    }
    const [own, second] = servicesOf(workspace).filter((service) => service.name === name);
    if (own !== undefined && second !== undefined) {
      const folders = [own, second].map((service) => String(service.toJSON()['directory']));
      throw new AzuremlError(
        'AMBIGUOUS_NAME',
        `This process runs two local services of the name "${name}", in ${folders.join(' and ')}. Choose one from LocalWebservice.list().`,
        { details: { name, folders } },
      );
    }
    if (own !== undefined || !/^[\w-]+$/.test(name)) {
      return own;
    }
    const found = await find(workspace, directoryOf(options), name);
    return found?.name === name ? found : undefined;
  },

  /** Lists the local services; none when tags or properties are asked for, which they do not have. */
  async *list(workspace: Workspace, options: ListLocalWebservicesOptions = {}): AsyncGenerator<Webservice> {
    const isFiltered = (options.tags?.length ?? 0) > 0 || (options.properties?.length ?? 0) > 0;
    if (isOtherKind(options.kind) || isFiltered) {
      return;
    }
    yield* servicesOf(workspace);
    const directory = directoryOf(options);
    for (const entry of (await readdir(directory).catch(() => [])).toSorted()) {
      options.abortSignal?.throwIfAborted();
      const found = await find(workspace, directory, entry);
      if (found !== undefined) {
        yield found;
      }
    }
  },
};

function servicesOf(workspace: Workspace): LocalWebservice[] {
  return ownServices().filter((service) => isSameWorkspace(service.workspace, workspace));
}

function isOtherKind(kind: string | undefined): boolean {
  return kind !== undefined && kind !== 'LocalWebservice';
}

function directoryOf({ directory }: LocalSearchOptions): string {
  return resolve(directory ?? DEFAULT_DIRECTORY);
}

function find(workspace: Workspace, directory: string, entry: string): Promise<FoundLocalWebservice | undefined> {
  const folder = new ServiceFolder(directory, entry);
  return FoundLocalWebservice.find(folder, (record) => (isSameWorkspace(record, workspace) ? workspace : undefined));
}

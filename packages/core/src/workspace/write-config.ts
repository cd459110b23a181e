import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AzuremlError, errorMessage, ValidationError } from '@azureml-ts/common';
import type { WorkspaceIdentity } from './arm-id.ts';
import { readConfigFile } from './config-file.ts';

/** Options of {@link Workspace.writeConfig}. */
export interface WriteConfigOptions {
  /** Folder that gets the file, in its `.azureml`. Default: the current folder. */
  readonly path?: string | undefined;
  /** Name of the file. Default `config.json`. */
  readonly fileName?: string | undefined;
  /** Replaces the file of another workspace. Default `false`. */
  readonly overwrite?: boolean | undefined;
}

/**
 * Writes the names of a workspace to a configuration file, whole or not at all.
 *
 * @param identity Which workspace.
 * @param options Where to.
 * @returns The file, as an absolute path.
 * @throws `CONFIG_FILE_EXISTS`, `CONFIG_FILE_NOT_WRITTEN`; {@link ValidationError} `VALIDATION`.
 */
export async function writeConfigFile(identity: WorkspaceIdentity, options: WriteConfigOptions): Promise<string> {
  const { path = process.cwd(), fileName = 'config.json', overwrite = false } = options;
  if (typeof path !== 'string' || path === '') {
    throw new ValidationError({ path: 'path', expected: 'a folder', received: path });
  }
  if (typeof fileName !== 'string' || fileName === '' || basename(fileName) !== fileName || /^\.+$/.test(fileName)) {
    throw new ValidationError({
      path: 'fileName',
      expected: 'the name of a file, without folders',
      received: fileName,
    });
  }
  const file = join(await configFolder(resolve(path)), fileName);
  if (!overwrite && (await holdsAlready(file, identity))) {
    return file;
  }
  const draft = join(dirname(file), `.${fileName}.${randomUUID()}`);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(draft, configText(identity), { flag: 'wx' });
    await (overwrite ? rename(draft, file) : putNew(draft, file));
  } catch (error) {
    // Somebody else was quicker, perhaps with the same names.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && (await holdsAlready(file, identity))) {
      return file;
    }
    throw new AzuremlError(
      'CONFIG_FILE_NOT_WRITTEN',
      `The workspace configuration file ${file} could not be written: ${errorMessage(error)}. Give another folder as \`path\`.`,
      { cause: error, details: { file } },
    );
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
  return file;
}

/** As in azureml-core: an `aml_config` that is there already is kept to. */
async function configFolder(folder: string): Promise<string> {
  for (const name of ['.azureml', 'aml_config']) {
    if (await isFolder(join(folder, name))) {
      return join(folder, name);
    }
  }
  return join(folder, '.azureml');
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Whether the file names this workspace. One that names another, or cannot be read, is not to be lost. */
async function holdsAlready(file: string, identity: WorkspaceIdentity): Promise<boolean> {
  let found: WorkspaceIdentity;
  try {
    await stat(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') {
      return false;
    }
    throw error;
  }
  try {
    found = await readConfigFile(file);
  } catch (cause) {
    throw configFileExists(file, `cannot be used (${errorMessage(cause)})`, cause);
  }
  if (textOf(found) === textOf(identity)) {
    return true;
  }
  throw configFileExists(
    file,
    `is that of the workspace ${found.workspaceName} (resource group ${found.resourceGroup})`,
  );
}

/** Names in Azure mean the same in any case. */
function textOf(identity: WorkspaceIdentity): string {
  return configText(identity).toLowerCase();
}

function configText({ subscriptionId, resourceGroup, workspaceName }: WorkspaceIdentity): string {
  const config = { subscription_id: subscriptionId, resource_group: resourceGroup, workspace_name: workspaceName };
  return `${JSON.stringify(config, undefined, 4)}\n`;
}

function configFileExists(file: string, fact: string, cause?: unknown): AzuremlError {
  return new AzuremlError(
    'CONFIG_FILE_EXISTS',
    `The workspace configuration file ${file} is there already and ${fact}. Use { overwrite: true } to replace it, or another \`path\` or \`fileName\`.`,
    { cause, details: { file } },
  );
}

/** Puts the file in its place only if there is none. */
async function putNew(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file);
  } catch (error) {
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      // A file system without hard links.
      await copyFile(draft, file, constants.COPYFILE_EXCL);
      return;
    }
    throw error;
  }
}

import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { errorMessage, redactSecrets } from '@azureml-ts/common';
import { ConfigFileInvalidError, ConfigFileNotFoundError } from '../errors.ts';
import { nameFault, parseWorkspaceArmId, type WorkspaceIdentity } from './arm-id.ts';
import { findJsonFault } from './json-fault.ts';

const FOLDERS = ['.azureml', 'aml_config', '.'] as const;
const FILE_NAMES = ['config.json', 'project.json'] as const;
const FIELDS = {
  subscription_id: 'subscriptionId',
  resource_group: 'resourceGroup',
  workspace_name: 'workspaceName',
} as const;

/** Where to look for a workspace configuration file. */
export interface ConfigFileLocation {
  /** The file itself, or the folder to start from. Default: the current folder. */
  readonly path?: string | undefined;
  /** Name of the file to look for. Default: `config.json`, then `project.json`. */
  readonly fileName?: string | undefined;
}

/**
 * Finds the configuration file that is nearest to a folder.
 *
 * Source: `Workspace.from_config` of azureml-core, which climbs to the root three times (`.azureml`, `aml_config`, the
 * bare folder), so that a file far up can win over the one beside the caller. Here one climb visits each folder once.
 *
 * @param location A file, or the folder to start from, and the name to look for.
 * @returns The file as an absolute path.
 * @throws {@link ConfigFileNotFoundError} `CONFIG_FILE_NOT_FOUND`.
 */
export async function findConfigFile(location: ConfigFileLocation = {}): Promise<string> {
  const start = resolve(location.path ?? process.cwd());
  const kind = await kindOf(start);
  if (kind === 'file') {
    return start;
  }
  // A missing folder may lie below the right one; a missing file is a slip, and another workspace must not step in.
  if (kind === undefined && extname(start) === '.json') {
    throw new ConfigFileNotFoundError(
      `The workspace configuration file ${start} does not exist. Correct the path, or download the file from https://ml.azure.com.`,
      [start],
    );
  }
  const names = location.fileName === undefined ? FILE_NAMES : [location.fileName];
  const searched: string[] = [];
  for (let folder = start; ; folder = dirname(folder)) {
    searched.push(folder);
    for (const sub of FOLDERS) {
      for (const name of names) {
        const candidate = join(folder, sub, name);
        if ((await kindOf(candidate)) === 'file') {
          return candidate;
        }
      }
    }
    if (dirname(folder) === folder) {
      break;
    }
  }
  throw new ConfigFileNotFoundError(
    `No workspace configuration file (${names.join(' or ')}, also in .azureml or aml_config) was found in ` +
      `${searched.join(', ')}. Download it from https://ml.azure.com, give its path, or use new Workspace({ subscriptionId, resourceGroup, workspaceName }).`,
    searched,
  );
}

/**
 * Reads a workspace configuration file: the three fields, or the legacy `Scope`, which wins. Other keys are ignored, and
 * so is a byte order mark.
 *
 * @param file The file.
 * @throws {@link ConfigFileInvalidError} `CONFIG_FILE_INVALID`, naming every bad field, or where the JSON breaks.
 */
export async function readConfigFile(file: string): Promise<WorkspaceIdentity> {
  const config = parse(file, await read(file));
  const scope = config['Scope'];
  if (scope !== undefined && scope !== null) {
    const identity = typeof scope === 'string' ? parseWorkspaceArmId(scope) : undefined;
    if (identity === undefined || Object.values(FIELDS).some((name) => nameFault(name, identity[name]) !== undefined)) {
      throw new ConfigFileInvalidError(file, [
        `"Scope" must be /subscriptions/.../resourceGroups/.../providers/Microsoft.MachineLearningServices/workspaces/..., but is ${shown(scope)}`,
      ]);
    }
    return identity;
  }
  const faults: string[] = [];
  const identity: Record<string, string> = {};
  for (const [field, name] of Object.entries(FIELDS)) {
    const value = config[field];
    if (value === undefined) {
      faults.push(`"${field}" is missing`);
    } else if (typeof value !== 'string') {
      faults.push(`"${field}" must be a string, but is ${shown(value)}`);
    } else if (value.trim() === '') {
      faults.push(`"${field}" is empty`);
    } else if (nameFault(name, value) !== undefined) {
      faults.push(`"${field}" holds ${nameFault(name, value)}: ${shown(value)}`);
    } else {
      identity[name] = value.trim();
    }
  }
  if (faults.length > 0) {
    throw new ConfigFileInvalidError(file, faults);
  }
  return identity as unknown as WorkspaceIdentity;
}

async function read(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new ConfigFileInvalidError(file, [`it cannot be read (${errorMessage(error)})`], { cause: error });
  }
}

function parse(file: string, text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const fault = findJsonFault(text);
    const where =
      fault === undefined ? errorMessage(error) : `at ${fault.line}:${fault.column}, expected ${fault.expected}`;
    throw new ConfigFileInvalidError(file, [`it is not JSON (${where})`], {
      cause: error,
      details: fault === undefined ? {} : { line: fault.line, column: fault.column },
    });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ConfigFileInvalidError(file, [`it must hold a JSON object, but holds ${shown(parsed)}`]);
  }
  return parsed as Record<string, unknown>;
}

function shown(value: unknown): string {
  const text = redactSecrets(JSON.stringify(value));
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

async function kindOf(path: string): Promise<'file' | 'other' | undefined> {
  try {
    return (await stat(path)).isFile() ? 'file' : 'other';
  } catch {
    return undefined;
  }
}

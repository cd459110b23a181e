import { AzuremlError, isAzuremlError, ValidationError } from '@azureml-ts/common';
import type { ConfigFileNotFoundError, Workspace, WorkspaceIdentity } from '@azureml-ts/core';
import type { Command } from 'commander';
import type { CommandIo } from '../io.ts';

/** The options that say which workspace, and how to sign in to it. */
export interface WorkspaceCliOptions {
  readonly subscriptionId?: string;
  readonly resourceGroup?: string;
  readonly workspace?: string;
  readonly config?: string;
  readonly cloud?: string;
  readonly tenantId?: string;
}

/** Where the three names of a workspace come from: option, field and environment variable. */
const NAMES = [
  ['subscriptionId', 'subscriptionId', 'AZUREML_ARM_SUBSCRIPTION'],
  ['resourceGroup', 'resourceGroup', 'AZUREML_ARM_RESOURCEGROUP'],
  ['workspace', 'workspaceName', 'AZUREML_ARM_WORKSPACE_NAME'],
] as const;

/** Adds the options that say which workspace. */
export function addWorkspaceOptions(command: Command): Command {
  return command
    .option('--subscription-id <id>', 'subscription (env AZUREML_ARM_SUBSCRIPTION)')
    .option('--resource-group <name>', 'resource group (env AZUREML_ARM_RESOURCEGROUP)')
    .option('--workspace <name>', 'workspace (env AZUREML_ARM_WORKSPACE_NAME)')
    .option('--config <path>', 'a config.json, or the folder to look for one from (default: the current one)')
    .option('--cloud <name>', 'AzureCloud, AzureChinaCloud or AzureUSGovernment (env AZUREML_CURRENT_CLOUD)')
    .option('--tenant-id <id>', 'Microsoft Entra tenant to sign in to');
}

/** A workspace and where its names come from. */
export interface OpenedWorkspace {
  readonly workspace: Workspace;
  /** For example `the environment`, or `/home/me/config.json`. */
  readonly source: string;
}

/**
 * Finds the workspace: the three options (the environment stands in for those left out), else the file that `--config`
 * leads to, else the nearest one; a single option wins over the file. No request is sent.
 *
 * @throws `CONFIG_FILE_NOT_FOUND`, saying all the ways; `CONFIG_FILE_INVALID`; {@link ValidationError} `VALIDATION`.
 */
export async function openWorkspace(options: WorkspaceCliOptions, io: CommandIo): Promise<OpenedWorkspace> {
  const core = await import('@azureml-ts/core');
  const { cloud, tenantId } = options;
  const access = { ...io.access, ...(cloud === undefined ? {} : { cloud }) };
  const { identity, source } = await findIdentity(options, io, core);
  const workspace = new core.Workspace({ ...identity, ...access });
  if (tenantId === undefined) {
    return { workspace, source };
  }
  const credential = inTenant(workspace.credential, tenantId);
  return { workspace: new core.Workspace({ ...identity, ...access, credential }), source };
}

type Core = typeof import('@azureml-ts/core');

interface FoundIdentity {
  readonly identity: WorkspaceIdentity;
  readonly source: string;
}

async function findIdentity(options: WorkspaceCliOptions, io: CommandIo, core: Core): Promise<FoundIdentity> {
  const given: Partial<WorkspaceIdentity> = Object.fromEntries(
    NAMES.flatMap(([option, field]) => (options[option] === undefined ? [] : [[field, checked(option, options)]])),
  );
  const count = Object.keys(given).length;
  if (options.config === undefined) {
    const [subscriptionId, resourceGroup, workspaceName] = NAMES.map(
      ([, field, variable]) => given[field] ?? io.env[variable]?.trim(),
    );
    if (subscriptionId && resourceGroup && workspaceName) {
      const source =
        count === 0 ? 'the environment' : count === NAMES.length ? 'the options' : 'the options and the environment';
      return { identity: { subscriptionId, resourceGroup, workspaceName }, source };
    }
  }
  const { identity, source } = await fromFile(options.config, core);
  return { identity: { ...identity, ...given }, source: count === 0 ? source : `${source} and the options` };
}

async function fromFile(path: string | undefined, core: Core): Promise<FoundIdentity> {
  try {
    const source = await core.findConfigFile({ path });
    const { subscriptionId, resourceGroup, workspaceName } = await core.Workspace.fromConfig({ path: source });
    return { identity: { subscriptionId, resourceGroup, workspaceName }, source };
  } catch (error) {
    if (!isAzuremlError(error, 'CONFIG_FILE_NOT_FOUND')) {
      throw error;
    }
    const { searched } = error as ConfigFileNotFoundError;
    throw new AzuremlError(
      'CONFIG_FILE_NOT_FOUND',
      `Which workspace? There is no config.json ${path === undefined ? 'here' : `at ${path}`} (looked in ${searched.join(', ')}). ` +
        'Download it from https://ml.azure.com, or give --subscription-id, --resource-group and --workspace, ' +
        'or set AZUREML_ARM_SUBSCRIPTION, AZUREML_ARM_RESOURCEGROUP and AZUREML_ARM_WORKSPACE_NAME.',
      { cause: error, details: { searched: [...searched] } },
    );
  }
}

/** A tenant that is asked for with each token: so any way of signing in takes it. */
function inTenant(credential: Workspace['credential'], tenantId: string): Workspace['credential'] {
  return { getToken: (scopes, options) => credential.getToken(scopes, { ...options, tenantId }) };
}

function checked(option: (typeof NAMES)[number][0], options: WorkspaceCliOptions): string {
  const value = options[option]?.trim() ?? '';
  if (value === '') {
    const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new ValidationError({ path: flag, expected: 'not empty', received: value });
  }
  return value;
}

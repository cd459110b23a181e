import type { EnvironmentVersion } from '@azure/arm-machinelearning';
import { AzuremlError, isAzuremlError, type WaitOptions } from '@azureml-ts/common';
import type { Workspace } from '../workspace/workspace.ts';
import { checkEnvironmentName } from './check-environment.ts';

/** A version of an environment as Azure has it. */
export interface EnvironmentRecord {
  readonly name: string;
  readonly version: string;
  readonly resource: EnvironmentVersion;
}

/** Reads a version; none is the newest. */
export async function readEnvironment(
  workspace: Workspace,
  name: string,
  version: string | undefined,
  options: WaitOptions,
): Promise<EnvironmentRecord> {
  checkEnvironmentName(name);
  if (version !== undefined) {
    const found = await findEnvironment(workspace, name, version, options);
    if (found === undefined) {
      throw notFound(workspace, name, version);
    }
    return found;
  }
  for await (const found of listEnvironmentVersions(workspace, name, options)) {
    return found;
  }
  throw notFound(workspace, name, undefined);
}

/** Reads a version; `undefined` when there is none. */
export async function findEnvironment(
  workspace: Workspace,
  name: string,
  version: string,
  options: WaitOptions,
): Promise<EnvironmentRecord | undefined> {
  const { resourceGroup, workspaceName, azure } = workspace;
  try {
    const resource = await azure.call(
      { ...options, what: `Reading the environment ${name}:${version}` },
      (client, callOptions) => client.environmentVersions.get(resourceGroup, workspaceName, name, version, callOptions),
    );
    return { name, version, resource };
  } catch (error) {
    if (isAzuremlError(error) && error.statusCode === 404) {
      return undefined;
    }
    throw error;
  }
}

/** The versions of an environment, newest first. */
export async function* listEnvironmentVersions(
  workspace: Workspace,
  name: string,
  options: WaitOptions,
): AsyncGenerator<EnvironmentRecord> {
  checkEnvironmentName(name);
  const { resourceGroup, workspaceName, azure } = workspace;
  const found = await azure.call(
    { ...options, what: `Listing the versions of the environment ${name}` },
    async (client, callOptions) => {
      const versions: EnvironmentVersion[] = [];
      for await (const version of client.environmentVersions.list(resourceGroup, workspaceName, name, callOptions)) {
        versions.push(version);
      }
      return versions;
    },
  );
  for (const resource of found) {
    yield { name, version: resource.name ?? '', resource };
  }
}

/** The versions of all environments. */
export async function* listEnvironments(workspace: Workspace, options: WaitOptions): AsyncGenerator<EnvironmentRecord> {
  const { resourceGroup, workspaceName, azure } = workspace;
  const names = await azure.call({ ...options, what: 'Listing the environments' }, async (client, callOptions) => {
    const found: string[] = [];
    for await (const { name } of client.environmentContainers.list(resourceGroup, workspaceName, callOptions)) {
      if (name !== undefined) {
        found.push(name);
      }
    }
    return found;
  });
  for (const name of names) {
    yield* listEnvironmentVersions(workspace, name, options);
  }
}

function notFound({ workspaceName }: Workspace, name: string, version: string | undefined): AzuremlError {
  return new AzuremlError(
    'ENVIRONMENT_NOT_FOUND',
    `The workspace ${workspaceName} has no environment ${name}${version === undefined ? '' : ` of version ${version}`}. ` +
      'Check the name, and its case; Environment.list() shows all.',
    { statusCode: 404, details: { name, version: version ?? null } },
  );
}

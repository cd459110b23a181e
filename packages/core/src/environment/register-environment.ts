import type { EnvironmentVersion } from '@azure/arm-machinelearning';
import type { WaitOptions } from '@azureml-ts/common';
import { type UploadProgress, uploadContent } from '../upload/upload-content.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Environment } from './environment.ts';
import { type EnvironmentAsset, environmentAsset, environmentInit } from './environment-asset.ts';
import type { EnvironmentRecord } from './environment-versions.ts';

/** Limits of a registration, and who wants to know of the upload. */
export interface RegistrationOptions extends WaitOptions {
  readonly onUpload?: ((progress: UploadProgress) => void) | undefined;
}

/** Registers an environment; see `Environment.register`. */
export async function registerEnvironment(
  workspace: Workspace,
  environment: Environment,
  options: RegistrationOptions,
): Promise<EnvironmentRecord> {
  const { onUpload: _, ...limits } = options;
  return makeEnvironment(
    workspace,
    await environmentAsset(workspace, await environmentInit(environment), limits),
    options,
  );
}

/** Makes a version that was planned. */
export async function makeEnvironment(
  workspace: Workspace,
  asset: EnvironmentAsset,
  options: RegistrationOptions,
): Promise<EnvironmentRecord> {
  const { name, version, existing, files, properties } = asset;
  if (existing !== undefined) {
    return existing;
  }
  const { onUpload, ...limits } = options;
  if (files !== undefined) {
    await uploadContent(workspace, files, { ...limits, kind: 'environments', onUpload });
  }
  const { resourceGroup, workspaceName, azure } = workspace;
  const resource = await azure.call(
    { ...limits, what: `Registering the environment ${name}:${version}` },
    (client, callOptions) =>
      client.environmentVersions.createOrUpdate(
        resourceGroup,
        workspaceName,
        name,
        version,
        { properties } as EnvironmentVersion,
        callOptions,
      ),
  );
  return { name, version, resource };
}

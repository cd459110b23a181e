import type { WaitOptions } from '@azureml-ts/common';
import { limited } from '../azure/limited.ts';
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
  const { onUpload, timeoutMs, abortSignal: given } = options;
  const what = `Registering the environment ${environment.name}`;
  return limited(what, { timeoutMs, abortSignal: given }, async (abortSignal) => {
    const asset = await environmentAsset(workspace, await environmentInit(environment), { abortSignal });
    return makeEnvironment(workspace, asset, { abortSignal, onUpload });
  });
}

/** Makes, or changes, a version that was planned. */
export async function makeEnvironment(
  workspace: Workspace,
  asset: EnvironmentAsset,
  options: RegistrationOptions,
): Promise<EnvironmentRecord> {
  const { name, version, existing, content, properties } = asset;
  if (existing !== undefined && properties === undefined) {
    return existing;
  }
  const { onUpload, ...limits } = options;
  if (content !== undefined) {
    await uploadContent(workspace, content, { ...limits, kind: 'environments', onUpload });
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
        { properties: properties ?? {} },
        callOptions,
      ),
  );
  return { name, version, resource };
}

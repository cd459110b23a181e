import { AzuremlError, type WaitOptions } from '@azureml-ts/common';
import { type JsonObject, textAt } from '../../azure/json-object.ts';
import { INVALID_HINT } from '../../azure/request-failure.ts';
import { workspaceArmId } from '../../workspace/arm-id.ts';
import type { Workspace } from '../../workspace/workspace.ts';

/** A file of a deployment. */
export interface AssetFile {
  /** Name of the file. */
  readonly name: string;
  /** Folder of the upload: eight hexadecimal digits. */
  readonly folder: string;
  /** What is in it. */
  readonly bytes: Uint8Array;
}

/**
 * Uploads a file of a deployment to the artifact store of the workspace.
 *
 * Source: POST artifact/v2.0/.../LocalUpload of the classic client, then a PUT to the address that it names.
 *
 * @returns Where the classic service finds it.
 */
export async function uploadAsset(workspace: Workspace, file: AssetFile, options: WaitOptions): Promise<string> {
  const what = `Uploading ${file.name}`;
  const { azure } = workspace;
  const answer = await azure.send({
    ...options,
    ...(await localUploadRequest(workspace, file, options)),
    method: 'POST',
    contentType: 'application/json-patch+json; charset=utf-8',
    what,
  });
  const address = textAt(answer.json, 'artifactContentInformation', file.name, 'contentUri');
  if (address === undefined || !URL.canParse(address)) {
    throw new AzuremlError('INVALID_ANSWER', `${what} got an answer without an address to upload to. ${INVALID_HINT}`, {
      statusCode: answer.status,
      requestId: answer.requestId,
    });
  }
  await azure.send({
    ...options,
    method: 'PUT',
    url: address,
    // The address is signed: it needs no token, and none may go there.
    isAnonymous: true,
    headers: { 'x-ms-blob-type': 'BlockBlob' },
    bytes: file.bytes,
    contentType: 'application/octet-stream',
    secrets: [new URL(address).search.slice(1)],
    what,
  });
  return assetUri(file);
}

/** The request that asks where a file is to be uploaded to; its host may get the workspace's token from then on. */
export async function localUploadRequest(
  workspace: Workspace,
  file: AssetFile,
  options: WaitOptions,
): Promise<{ readonly url: string; readonly body: JsonObject }> {
  const { addresses, modelManagement } = await workspace.discover(options);
  // Where a variable names the classic service, nothing else is known of the workspace's addresses.
  const history = addresses['history'] ?? new URL(modelManagement).origin;
  workspace.azure.trust(history);
  return {
    url: `${history.replace(/\/+$/, '')}/artifact/v2.0${workspaceArmId(workspace)}/artifacts/batch/metadata/LocalUpload/${file.folder}`,
    body: { paths: [{ path: file.name }] },
  };
}

/** Where the classic service finds an uploaded file. */
export function assetUri({ folder, name }: AssetFile): string {
  return `aml://artifact/LocalUpload/${folder}/${name}`;
}

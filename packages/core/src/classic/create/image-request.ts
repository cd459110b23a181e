import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { WaitOptions } from '@azureml-ts/common';
import type { JsonObject } from '../../azure/json-object.ts';
import type { InferenceConfig } from '../../model/inference-config.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { ClassicScript } from './check-create.ts';
import { type ClassicEnvironment, environmentOf } from './classic-environment.ts';
import { driverText } from './driver.ts';
import { packFolder } from './source-archive.ts';
import { uploadAsset } from './upload-asset.ts';

/**
 * Uploads the script with its folder, and asks for an image of both and the models.
 *
 * Files are named by their hash: the same folder goes to the same place again.
 *
 * @param workspace Whose service.
 * @param config The script and its environment, checked.
 * @param script Where the script is.
 * @param modelIds Ids of registered models.
 * @param next Gives the limits of the next step.
 */
export async function scriptImage(
  workspace: Workspace,
  config: InferenceConfig,
  script: ClassicScript,
  modelIds: readonly string[],
  next: () => WaitOptions,
): Promise<JsonObject> {
  const folder = basename(script.directory);
  const entryScript = `${folder}/${script.file}`;
  const driver = Buffer.from(driverText(entryScript));
  const driverHash = hashOf(driver);
  const driverName = `driver_${driverHash}.py`;
  const driverUrl = await uploadAsset(workspace, { name: driverName, folder: driverHash, bytes: driver }, next());
  const { bytes, hash } = await packFolder(script.directory, folder);
  const archiveName = `${hash}.tar.gz`;
  const archiveUrl = await uploadAsset(workspace, { name: archiveName, folder: hash, bytes }, next());
  return {
    driverProgram: driverName,
    assets: [
      { id: driverName, url: driverUrl, mimeType: 'application/x-python' },
      { id: archiveName, url: archiveUrl, mimeType: 'application/octet-stream', unpack: true },
    ],
    modelIds: [...modelIds],
    // Checked before.
    environment: environmentOf(config.environment as ClassicEnvironment, {
      ...config.environmentVariables,
      AZUREML_ENTRY_SCRIPT: entryScript,
      AZUREML_SOURCE_DIRECTORY: folder,
    }),
  };
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 8);
}

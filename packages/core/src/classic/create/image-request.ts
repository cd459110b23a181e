import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { JsonObject } from '../../azure/json-object.ts';
import type { InferenceConfig } from '../../model/inference-config.ts';
import type { ClassicScript } from './check-create.ts';
import { type ClassicEnvironment, environmentOf } from './classic-environment.ts';
import { driverText } from './driver.ts';
import { packFolder } from './source-archive.ts';
import { type AssetFile, assetUri } from './upload-asset.ts';

/** A file that is uploaded for a script. */
export interface ScriptPart {
  readonly asset: AssetFile;
  /** What it is, for people. */
  readonly what: string;
  /** What is in it. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** The image of a script: the request for it, and the files that it refers to. */
export interface ScriptImage {
  readonly image: JsonObject;
  readonly parts: readonly ScriptPart[];
}

/**
 * Packs the script with its folder, and makes the request for an image of both and the models.
 *
 * Files are named by their hash: the same folder goes to the same place again.
 *
 * @param config The script and its environment, checked.
 * @param script Where the script is.
 * @param modelIds Ids of registered models.
 */
export async function scriptImage(
  config: InferenceConfig,
  script: ClassicScript,
  modelIds: readonly string[],
): Promise<ScriptImage> {
  const folder = basename(script.directory);
  const entryScript = `${folder}/${script.file}`;
  const driver = Buffer.from(driverText(entryScript));
  const driverHash = hashOf(driver);
  const driverAsset = { name: `driver_${driverHash}.py`, folder: driverHash, bytes: driver };
  const { bytes, hash, files } = await packFolder(script.directory, folder);
  const archive = { name: `${hash}.tar.gz`, folder: hash, bytes };
  const parts = [
    {
      asset: driverAsset,
      what: 'program that loads the script',
      files: [{ path: driverAsset.name, size: driver.length }],
    },
    { asset: archive, what: `folder of the script, packed as ${archive.name}`, files },
  ];
  const image = {
    driverProgram: driverAsset.name,
    assets: [
      { id: driverAsset.name, url: assetUri(driverAsset), mimeType: 'application/x-python' },
      { id: archive.name, url: assetUri(archive), mimeType: 'application/octet-stream', unpack: true },
    ],
    modelIds: [...modelIds],
    // Checked before.
    environment: environmentOf(config.environment as ClassicEnvironment, {
      ...config.environmentVariables,
      AZUREML_ENTRY_SCRIPT: entryScript,
      AZUREML_SOURCE_DIRECTORY: folder,
    }),
  };
  return { image, parts };
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 8);
}

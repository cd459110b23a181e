import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { ModelVersion } from '@azure/arm-machinelearning';
import { AzuremlError, isAzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';
import { limited } from '../azure/limited.ts';
import { describedAnew } from '../upload/asset-description.ts';
import { fileContent, folderContent } from '../upload/content-file.ts';
import { type HashedContent, hashedContent } from '../upload/content-hash.ts';
import { datastoreUri } from '../upload/datastore-uri.ts';
import { contentPath, type UploadProgress, uploadContent } from '../upload/upload-content.ts';
import { ASSET_NAME_RULE, isAssetName } from '../workspace/asset-name.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** Property of a version that says what was uploaded for it. */
export const CONTENT_PROPERTY = 'azureml-ts.contentSha256';

/** Options of {@link Model.register}. */
export interface RegisterModelOptions extends WaitOptions {
  /** Name: letters, digits, `-`, `_` and `.`, at most 255, starting with a letter or digit. */
  readonly name: string;
  /** The model's file or folder. It keeps its name: the script finds it by that name in `AZUREML_MODEL_DIR`. */
  readonly path: string;
  /**
   * Version. Default: when the newest version holds the same files, that one; else the highest whole number so far, plus 1.
   */
  readonly version?: string | number | undefined;
  /** Tags. A version that is there with the same files gets them too; other ones that it has stay. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Properties; once set they stay as they are. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** Description for people. */
  readonly description?: string | undefined;
  /** `custom_model`, `mlflow_model` or `triton_model`. Default `custom_model`. */
  readonly type?: string | undefined;
  /** Is told of the upload. */
  readonly onUpload?: ((progress: UploadProgress) => void) | undefined;
}

/** A version of a model as Azure has it. */
export interface ModelRecord {
  readonly name: string;
  readonly version: string;
  readonly resource: ModelVersion;
}

/** A version of a model that is there, or how it is made. */
export interface ModelAsset {
  readonly name: string;
  readonly version: string;
  /** What is there already. */
  readonly existing?: ModelRecord | undefined;
  /** What is uploaded first. */
  readonly content?: HashedContent | undefined;
  /** Address of the folder that {@link content} is uploaded to. */
  readonly url?: string | undefined;
  /** Properties of the version to make or to change; `undefined` when it is as it should be. */
  readonly properties?: ModelVersion['properties'] | undefined;
}

/** Tries to get the next version, when others register the same model at the same time. */
const MOST_TRIES = 5;

/** Registers a model; see `Model.register`. */
export async function registerModel(workspace: Workspace, options: RegisterModelOptions): Promise<ModelRecord> {
  const { timeoutMs, abortSignal: given, ...model } = options;
  return limited(`Registering the model ${options.name}`, { timeoutMs, abortSignal: given }, async (abortSignal) => {
    for (let tries = 1; ; tries += 1) {
      try {
        const limits = { ...model, abortSignal };
        return await makeModel(workspace, await modelAsset(workspace, limits), limits);
      } catch (error) {
        // Somebody else took that number.
        if (options.version !== undefined || tries === MOST_TRIES || !isAzuremlError(error, 'CONFLICT')) {
          throw error;
        }
      }
    }
  });
}

/** Looks whether a model is registered, and how it would be. Sends only GETs. */
export async function modelAsset(workspace: Workspace, options: RegisterModelOptions): Promise<ModelAsset> {
  const { name, path, tags, properties, description, type = 'custom_model', abortSignal, timeoutMs } = options;
  const limits = { abortSignal, timeoutMs };
  checkName(name);
  if (options.version !== undefined) {
    checkName(String(options.version), 'version');
  }
  const content = await contentOf(path, abortSignal);
  const { version, existing } = await versionFor(workspace, options, content.hash, limits);
  if (existing !== undefined) {
    return { name, version, existing, properties: describedAnew(existing.resource.properties, options) };
  }
  const { accountUrl, containerName, datastoreName } = await workspace.getDefaultStorage(limits);
  const place = contentPath('models', content.hash);
  return {
    name,
    version,
    content,
    url: `${accountUrl}/${containerName}/${place}`,
    properties: {
      modelUri: `${datastoreUri(workspace, datastoreName, place)}/${basename(resolve(path))}`,
      modelType: type,
      tags: { ...tags },
      properties: { ...properties, [CONTENT_PROPERTY]: content.hash },
      ...(description === undefined ? {} : { description }),
    },
  };
}

/** Makes, or changes, a version that was planned. */
export async function makeModel(
  workspace: Workspace,
  asset: ModelAsset,
  options: Pick<RegisterModelOptions, 'abortSignal' | 'timeoutMs' | 'onUpload'>,
): Promise<ModelRecord> {
  const { name, version, existing, content, properties } = asset;
  if (existing !== undefined && properties === undefined) {
    return existing;
  }
  const { onUpload, abortSignal, timeoutMs } = options;
  if (content !== undefined) {
    await uploadContent(workspace, content, { abortSignal, timeoutMs, kind: 'models', onUpload });
  }
  const { resourceGroup, workspaceName } = workspace;
  const what = `Registering the model ${name}:${version}`;
  const resource = await workspace.azure.call({ abortSignal, timeoutMs, what }, (client, callOptions) =>
    client.modelVersions.createOrUpdate(
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

/** Reads a version; `latest` is the newest. */
export async function readModel(
  workspace: Workspace,
  name: string,
  version: string | undefined,
  options: WaitOptions,
): Promise<ModelRecord> {
  checkName(name);
  const { resourceGroup, workspaceName } = workspace;
  const what = `Reading the model ${name}${version === undefined ? '' : `:${version}`}`;
  if (version === undefined) {
    for await (const found of listModelVersions(workspace, name, options)) {
      return found;
    }
    throw notFound(workspace, name, undefined);
  }
  try {
    const resource = await workspace.azure.call({ ...options, what }, (client, callOptions) =>
      client.modelVersions.get(resourceGroup, workspaceName, name, version, callOptions),
    );
    return { name, version, resource };
  } catch (error) {
    throw isAzuremlError(error) && error.statusCode === 404 ? notFound(workspace, name, version) : error;
  }
}

/** The versions of a model, newest first. */
export async function* listModelVersions(
  workspace: Workspace,
  name: string,
  options: WaitOptions,
): AsyncGenerator<ModelRecord> {
  const { resourceGroup, workspaceName, azure } = workspace;
  const found = await azure.call(
    { ...options, what: `Listing the versions of the model ${name}` },
    async (client, callOptions) => {
      const versions: ModelVersion[] = [];
      for await (const version of client.modelVersions.list(resourceGroup, workspaceName, name, callOptions)) {
        versions.push(version);
      }
      return versions;
    },
  );
  for (const resource of found) {
    yield { name, version: resource.name ?? '', resource };
  }
}

/** The newest version of every model of a workspace. */
export async function* listModels(workspace: Workspace, options: WaitOptions): AsyncGenerator<ModelRecord> {
  const { resourceGroup, workspaceName, azure } = workspace;
  const names = await azure.call({ ...options, what: 'Listing the models' }, async (client, callOptions) => {
    const found: string[] = [];
    for await (const { name } of client.modelContainers.list(resourceGroup, workspaceName, callOptions)) {
      if (name !== undefined) {
        found.push(name);
      }
    }
    return found;
  });
  for (const name of names) {
    yield* listModelVersions(workspace, name, options);
  }
}

async function contentOf(path: string, abortSignal: AbortSignal | undefined): Promise<HashedContent> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) {
    throw new ValidationError({ path: 'path', expected: 'a file or folder that exists', received: path });
  }
  const files = stats.isDirectory() ? await folderContent(path) : await fileContent(path);
  if (files.length === 0) {
    throw new ValidationError({ path: 'path', expected: 'a folder with at least one file', received: path });
  }
  // A folder keeps its name, as a file does.
  const root = stats.isDirectory() ? `${basename(resolve(path))}/` : '';
  return hashedContent(
    files.map((file) => ({ ...file, path: `${root}${file.path}` })),
    abortSignal,
  );
}

async function versionFor(
  workspace: Workspace,
  { name, version: given, type, properties = {} }: RegisterModelOptions,
  hash: string,
  options: WaitOptions,
): Promise<{ readonly version: string; readonly existing?: ModelRecord }> {
  const isSame = ({ resource: { properties: old } }: ModelRecord) =>
    old.properties?.[CONTENT_PROPERTY] === hash &&
    (type ?? old.modelType) === old.modelType &&
    Object.entries(properties).every(([key, value]) => (old.properties?.[key] ?? value) === value);
  if (given !== undefined) {
    const version = String(given);
    try {
      const existing = await readModel(workspace, name, version, options);
      if (!isSame(existing)) {
        throw new AzuremlError(
          'MODEL_EXISTS',
          `The model ${name}:${version} is registered already with other files, another type or other properties, and a version never changes. ` +
            'Give another version, or none to get the next one.',
          { details: { name, version } },
        );
      }
      return { version, existing };
    } catch (error) {
      if (isAzuremlError(error, 'MODEL_NOT_FOUND')) {
        return { version };
      }
      throw error;
    }
  }
  let highest = 0;
  let newest: ModelRecord | undefined;
  for await (const found of listModelVersions(workspace, name, options)) {
    newest ??= found;
    highest = /^\d{1,9}$/.test(found.version) ? Math.max(highest, Number(found.version)) : highest;
  }
  return newest !== undefined && isSame(newest)
    ? { version: newest.version, existing: newest }
    : { version: String(highest + 1) };
}

function checkName(name: unknown, path = 'name'): void {
  if (!isAssetName(name)) {
    throw new ValidationError({ path, expected: ASSET_NAME_RULE, received: name });
  }
}

function notFound({ workspaceName }: Workspace, name: string, version: string | undefined): AzuremlError {
  return new AzuremlError(
    'MODEL_NOT_FOUND',
    `The workspace ${workspaceName} has no model ${name}${version === undefined ? '' : ` of version ${version}`}. ` +
      'Check the name, and its case; Model.list() shows all.',
    { statusCode: 404, details: { name, version: version ?? null } },
  );
}

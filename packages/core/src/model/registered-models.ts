import { stat } from 'node:fs/promises';
import type { ModelVersion } from '@azure/arm-machinelearning';
import { AzuremlError, isAzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';
import { type ContentFile, fileContent, folderContent } from '../upload/content-file.ts';
import { contentHash } from '../upload/content-hash.ts';
import { datastoreUri } from '../upload/datastore-uri.ts';
import { contentPath, type UploadProgress, uploadContent } from '../upload/upload-content.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** Property of a version that says what was uploaded for it. */
export const CONTENT_PROPERTY = 'azureml-ts.contentSha256';
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9\-._]{0,254}$/;

/** Options of {@link Model.register}. */
export interface RegisterModelOptions extends WaitOptions {
  /** Name: letters, digits, `-`, `_` and `.`, at most 255, starting with a letter or digit. */
  readonly name: string;
  /** The model's file or folder. */
  readonly path: string;
  /**
   * Version. Default: when the newest version holds the same files, that one; else the highest whole number so far, plus 1.
   */
  readonly version?: string | number | undefined;
  /** Tags. */
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
  readonly files: readonly ContentFile[];
  /** Address of the folder that the files are uploaded to. */
  readonly url?: string | undefined;
  /** Properties of the version to make. */
  readonly properties: ModelVersion['properties'];
}

/** Registers a model; see `Model.register`. */
export async function registerModel(workspace: Workspace, options: RegisterModelOptions): Promise<ModelRecord> {
  return makeModel(workspace, await modelAsset(workspace, options), options);
}

/** Looks whether a model is registered, and how it would be. Sends only GETs. */
export async function modelAsset(workspace: Workspace, options: RegisterModelOptions): Promise<ModelAsset> {
  const { name, path, tags, properties, description, type = 'custom_model', abortSignal, timeoutMs } = options;
  const limits = { abortSignal, timeoutMs };
  checkName(name);
  const files = await contentOf(path);
  const hash = await contentHash(files, abortSignal);
  const version = await versionFor(workspace, name, options.version, hash, limits);
  if (version.existing !== undefined) {
    return { name, version: version.name, existing: version.existing, files: [], properties: {} };
  }
  const { accountUrl, containerName, datastoreName } = await workspace.getDefaultStorage(limits);
  const place = contentPath('models', hash);
  const uri = datastoreUri(workspace, datastoreName, place);
  const isFile = (await stat(path)).isFile();
  return {
    name,
    version: version.name,
    files,
    url: `${accountUrl}/${containerName}/${place}`,
    properties: {
      modelUri: isFile ? `${uri}/${files[0]?.path ?? ''}` : uri,
      modelType: type,
      tags: { ...tags },
      properties: { ...properties, [CONTENT_PROPERTY]: hash },
      ...(description === undefined ? {} : { description }),
    },
  };
}

/** Makes a version that was planned. */
export async function makeModel(
  workspace: Workspace,
  asset: ModelAsset,
  options: Pick<RegisterModelOptions, 'abortSignal' | 'timeoutMs' | 'onUpload'>,
): Promise<ModelRecord> {
  const { name, version, existing, files, properties } = asset;
  if (existing !== undefined) {
    return existing;
  }
  const { onUpload, abortSignal, timeoutMs } = options;
  await uploadContent(workspace, files, { abortSignal, timeoutMs, kind: 'models', onUpload });
  const { resourceGroup, workspaceName } = workspace;
  const what = `Registering the model ${name}:${version}`;
  const resource = await workspace.azure.call({ abortSignal, timeoutMs, what }, (client, callOptions) =>
    client.modelVersions.createOrUpdate(resourceGroup, workspaceName, name, version, { properties }, callOptions),
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

async function contentOf(path: string) {
  let stats: Awaited<ReturnType<typeof stat>>;
  try {
    stats = await stat(path);
  } catch {
    throw new ValidationError({ path: 'path', expected: 'a file or folder that exists', received: path });
  }
  const files = stats.isFile() ? await fileContent(path) : await folderContent(path, { ignoreFile: undefined });
  if (files.length === 0) {
    throw new ValidationError({ path: 'path', expected: 'a folder with at least one file', received: path });
  }
  return files;
}

async function versionFor(
  workspace: Workspace,
  name: string,
  given: string | number | undefined,
  hash: string,
  options: WaitOptions,
): Promise<{ readonly name: string; readonly existing?: ModelRecord }> {
  const isSame = ({ resource }: ModelRecord) => resource.properties.properties?.[CONTENT_PROPERTY] === hash;
  if (given !== undefined) {
    const version = String(given);
    try {
      const existing = await readModel(workspace, name, version, options);
      if (!isSame(existing)) {
        throw new AzuremlError(
          'MODEL_EXISTS',
          `The model ${name}:${version} is registered already with other files, and a version never changes. Give another version, or none to get the next one.`,
          { details: { name, version } },
        );
      }
      return { name: version, existing };
    } catch (error) {
      if (isAzuremlError(error, 'MODEL_NOT_FOUND')) {
        return { name: version };
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
    ? { name: newest.version, existing: newest }
    : { name: String(highest + 1) };
}

function checkName(name: unknown): void {
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new ValidationError({
      path: 'name',
      expected: '1 to 255 letters, digits, "-", "_" and ".", starting with a letter or digit',
      received: name,
    });
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

import { ValidationError } from '@azureml-ts/common';
import { checkSegment, type StorageTarget, type WorkspaceIdentity } from '@azureml-ts/monitoring/format';
import { UNNAMED_VERSION } from '../files/collected-file.ts';
import { collectionFolder, type StreamSelection } from '../files/stream-selection.ts';

/**
 * Which rows of JSON Lines to read, as the collection of Azure ML's online endpoints and the `Collector` of this library
 * store them; see {@link CollectedData.open}.
 *
 * They are in the container of the workspace's default datastore (`azureml-blobstore-<id>`), below
 * `modelDataCollector/<endpoint>/<deployment>/<collection>/<yyyy>/<MM>/<dd>/<HH>`. Either the three names are given, or
 * `path`.
 */
export interface JsonLinesOptions {
  /** Says that the rows are in JSON Lines. */
  readonly layout: 'json-lines';
  /**
   * Where the rows are stored: a {@link StorageTarget}, or its text (a connection string, the blob address of an account,
   * a `file:` URL). Default: the environment variable `AML_MODEL_DC_STORAGE`. A `directory` has the same paths as the
   * container, without a folder for it.
   */
  readonly storage?: (StorageTarget & { readonly container?: string | undefined }) | string | undefined;
  /** Name of the container. Needed with a connection string or the address of an account. */
  readonly container?: string | undefined;
  /** Name of the online endpoint. */
  readonly endpointName?: string | undefined;
  /** Name of the deployment. */
  readonly deploymentName?: string | undefined;
  /** Name of the collection, for example `model_inputs`. */
  readonly collectionName?: string | undefined;
  /** Folder of the collection in the container, when it is another: the `path` of its data asset. */
  readonly path?: string | undefined;
  /** The workspace. Paths have none: it only names the rows where they are written to other layouts. */
  readonly workspace?: WorkspaceIdentity | undefined;
  /** First UTC day, `yyyy-mm-dd` or a date. Default: the first there is. */
  readonly from?: string | Date | undefined;
  /** Last UTC day, inclusive, `yyyy-mm-dd` or a date. Default: the last there is. */
  readonly to?: string | Date | undefined;
}

const NO_WORKSPACE: WorkspaceIdentity = { subscriptionId: '', resourceGroup: '', workspaceName: '' };

/**
 * Says which files a collection has. In the terms of other layouts, the endpoint is the web service, the deployment the
 * model, and the collection the designation.
 *
 * @throws ValidationError (`VALIDATION`) naming the option.
 */
export function collectionSelection(options: JsonLinesOptions): StreamSelection {
  const { path, workspace = NO_WORKSPACE } = options;
  const { endpointName, deploymentName, collectionName } = options;
  const others = { workspace, modelVersion: UNNAMED_VERSION, layout: 'json-lines' } as const;
  if (path !== undefined) {
    const named = Object.entries({ endpointName, deploymentName, collectionName }).find(
      ([, name]) => name !== undefined,
    );
    if (named !== undefined) {
      throw new ValidationError({
        path: named[0],
        expected: 'left out beside path, which is the whole folder',
        received: named[1],
      });
    }
    const folder = checkFolder(path);
    return { ...others, webserviceName: '', modelName: '', designation: folder.slice(0, -1), folder };
  }
  const names = {
    webserviceName: checkSegment('endpointName', endpointName),
    modelName: checkSegment('deploymentName', deploymentName),
    designation: checkSegment('collectionName', collectionName),
  };
  return { ...others, ...names, folder: collectionFolder(names) };
}

/**
 * The container of a storage.
 *
 * @throws ValidationError (`VALIDATION`) when it is not given where there are several.
 */
export function collectionContainer(storage: StorageTarget, options: JsonLinesOptions): string | undefined {
  const beside = typeof options.storage === 'object' ? options.storage.container : undefined;
  const container = options.container ?? beside;
  if (container === undefined && ('connectionString' in storage || 'accountUrl' in storage)) {
    throw new ValidationError({
      path: 'container',
      expected: "the name of the container of the workspace's default datastore, azureml-blobstore-<id>",
      received: container,
    });
  }
  if (container !== undefined && !/^[a-z0-9](?:-?[a-z0-9]){2,62}$/.test(container)) {
    throw new ValidationError({
      path: 'container',
      expected: 'the name of a container: 3 to 63 lower-case letters, digits and single dashes',
      received: container,
    });
  }
  return container;
}

/** Takes the address of a data asset's path as well: what stands behind the datastore is the folder. */
function checkFolder(given: unknown): string {
  const text =
    typeof given === 'string' ? given.replace(/^azureml:\/\/(?:.*\/)?datastores\/[^/]+\/paths\//i, '') : given;
  if (typeof text !== 'string' || text.replaceAll('/', '') === '') {
    throw new ValidationError({ path: 'path', expected: 'a folder in the container', received: given });
  }
  const parts = text.replace(/^\/+|\/+$/g, '').split('/');
  for (const part of parts) {
    checkSegment('path', part);
    if (part === '..' || part === '.') {
      throw new ValidationError({ path: 'path', expected: 'a folder without . and ..', received: given });
    }
  }
  return `${parts.join('/')}/`;
}

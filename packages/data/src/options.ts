import { AzuremlError, ValidationError } from '@azureml-ts/common';
import {
  checkSegment,
  parseStorageTarget,
  type StorageTarget,
  type WorkspaceIdentity,
} from '@azureml-ts/monitoring/format';
import { type DayRange, dayRange } from './files/day-range.ts';
import type { FileLayout, StreamSelection } from './files/stream-selection.ts';
import { collectionContainer, collectionSelection, type JsonLinesOptions } from './json-lines/collection-options.ts';

/** Which collected rows to read; see {@link CollectedData.open}. */
export interface CollectedDataOptions {
  /**
   * Where the rows are stored: a {@link StorageTarget}, or its text (a connection string, the blob address of an account,
   * a `file:` URL). Default: the environment variable `AML_MODEL_DC_STORAGE`.
   */
  readonly storage?: StorageTarget | string | undefined;
  /** The workspace, as the collector had it. */
  readonly workspace: WorkspaceIdentity;
  /** Name of the web service. */
  readonly webserviceName: string;
  /** Name of the model. */
  readonly modelName: string;
  /**
   * Version of the model, several exact ones as an array, `'all'`, or `'newest'`: of the versions that have rows of the
   * designation, whatever the day, the highest when all the model's versions are whole numbers, else the one with the
   * newest day. It is looked up at each reading. A version that is called `all` or `newest` is given in an array.
   */
  readonly modelVersion: string | number | readonly (string | number)[];
  /** Name of the stream within the model, for example `inputs`. */
  readonly designation: string;
  /**
   * How the files are called. Default `auto`: the two layouts with these names, see {@link FileLayout}. JSON Lines have
   * other names, see {@link JsonLinesOptions}.
   */
  readonly layout?: Exclude<FileLayout, 'json-lines'> | 'auto' | undefined;
  /** First UTC day of the scoring, `yyyy-mm-dd` or a date. Default: the first there is. */
  readonly from?: string | Date | undefined;
  /** Last UTC day of the scoring, inclusive, `yyyy-mm-dd` or a date. Default: the last there is. */
  readonly to?: string | Date | undefined;
}

/** The same, checked. */
export interface ResolvedOptions {
  readonly storage: StorageTarget;
  /** Name of the container, when it is another than that of collected rows. */
  readonly container?: string | undefined;
  readonly stream: StreamSelection;
  readonly range: DayRange;
}

/**
 * Checks the options.
 *
 * @throws ValidationError (`VALIDATION`) naming the option; AzuremlError `STORAGE_NOT_CONFIGURED`.
 */
export function resolveOptions(
  options: CollectedDataOptions | JsonLinesOptions,
  environment: NodeJS.ProcessEnv,
): ResolvedOptions {
  if (typeof options !== 'object' || options === null) {
    throw new ValidationError({ path: 'options', expected: 'an object', received: options });
  }
  if (options.layout === 'json-lines') {
    const stream = collectionSelection(options);
    const storage = resolveStorage(options.storage, environment);
    const container = collectionContainer(storage, options);
    return { stream, range: dayRange(options.from, options.to), storage, container };
  }
  // A caller without types may leave it out: the check below then names the missing part.
  const workspace: Partial<WorkspaceIdentity> = options.workspace ?? {};
  const { layout = 'auto' } = options;
  if (!['auto', 'documented', 'python-v1'].includes(layout)) {
    throw new ValidationError({
      path: 'layout',
      expected: "'auto', 'documented', 'python-v1' or 'json-lines'",
      received: layout,
    });
  }
  return {
    stream: {
      workspace: {
        subscriptionId: checkSegment('workspace.subscriptionId', workspace.subscriptionId),
        resourceGroup: checkSegment('workspace.resourceGroup', workspace.resourceGroup),
        workspaceName: checkSegment('workspace.workspaceName', workspace.workspaceName),
      },
      webserviceName: checkSegment('webserviceName', options.webserviceName),
      modelName: checkSegment('modelName', options.modelName),
      ...resolveVersions(options.modelVersion),
      designation: checkSegment('designation', options.designation),
      layout,
    },
    range: dayRange(options.from, options.to),
    storage: resolveStorage(options.storage, environment),
  };
}

function resolveVersions(
  given: CollectedDataOptions['modelVersion'],
): Pick<StreamSelection, 'modelVersion' | 'versions'> {
  const check = (path: string, version: unknown): string =>
    checkSegment(path, typeof version === 'number' ? String(version) : version);
  if (!Array.isArray(given)) {
    const modelVersion = check('modelVersion', given);
    return modelVersion === 'all' || modelVersion === 'newest'
      ? { modelVersion, versions: modelVersion }
      : { modelVersion };
  }
  const versions = [...new Set(given.map((version, index) => check(`modelVersion[${index}]`, version)))];
  if (versions.length === 0) {
    throw new ValidationError({ path: 'modelVersion', expected: 'one version or more', received: given });
  }
  return { modelVersion: versions.join(','), versions };
}

function resolveStorage(storage: StorageTarget | string | undefined, environment: NodeJS.ProcessEnv): StorageTarget {
  if (typeof storage === 'string') {
    return parseStorageTarget(storage, 'storage');
  }
  if (storage === undefined) {
    const variable = environment['AML_MODEL_DC_STORAGE'];
    if (variable === undefined || variable.trim() === '') {
      throw new AzuremlError(
        'STORAGE_NOT_CONFIGURED',
        'Nobody said where the collected rows are stored. Pass storage, or set AML_MODEL_DC_STORAGE to a connection string, the blob address of an account or a file: URL.',
      );
    }
    return parseStorageTarget(variable, 'AML_MODEL_DC_STORAGE');
  }
  const isTarget =
    typeof storage === 'object' &&
    storage !== null &&
    ['connectionString', 'accountUrl', 'containerClient', 'directory'].some((name) => name in storage);
  if (!isTarget) {
    // What came is not shown: it may hold a key.
    throw new ValidationError({
      path: 'storage',
      expected: 'a text, { connectionString }, { accountUrl, credential }, { containerClient } or { directory }',
    });
  }
  return storage;
}

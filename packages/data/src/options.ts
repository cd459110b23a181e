import { AzuremlError, ValidationError } from '@azureml-ts/common';
import {
  checkSegment,
  parseStorageTarget,
  type StorageTarget,
  type StreamIdentity,
  type WorkspaceIdentity,
} from '@azureml-ts/monitoring/format';
import { type DayRange, dayRange } from './files/day-range.ts';

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
  /** Version of the model. */
  readonly modelVersion: string | number;
  /** Name of the stream within the model, for example `inputs`. */
  readonly designation: string;
  /** First UTC day of the scoring, `yyyy-mm-dd` or a date. Default: the first there is. */
  readonly from?: string | Date | undefined;
  /** Last UTC day of the scoring, inclusive, `yyyy-mm-dd` or a date. Default: the last there is. */
  readonly to?: string | Date | undefined;
}

/** The same, checked. */
export interface ResolvedOptions {
  readonly storage: StorageTarget;
  readonly stream: StreamIdentity;
  readonly range: DayRange;
}

/**
 * Checks the options.
 *
 * @throws ValidationError (`VALIDATION`) naming the option; AzuremlError `STORAGE_NOT_CONFIGURED`.
 */
export function resolveOptions(options: CollectedDataOptions, environment: NodeJS.ProcessEnv): ResolvedOptions {
  if (typeof options !== 'object' || options === null) {
    throw new ValidationError({ path: 'options', expected: 'an object', received: options });
  }
  // A caller without types may leave it out: the check below then names the missing part.
  const workspace: Partial<WorkspaceIdentity> = options.workspace ?? {};
  const { modelVersion } = options;
  return {
    stream: {
      workspace: {
        subscriptionId: checkSegment('workspace.subscriptionId', workspace.subscriptionId),
        resourceGroup: checkSegment('workspace.resourceGroup', workspace.resourceGroup),
        workspaceName: checkSegment('workspace.workspaceName', workspace.workspaceName),
      },
      webserviceName: checkSegment('webserviceName', options.webserviceName),
      modelName: checkSegment('modelName', options.modelName),
      modelVersion: checkSegment(
        'modelVersion',
        typeof modelVersion === 'number' ? String(modelVersion) : modelVersion,
      ),
      designation: checkSegment('designation', options.designation),
    },
    range: dayRange(options.from, options.to),
    storage: resolveStorage(options.storage, environment),
  };
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

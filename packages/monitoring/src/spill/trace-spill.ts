import { ValidationError } from '@azureml-ts/common';
import { checkSegment, type WorkspaceIdentity } from '../format/blob-path.ts';
import { checkStorageTarget, parseStorageTarget, type StorageTarget } from '../storage/storage-target.ts';
import { BlobSpill } from './blob-spill.ts';
import { DirectorySpill } from './directory-spill.ts';
import type { SpillDocument, SpillPlace } from './spill-document.ts';
import { nameDocument } from './spill-path.ts';

/** Name of a folder that nobody named; as in the paths of collected rows. */
const UNKNOWN = 'default';
/** What a blob's name of 1,024 characters leaves for the service, before the date and the file. */
const MAX_PREFIX = 800;

/** Options of `createTraceSpill`. */
export interface TraceSpillOptions {
  /** Where documents are stored. Default `AML_MODEL_DC_STORAGE`. */
  readonly storage?: StorageTarget | undefined;
  /**
   * The workspace in the path. Default `AZUREML_ARM_SUBSCRIPTION`, `AZUREML_ARM_RESOURCEGROUP` and
   * `AZUREML_ARM_WORKSPACE_NAME` (or `WORKSPACE_NAME`), each `default` when not set.
   */
  readonly workspace?: Partial<WorkspaceIdentity> | undefined;
  /** Name of the web service in the path. Default `SERVICE_NAME`, else `default`. */
  readonly webserviceName?: string | undefined;
}

/** A store of texts that are too long for telemetry items; fits the option `spill` of `@azureml-ts/insights`. */
export interface TraceSpillStore {
  /**
   * Stores a document; never over another one.
   *
   * @param document The document.
   * @param context `abortSignal` ends the try.
   * @returns Where it is: the address of a blob or file, without secrets.
   * @throws AzuremlError `CONTAINER_MISSING`, `SPILL_PATH_TAKEN`, `IDENTITY_NOT_INSTALLED`; else what the storage client
   *   or the file system says.
   */
  write(
    document: SpillDocument,
    context?: { readonly abortSignal?: AbortSignal | undefined },
  ): Promise<{ readonly url: string }>;
}

/**
 * Makes a store of long printed values and bodies: whole, beside the collected rows of the service.
 *
 * | part | value |
 * |---|---|
 * | container | `modeldata`, made when it is not there |
 * | blob | `<subscriptionid>/<resourcegroup>/<workspace>/<webservice>/traces/<yyyy>/<mm>/<dd>/<request id>-<sha8>.json` |
 *
 * The day is the UTC day of the print; `sha8` are the first digits of the content's SHA-256; outside a request a random id
 * stands in its place; a text that is no JSON ends in `.txt`. Blobs carry their content type and the metadata `sha256` and
 * `kind`. Nothing is ever overwritten. A `directory` gets the same paths as files. Nothing is opened before the first
 * document; the identity needs the role *Storage Blob Data Contributor*.
 *
 * @param options Where to store, and what the service is called.
 * @throws ValidationError `VALIDATION` when there is no storage, or a name cannot be a folder.
 * @example
 * ```ts
 * import { mkdtemp, readFile, rm } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { createTraceSpill } from '@azureml-ts/monitoring';
 *
 * const directory = await mkdtemp(join(tmpdir(), 'traces-'));
 * const spill = createTraceSpill({ storage: { directory }, webserviceName: 'my-svc' });
 * const content = Buffer.from(JSON.stringify({ input: 'x'.repeat(10_000) }));
 * const { url } = await spill.write({ content, contentType: 'application/json', kind: 'print', time: new Date() });
 * console.log((await readFile(new URL(url))).equals(content)); // true
 * await rm(directory, { recursive: true });
 * ```
 */
export function createTraceSpill(options: TraceSpillOptions = {}): TraceSpillStore {
  const prefix = servicePrefix(options, process.env);
  const place = openPlace(options.storage, process.env);
  return {
    write: async (document, { abortSignal } = {}) => ({
      url: await place.store(nameDocument(prefix, document), abortSignal),
    }),
  };
}

function openPlace(storage: StorageTarget | undefined, environment: NodeJS.ProcessEnv): SpillPlace {
  const variable = environment['AML_MODEL_DC_STORAGE']?.trim();
  const target = storage ?? (variable ? parseStorageTarget(variable, 'AML_MODEL_DC_STORAGE') : undefined);
  if (target === undefined) {
    throw new ValidationError({
      path: 'storage',
      expected: 'one of { connectionString }, { accountUrl, credential? }, { containerClient } and { directory }',
      message:
        'Long traces have no store: neither the option storage nor the environment variable AML_MODEL_DC_STORAGE is set. Pass storage, or leave the store out, and long traces are shortened.',
    });
  }
  checkStorageTarget(target, 'storage');
  return 'directory' in target ? new DirectorySpill(target.directory) : new BlobSpill(target);
}

function servicePrefix({ workspace = {}, webserviceName }: TraceSpillOptions, environment: NodeJS.ProcessEnv): string {
  const segment = (name: string, option: string | undefined, variable: string | undefined) =>
    checkSegment(name, option ?? (variable || UNKNOWN));
  const prefix = `${[
    segment('workspace.subscriptionId', workspace.subscriptionId, environment['AZUREML_ARM_SUBSCRIPTION']),
    segment('workspace.resourceGroup', workspace.resourceGroup, environment['AZUREML_ARM_RESOURCEGROUP']),
    segment(
      'workspace.workspaceName',
      workspace.workspaceName,
      environment['AZUREML_ARM_WORKSPACE_NAME'] || environment['WORKSPACE_NAME'],
    ),
    segment('webserviceName', webserviceName, environment['SERVICE_NAME']),
  ].join('/')}/`;
  if (prefix.length > MAX_PREFIX) {
    throw new ValidationError({
      path: 'workspace and webserviceName',
      expected: `at most ${MAX_PREFIX} characters together, because a blob's name has at most 1,024`,
    });
  }
  return prefix;
}

import { inspect } from 'node:util';
import type { TokenCredential } from '@azure/identity';
import { ValidationError } from '@azureml-ts/common';
import { defaultCredential } from '../authentication/default-credential.ts';
import { AzureClient, REQUEST_TIMEOUT_MS } from '../azure/azure-client.ts';
import { type AzureCloud, findCloud } from '../azure/cloud.ts';
import { hasSlash, type WorkspaceIdentity, workspaceArmId } from './arm-id.ts';
import type { WorkspaceClientOptions } from './client-options.ts';
import { findConfigFile, readConfigFile } from './config-file.ts';
import {
  type DefaultStorage,
  type DefaultStorageOptions,
  type DefaultStorageWithKeys,
  defaultStorage,
  defaultStorageWithKeys,
} from './default-storage.ts';
import { readDetails, type WorkspaceDetails } from './details.ts';
import { checkOptionNames } from './known-options.ts';
import { managementEndpoint } from './management-endpoint.ts';
import {
  checkFromConfigOptions,
  checkWorkspaceOptions,
  type GetWorkspaceOptions,
  type WorkspaceFromConfigOptions,
  type WorkspaceOptions,
} from './options.ts';
import { findServices, SERVICES_MAX_AGE_MS, type WorkspaceServices } from './services.ts';
import { SharedRead } from './shared-read.ts';
import { type WriteConfigOptions, writeConfigFile } from './write-config.ts';

const BRAND = Symbol.for('@azureml-ts/workspace');

/** Whether a value is a {@link Workspace}, whichever copy of the package (ESM, CommonJS) made it. */
export function isWorkspace(value: unknown): value is Workspace {
  return typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
}

/**
 * An Azure Machine Learning workspace. Making one sends no request.
 *
 * Source: `azureml.core.Workspace`, whose constructor already calls Azure.
 *
 * @example
 * ```ts
 * import { Workspace } from '@azureml-ts/core';
 *
 * const ws = new Workspace({
 *   subscriptionId: '11111111-2222-3333-4444-555555555555',
 *   resourceGroup: 'rg1',
 *   workspaceName: 'ws1',
 * });
 * console.log(ws.id);
 * ```
 */
export class Workspace implements WorkspaceIdentity {
  /** Id of the Azure subscription. */
  readonly subscriptionId: string;
  /** Name of the resource group. */
  readonly resourceGroup: string;
  /** Name of the workspace. */
  readonly workspaceName: string;
  // Private: both may hold secrets, which must not show when a workspace is printed.
  readonly #clientOptions: WorkspaceClientOptions;
  readonly #cloudName: string | undefined;
  readonly #endpoint: string;
  readonly #details = new SharedRead<WorkspaceDetails>();
  readonly #services = new SharedRead<WorkspaceServices>(SERVICES_MAX_AGE_MS);
  #credential: TokenCredential | undefined;
  #azure: AzureClient | undefined;
  /** Addresses of the workspace's cloud. @internal */
  readonly cloud: AzureCloud;

  /**
   * @param options The workspace's three names, and how to sign in.
   * @throws {@link ValidationError} `VALIDATION` when a name is missing or empty, or holds a control character, `?`, `#`, `%`
   *   or a slash (in the subscription: with the first request to Azure); when there is no such cloud or option, also in
   *   `clientOptions`; when the endpoint is no https address.
   */
  constructor(options: WorkspaceOptions) {
    checkWorkspaceOptions(options);
    this.subscriptionId = options.subscriptionId;
    this.resourceGroup = options.resourceGroup;
    this.workspaceName = options.workspaceName;
    this.#credential = options.credential ?? undefined;
    this.#clientOptions = options.clientOptions ?? {};
    this.#cloudName = options.cloud;
    this.cloud = findCloud(options.cloud);
    this.#endpoint = managementEndpoint(this.#clientOptions.endpoint, this.cloud);
  }

  /**
   * Makes a workspace from the nearest configuration file.
   *
   * In the folder given, then in each folder above it, these are looked for: `.azureml/config.json`,
   * `.azureml/project.json`, `aml_config/config.json`, `aml_config/project.json`, `config.json`, `project.json`. The
   * first one found is taken, so the nearest folder wins.
   *
   * Source: `Workspace.from_config`. Different on purpose: the nearest folder wins (Python lets a `.azureml` folder far
   * up win), a byte order mark is accepted, and bad files give clear errors.
   *
   * @param options `path`: the file, or the folder to start from (default: the current folder). `fileName`: another
   *   name than `config.json`/`project.json`. `credential`, `clientOptions`: as in the constructor.
   * @throws {@link ConfigFileNotFoundError} `CONFIG_FILE_NOT_FOUND`, listing the folders searched.
   * @throws {@link ConfigFileInvalidError} `CONFIG_FILE_INVALID`, naming the file and the bad fields.
   * @example
   * ```ts
   * import { mkdtemp, writeFile } from 'node:fs/promises';
   * import { tmpdir } from 'node:os';
   * import { join } from 'node:path';
   * import { Workspace } from '@azureml-ts/core';
   *
   * const folder = await mkdtemp(join(tmpdir(), 'workspace-'));
   * await writeFile(
   *   join(folder, 'config.json'),
   *   JSON.stringify({ subscription_id: '11111111-2222-3333-4444-555555555555', resource_group: 'rg1', workspace_name: 'ws1' }),
   * );
   * const ws = await Workspace.fromConfig({ path: folder });
   * console.log(ws.workspaceName); // ws1
   * ```
   */
  static async fromConfig(options: WorkspaceFromConfigOptions = {}): Promise<Workspace> {
    checkFromConfigOptions(options);
    const { path, fileName, ...access } = options;
    return new Workspace({ ...(await readConfigFile(await findConfigFile({ path, fileName }))), ...access });
  }

  /** The workspace's id in Azure Resource Manager. */
  get id(): string {
    return workspaceArmId(this);
  }

  /** The credential given, else the default one, which loads @azure/identity with the first token. */
  get credential(): TokenCredential {
    this.#credential ??= defaultCredential({
      cloud: this.#cloudName,
      audience: this.#endpoint,
      clientOptions: this.#clientOptions,
    });
    return this.#credential;
  }

  /** What {@link get} read last; `undefined` before. */
  get details(): WorkspaceDetails | undefined {
    return this.#details.value;
  }

  /**
   * Reads the workspace: its region, tenant, storage account, Application Insights resource and more.
   *
   * Asked once: further calls give what was read, and calls at the same time share one request. Needs the action
   * `Microsoft.MachineLearningServices/workspaces/read` (role Reader).
   *
   * Source: `Workspace.get_details`; GET .../workspaces/{name}, api-version 2024-04-01.
   *
   * @param options `refresh`: asks again. `timeoutMs`: default 120,000. `abortSignal`.
   * @throws `WORKSPACE_NOT_FOUND`, `AUTHENTICATION_FAILED`, `PERMISSION_DENIED`, `SERVICE_UNREACHABLE`, `TIMEOUT`.
   * @example
   * ```ts
   * import { Workspace } from '@azureml-ts/core';
   * import { startAzureStandIn } from '@azureml-ts/testing';
   *
   * await using standIn = await startAzureStandIn();
   * const { subscriptionId, resourceGroup, workspaceName, credential, clientOptions } = standIn;
   * const ws = new Workspace({ subscriptionId, resourceGroup, workspaceName, credential, clientOptions });
   * const { location, storageAccount } = await ws.get();
   * console.log(location, storageAccount !== undefined); // westus true
   * ```
   */
  get(options: GetWorkspaceOptions = {}): Promise<WorkspaceDetails> {
    const { timeoutMs = REQUEST_TIMEOUT_MS } = options;
    return this.#details.read(`Reading the workspace ${this.workspaceName}`, { ...options, timeoutMs }, (abortSignal) =>
      readDetails(this.azure, this, abortSignal),
    );
  }

  /**
   * Where the classic services of the workspace are. Asked once an hour, and again after a service could not be reached.
   * The variable `AZUREML_DEV_URL_MMS` (or `AZUREML_DEV_URL_ASSETS`, as in Python) names the classic service instead.
   *
   * @throws `CLASSIC_PLANE_MISSING` when the workspace has none; errors of {@link get}.
   * @internal
   */
  discover(options: GetWorkspaceOptions = {}): Promise<WorkspaceServices> {
    const { timeoutMs = REQUEST_TIMEOUT_MS } = options;
    const what = `Asking for the services of the workspace ${this.workspaceName}`;
    return this.#services.read(what, { ...options, timeoutMs }, (abortSignal) => {
      const discoveryUrl = async () =>
        (await this.get({ abortSignal, refresh: options.refresh, timeoutMs: Number.POSITIVE_INFINITY })).discoveryUrl;
      return findServices(this.azure, this, discoveryUrl, abortSignal);
    });
  }

  /**
   * Writes the workspace's three names to `.azureml/config.json` (or into an `aml_config` folder that is there), for
   * {@link fromConfig}, for azureml-core and for azure-ai-ml. The file is written whole or not at all; one that names this
   * workspace already is left as it is.
   *
   * Source: `Workspace.write_config`, whose file azure-ai-ml cannot always read, and which replaces any other.
   *
   * @param options `path`: folder (default: the current one). `fileName`. `overwrite`: replaces the file of another workspace.
   * @returns The file, as an absolute path.
   * @throws `CONFIG_FILE_EXISTS` when there is a file of another workspace, or one that cannot be read;
   *   `CONFIG_FILE_NOT_WRITTEN`; `VALIDATION`.
   */
  async writeConfig(options: WriteConfigOptions = {}): Promise<string> {
    checkOptionNames(options, ['path', 'fileName', 'overwrite'], '{ path }');
    return writeConfigFile(this, options);
  }

  /**
   * Access to the workspace's default blob store, for @azure/storage-blob: by the credential, or, with `useKeys`, by a
   * connection string, masked when it is shown.
   *
   * Needs `.../workspaces/datastores/read`; for keys `.../workspaces/datastores/listsecrets/action`.
   *
   * Source: `Workspace.get_default_datastore`; GET .../datastores?isDefault=true and POST .../listSecrets, api-version 2022-10-01.
   *
   * @param options `useKeys`: asks for a secret (default `false`). `timeoutMs`: default 120,000 for each request. `abortSignal`.
   * @throws `STORAGE_KEYS_UNAVAILABLE` when the datastore has no secret, `DATASTORE_NOT_FOUND`, `DATASTORE_UNSUPPORTED`,
   *   `PERMISSION_DENIED`, ...
   */
  getDefaultStorage(options: DefaultStorageOptions & { readonly useKeys: true }): Promise<DefaultStorageWithKeys>;
  /** The same without keys: for the workspace's credential. */
  getDefaultStorage(
    options?: DefaultStorageOptions & { readonly useKeys?: false | undefined },
  ): Promise<DefaultStorage>;
  async getDefaultStorage(options: DefaultStorageOptions = {}): Promise<DefaultStorage | DefaultStorageWithKeys> {
    checkOptionNames(options, ['useKeys', 'timeoutMs', 'abortSignal'], '{ useKeys: true }');
    return options.useKeys === true ? defaultStorageWithKeys(this, options) : defaultStorage(this, options);
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** Sends requests with the workspace's credential. @internal */
  get azure(): AzureClient {
    if (hasSlash(this.subscriptionId)) {
      // It would be more than one part of the addresses. For what asks nothing of Azure it does no harm.
      throw new ValidationError({
        path: 'subscriptionId',
        expected: 'a name without a slash, for example 11111111-2222-3333-4444-555555555555',
        received: this.subscriptionId,
      });
    }
    this.#azure ??= new AzureClient({
      subscriptionId: this.subscriptionId,
      credential: this.credential,
      clientOptions: this.#clientOptions,
      cloud: this.cloud,
      endpoint: this.#endpoint,
      // It may have moved.
      onUnreachable: () => this.#services.forget(),
    });
    return this.#azure;
  }

  /** How requests are sent, as given. */
  get clientOptions(): WorkspaceClientOptions {
    return this.#clientOptions;
  }

  /** The workspace as plain JSON, without credential and client options. */
  toJSON(): Record<string, string> {
    const { id, subscriptionId, resourceGroup, workspaceName } = this;
    return { id, subscriptionId, resourceGroup, workspaceName };
  }

  /** @internal */
  [inspect.custom](depth: number, options: object): string {
    return `Workspace ${inspect(this.toJSON(), { ...options, depth })}`;
  }
}

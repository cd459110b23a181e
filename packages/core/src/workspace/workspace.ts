import { inspect } from 'node:util';
import type { TokenCredential, TokenCredentialOptions } from '@azure/identity';
import { ValidationError } from '@azureml-ts/common';
import { LazyCredential } from '../authentication/lazy-credential.ts';
import { nameFault, type WorkspaceIdentity, workspaceArmId } from './arm-id.ts';
import { type ConfigFileLocation, findConfigFile, readConfigFile } from './config-file.ts';

/** How requests to Azure are sent. Passed to every client that a workspace makes. */
export interface WorkspaceClientOptions
  extends Pick<TokenCredentialOptions, 'httpClient' | 'additionalPolicies' | 'retryOptions'> {
  /** Address of Azure Resource Manager. Default `https://management.azure.com`. */
  readonly endpoint?: string | undefined;
}

/** How a {@link Workspace} signs in and sends its requests. */
export interface WorkspaceAccess {
  /** Any Azure credential. Default: `DefaultAzureCredential` of @azure/identity, made when the first token is needed. */
  readonly credential?: TokenCredential | undefined;
  /** How requests are sent. */
  readonly clientOptions?: WorkspaceClientOptions | undefined;
}

/** Options of {@link Workspace}. */
export interface WorkspaceOptions extends WorkspaceIdentity, WorkspaceAccess {}

/** Options of {@link Workspace.fromConfig}. */
export interface WorkspaceFromConfigOptions extends ConfigFileLocation, WorkspaceAccess {}

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
  #credential: TokenCredential | undefined;

  /**
   * @param options The workspace's three names, and how to sign in.
   * @throws {@link ValidationError} `VALIDATION` when a name is missing or empty, or holds a control character, or (but for the
   *   subscription) a slash.
   */
  constructor(options: WorkspaceOptions) {
    this.subscriptionId = required('subscriptionId', options?.subscriptionId);
    this.resourceGroup = required('resourceGroup', options?.resourceGroup);
    this.workspaceName = required('workspaceName', options?.workspaceName);
    this.#credential = options.credential;
    this.#clientOptions = options.clientOptions ?? {};
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
    const { path, fileName, ...access } = checkedOptions(options);
    for (const [name, value] of Object.entries({ path, fileName })) {
      if (value !== undefined && (typeof value !== 'string' || value === '')) {
        throw new ValidationError({ path: name, expected: 'a text that is not empty', received: value });
      }
    }
    return new Workspace({ ...(await readConfigFile(await findConfigFile({ path, fileName }))), ...access });
  }

  /** The workspace's id in Azure Resource Manager. */
  get id(): string {
    return workspaceArmId(this);
  }

  /** The credential given, else one that loads @azure/identity's `DefaultAzureCredential` with the first token. */
  get credential(): TokenCredential {
    this.#credential ??= new LazyCredential(async () => {
      const { DefaultAzureCredential } = await import('@azure/identity');
      return new DefaultAzureCredential();
    });
    return this.#credential;
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

function required(path: keyof WorkspaceIdentity, value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new ValidationError({ path, expected: 'a string that is not empty', received: value });
  }
  const fault = nameFault(path, value);
  if (fault !== undefined) {
    throw new ValidationError({ path, expected: `a name without ${fault}`, received: value });
  }
  return value;
}

/** Callers without types pass null, or a path where an object belongs. */
function checkedOptions(options: WorkspaceFromConfigOptions): WorkspaceFromConfigOptions {
  if (typeof options !== 'object' || options === null) {
    throw new ValidationError({ path: 'options', expected: 'an object such as { path }', received: options });
  }
  return options;
}

import { resolve } from 'node:path';
import type { ModelVersion } from '@azure/arm-machinelearning';
import { AzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';
import {
  type ClassicDeployment,
  type ClassicDeploymentConfiguration,
  deployClassic,
} from '../classic/create/deploy-classic.ts';
import { type ClassicDeploymentPlan, planClassic } from '../classic/create/plan-classic.ts';
import { deployLocal } from '../local/deploy-local.ts';
import type { LocalDeploymentConfiguration } from '../local/deployment-configuration.ts';
import type { LocalWebservice } from '../local/local-webservice.ts';
import { type LocalDeploymentPlan, planLocal } from '../local/plan-local.ts';
import { deployOnline } from '../online/deploy/deploy-online.ts';
import type { OnlineDeployOptions } from '../online/deploy/deploy-options.ts';
import { type DeploymentPlan, planDeployment } from '../online/deploy/deployment-plan.ts';
import type { OnlineEndpoint } from '../online/online-endpoint.ts';
import type { ProgressOptions } from '../webservice/progress.ts';
import type { ServiceConfiguration, Webservice } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { type DownloadModelOptions, downloadModel } from './download-model.ts';
import type { InferenceConfig } from './inference-config.ts';
import {
  listModels,
  listModelVersions,
  type ModelRecord,
  type RegisterModelOptions,
  readModel,
  registerModel,
} from './registered-models.ts';

/** Options of {@link Model}. */
export interface ModelOptions {
  /** Name: letters, digits, `-`, `_` and `.`, at most 255, starting with a letter or digit. */
  readonly name: string;
  /** Version; a number is taken as its text. Default `1`. */
  readonly version?: string | number | undefined;
  /** The model's file or folder. A relative path starts at the current folder. */
  readonly path: string;
}

/** Options of {@link Model.deploy}. */
export interface ModelDeployOptions extends WaitOptions, ProgressOptions {
  /** Name of the service: 3 to 32 lower-case letters, digits and dashes, starting with a letter, not ending with a dash. */
  readonly name: string;
  /**
   * Models that the script finds under `AZUREML_MODEL_DIR`. Default: none. A classic service takes registered ones, an online
   * endpoint one model, which is registered first when it is not.
   */
  readonly models?: readonly (Model | RegisteredModel)[] | undefined;
  /** The scoring script. A classic service with one model of a known framework needs none. */
  readonly inferenceConfig?: InferenceConfig | undefined;
  /**
   * Where and how it runs: what `LocalWebservice.deployConfiguration()`, `OnlineEndpoint.deployConfiguration()`,
   * `AksWebservice.deployConfiguration()`, `AciWebservice.deployConfiguration()` or `AksEndpoint.deployConfiguration()`
   * returned.
   */
  readonly deploymentConfig: ServiceConfiguration;
  /** Name of the attached AKS cluster, for `AksWebservice` and `AksEndpoint`; `computeTargetName` of the configuration wins. */
  readonly target?: string | undefined;
  /**
   * Replaces a service of the same name. Its collected rows stay. Default `false`: that is `WEBSERVICE_EXISTS`. At an online
   * endpoint it is the deployment that is replaced, and one that is as asked for already is left alone in any case.
   */
  readonly overwrite?: boolean | undefined;
  /** Waits until the service is there. Default `false`: `waitForDeployment()` waits. */
  readonly wait?: boolean | undefined;
}

/** A model that is registered in the workspace. */
export interface RegisteredModel {
  /** Its id: name and version, for example `best_model:10`. */
  readonly id: string;
  /** What it was trained with, for example `ScikitLearn`: with it, a classic service serves the model without a script. */
  readonly modelFramework?: string | undefined;
}

/** Options of {@link Model.list}. */
export interface ListModelsOptions extends WaitOptions {
  /** Name of the model. Default: all. */
  readonly name?: string | undefined;
  /** Tags with their values, all of which a version must have. Default: any. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** What is known of a model that was read from Azure. */
interface Registered {
  readonly workspace: Workspace;
  readonly resource: ModelVersion;
}

/**
 * A trained model: a name, a version and the file or folder it is kept in.
 *
 * Source: `azureml.core.Model`.
 */
export class Model {
  /** Name of the model. */
  readonly name: string;
  /** Version of the model. */
  readonly version: string;
  /** The model's file or folder, as an absolute path; `undefined` for one that was read from Azure. */
  readonly path: string | undefined;
  /** Id in Azure Resource Manager; `undefined` for one that is not registered. */
  readonly id: string | undefined;
  /** Where Azure keeps its files; `undefined` for one that is not registered. */
  readonly uri: string | undefined;
  /** Tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** Properties. */
  readonly properties: Readonly<Record<string, string>>;
  /** Description for people. */
  readonly description: string | undefined;
  readonly #workspace: Workspace | undefined;

  /** @param options Name, version and path. Checked when the model is deployed, together with everything else. */
  constructor(options: ModelOptions);
  /** @internal */
  constructor(options: Omit<ModelOptions, 'path'> & { readonly path?: undefined }, registered: Registered);
  constructor(options: Omit<ModelOptions, 'path'> & { readonly path?: string | undefined }, registered?: Registered) {
    this.id = registered?.resource.id ?? undefined;
    this.uri = registered?.resource.properties.modelUri ?? undefined;
    this.tags = Object.freeze({ ...(registered?.resource.properties.tags as Record<string, string> | undefined) });
    this.properties = Object.freeze({
      ...(registered?.resource.properties.properties as Record<string, string> | undefined),
    });
    this.description = registered?.resource.properties.description ?? undefined;
    this.#workspace = registered?.workspace;
    this.name = options.name;
    this.version = String(options.version ?? '1');
    // Made absolute at once: the current folder may be another one when the model is deployed.
    this.path = typeof options.path === 'string' && options.path !== '' ? resolve(options.path) : options.path;
  }

  /**
   * Registers a model: uploads its file or folder to the workspace's default datastore, and makes a version of it.
   *
   * Files that are there already are not uploaded again, and a model that is registered with the same files is not registered
   * again. Needs the role "Storage Blob Data Contributor" on the storage account.
   *
   * Source: `Model.register` of azureml-core, which makes a new version each time.
   *
   * @param workspace Whose model.
   * @param options Name, file or folder, version, tags; `abortSignal`, `timeoutMs`, `onUpload`.
   * @throws `VALIDATION`; `MODEL_EXISTS` when the version is there with other files; `STORAGE_PERMISSION_DENIED`,
   *   `STORAGE_UNREACHABLE`; errors of the requests.
   */
  static async register(workspace: Workspace, options: RegisterModelOptions): Promise<Model> {
    return Model.#of(workspace, await registerModel(workspace, options));
  }

  /**
   * Reads a registered model.
   *
   * @param workspace Whose model.
   * @param name Its name.
   * @param version Its version. Default: the newest.
   * @param options `abortSignal`, `timeoutMs`.
   * @throws `MODEL_NOT_FOUND`; `VALIDATION`.
   */
  static async get(
    workspace: Workspace,
    name: string,
    version?: string | number,
    options: WaitOptions = {},
  ): Promise<Model> {
    const wanted = version === undefined || version === 'latest' ? undefined : String(version);
    return Model.#of(workspace, await readModel(workspace, name, wanted, options));
  }

  /**
   * Lists registered models: every version, newest first, of one model or of all.
   *
   * Source: `Model.list` of azureml-core.
   *
   * @param workspace Whose models.
   * @param options `name`: the versions of that model only. `tags`: names and values that a version must have.
   */
  static async *list(workspace: Workspace, options: ListModelsOptions = {}): AsyncGenerator<Model> {
    const { name, tags = {}, ...limits } = options;
    const records = name === undefined ? listModels(workspace, limits) : listModelVersions(workspace, name, limits);
    for await (const record of records) {
      const model = Model.#of(workspace, record);
      if (Object.entries(tags).every(([tag, value]) => model.tags[tag] === value)) {
        yield model;
      }
    }
  }

  static #of(workspace: Workspace, { name, version, resource }: ModelRecord): Model {
    return new Model({ name, version }, { workspace, resource });
  }

  /**
   * Downloads the files of a registered model.
   *
   * Source: `Model.download` of azureml-core.
   *
   * @param directory Folder that they are put into; made when it is not there. Default: the current folder.
   * @param options `overwrite`, `onFile`, `abortSignal`, `timeoutMs`.
   * @returns The file or folder of the model.
   * @throws `MODEL_NOT_REGISTERED`, `FILE_EXISTS`, `MODEL_UNREACHABLE`, `STORAGE_PERMISSION_DENIED`.
   */
  async download(directory = '.', options: DownloadModelOptions = {}): Promise<string> {
    const { name, version, uri } = this;
    if (this.#workspace === undefined || uri === undefined) {
      throw new AzuremlError(
        'MODEL_NOT_REGISTERED',
        `The model ${name}:${version} was made from ${String(this.path)} and not read from a workspace. Take it from there, or get it with Model.get().`,
      );
    }
    return downloadModel(this.#workspace, { name, version, uri }, directory, options);
  }

  /**
   * Deploys a scoring script with its models. Everything is checked before anything is started.
   *
   * Returns as soon as the service's process is started; `waitForDeployment()` tells whether it became healthy.
   *
   * Source: `Model.deploy` of azureml-core.
   *
   * @param workspace The workspace that the service belongs to; a local deployment sends it no request.
   * @param options Name, models, script and configuration.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault; also for a
   *   configuration of no kind that is known.
   * @throws {@link WebserviceError} `WEBSERVICE_EXISTS` when the name is taken and `overwrite` is not set.
   * @throws `INFERENCE_SERVER_NOT_FOUND` when the package @azureml-ts/inference-server is not installed.
   * @example
   * ```ts
   * import { mkdtemp, rm, writeFile } from 'node:fs/promises';
   * import { tmpdir } from 'node:os';
   * import { join } from 'node:path';
   * import { InferenceConfig, LocalWebservice, Model, Workspace } from '@azureml-ts/core';
   *
   * const folder = await mkdtemp(join(tmpdir(), 'deploy-'));
   * await writeFile(join(folder, 'score.mjs'), 'export const run = (body) => JSON.parse(body).data.length;');
   * const ws = new Workspace({ subscriptionId: 'sub', resourceGroup: 'rg1', workspaceName: 'ws1' });
   * const service = await Model.deploy(ws, {
   *   name: 'row-counter',
   *   inferenceConfig: new InferenceConfig({ entryScript: join(folder, 'score.mjs') }),
   *   deploymentConfig: LocalWebservice.deployConfiguration({ directory: folder }),
   * });
   * await service.waitForDeployment();
   * console.log(await service.run({ data: [[1, 2], [3, 4]] })); // 2
   * await service.delete();
   * await rm(folder, { recursive: true });
   * ```
   */
  static async deploy(
    workspace: Workspace,
    options: ModelDeployOptions & { readonly deploymentConfig: LocalDeploymentConfiguration },
  ): Promise<LocalWebservice>;
  /** The same for a classic service: returns as soon as Azure has accepted it, unless `wait` is set. */
  static async deploy<C extends ClassicDeploymentConfiguration>(
    workspace: Workspace,
    options: ModelDeployOptions & { readonly deploymentConfig: C },
  ): Promise<ClassicDeployment<C>>;
  /**
   * The same for an online endpoint: makes an image from the source folder and its `package-lock.json`, then what is missing
   * of the model's version, the environment's version, the endpoint, the deployment and the traffic. What is there already is
   * left alone, so the same call finishes a deployment that was interrupted.
   *
   * Without `wait` it resolves when Azure has accepted the deployment; `waitForDeployment()` then waits, sets the traffic, and
   * takes back what failed.
   *
   * Source: `begin_create_or_update` of the online endpoints and deployments of azure-ai-ml.
   *
   * @throws {@link WebserviceError} `WEBSERVICE_EXISTS` naming what differs; {@link DeploymentFailedError} `DEPLOYMENT_FAILED`
   *   with the last log lines, and `details.rolledBack`; `MODEL_NOT_FOUND`, `MODEL_EXISTS`, `STORAGE_PERMISSION_DENIED`;
   *   errors of the requests.
   */
  static async deploy(workspace: Workspace, options: OnlineDeployOptions): Promise<OnlineEndpoint>;
  /** The same for a configuration of any kind. */
  static async deploy(workspace: Workspace, options: ModelDeployOptions): Promise<Webservice>;
  static async deploy(workspace: Workspace, options: ModelDeployOptions): Promise<Webservice> {
    const kind = kindOf(options);
    if (kind === 'AksWebservice' || kind === 'AciWebservice' || kind === 'AksEndpoint') {
      return deployClassic(workspace, options);
    }
    if (kind === 'OnlineEndpoint') {
      return deployOnline(workspace, options as OnlineDeployOptions);
    }
    const service = await deployLocal(workspace, options);
    if (options.wait === true) {
      const { abortSignal, timeoutMs, onProgress, showOutput } = options;
      await service.waitForDeployment({ abortSignal, timeoutMs, onProgress, showOutput });
    }
    return service;
  }

  /**
   * Tells what `Model.deploy` would do now: which files it would upload and the requests it would send, or, for a local
   * service, what it would start. Checks everything that the deployment checks here; sends nothing but GETs, and starts nothing.
   *
   * Online endpoint: the request that sets the traffic of an endpoint which is made new has, when it is sent, also what the
   * service fills in. Classic service: whether the service accepts it is told by its own checks, which are among the requests.
   *
   * @param workspace Where.
   * @param options Those of `Model.deploy`.
   * @throws As `Model.deploy` does before it changes anything.
   */
  static async planDeployment(workspace: Workspace, options: OnlineDeployOptions): Promise<DeploymentPlan>;
  /** The same for a classic service. */
  static async planDeployment(
    workspace: Workspace,
    options: ModelDeployOptions & { readonly deploymentConfig: ClassicDeploymentConfiguration },
  ): Promise<ClassicDeploymentPlan>;
  /** The same for a local service. */
  static async planDeployment(
    workspace: Workspace,
    options: ModelDeployOptions & { readonly deploymentConfig: LocalDeploymentConfiguration },
  ): Promise<LocalDeploymentPlan>;
  /** The same for a configuration of any kind. */
  static async planDeployment(
    workspace: Workspace,
    options: ModelDeployOptions,
  ): Promise<DeploymentPlan | ClassicDeploymentPlan | LocalDeploymentPlan>;
  static async planDeployment(
    workspace: Workspace,
    options: ModelDeployOptions,
  ): Promise<DeploymentPlan | ClassicDeploymentPlan | LocalDeploymentPlan> {
    switch (kindOf(options)) {
      case 'AksWebservice':
      case 'AciWebservice':
      case 'AksEndpoint':
        return planClassic(workspace, options);
      case 'OnlineEndpoint':
        return planDeployment(workspace, options as OnlineDeployOptions);
      default:
        return planLocal(workspace, options);
    }
  }
}

/** The kind of service that options ask for. */
function kindOf(options: ModelDeployOptions): unknown {
  if (typeof options !== 'object' || options === null) {
    throw new ValidationError({
      path: 'options',
      expected: 'an object { name, models, inferenceConfig, deploymentConfig }',
      received: options,
    });
  }
  return ((options.deploymentConfig ?? {}) as { kind?: unknown }).kind;
}

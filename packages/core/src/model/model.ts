import { resolve } from 'node:path';
import { ValidationError } from '@azureml-ts/common';
import { deployLocal } from '../local/deploy-local.ts';
import type { LocalDeploymentConfiguration } from '../local/deployment-configuration.ts';
import type { LocalWebservice } from '../local/local-webservice.ts';
import type { ServiceConfiguration, Webservice } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { InferenceConfig } from './inference-config.ts';

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
export interface ModelDeployOptions {
  /** Name of the service: 3 to 32 lower-case letters, digits and dashes, starting with a letter, not ending with a dash. */
  readonly name: string;
  /** Models that the script finds under `AZUREML_MODEL_DIR`. Default: none. */
  readonly models?: readonly Model[] | undefined;
  /** The scoring script. */
  readonly inferenceConfig: InferenceConfig;
  /**
   * Where and how it runs: what `LocalWebservice.deployConfiguration()` returned. Those of the other classes are a fault in
   * this version, which does not deploy to Azure yet.
   */
  readonly deploymentConfig: ServiceConfiguration;
  /** Replaces a service of the same name. Its collected rows stay. Default `false`: that is `WEBSERVICE_EXISTS`. */
  readonly overwrite?: boolean | undefined;
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
  /** The model's file or folder, as an absolute path. */
  readonly path: string;

  /** @param options Name, version and path. Checked when the model is deployed, together with everything else. */
  constructor(options: ModelOptions) {
    this.name = options.name;
    this.version = String(options.version ?? '1');
    // Made absolute at once: the current folder may be another one when the model is deployed.
    this.path = typeof options.path === 'string' && options.path !== '' ? resolve(options.path) : options.path;
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
   *   configuration of another kind than `LocalWebservice`.
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
  /** The same for a configuration of any kind. */
  static async deploy(workspace: Workspace, options: ModelDeployOptions): Promise<Webservice>;
  static async deploy(workspace: Workspace, options: ModelDeployOptions): Promise<Webservice> {
    if (typeof options !== 'object' || options === null) {
      throw new ValidationError({
        path: 'options',
        expected: 'an object { name, models, inferenceConfig, deploymentConfig }',
        received: options,
      });
    }
    return deployLocal(workspace, options);
  }
}

import { DeploymentConfigurationError, WebserviceError } from '../errors.ts';
import type { InferenceConfig } from '../model/inference-config.ts';
import type { Model, ModelDeployOptions } from '../model/model.ts';
import { hasSlash } from '../workspace/arm-id.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { checkDeployment, type ScriptPlace } from './check-deployment.ts';
import type { LocalDeploymentConfiguration } from './deployment-configuration.ts';
import { LocalWebservice } from './local-webservice.ts';
import { runningServices } from './running-services.ts';
import { findServerCommand } from './server-command.ts';
import type { StopLimits } from './server-process.ts';
import { ServiceFolder } from './service-folder.ts';

/** What only this package's tests set. */
export interface DeployLocalInternals {
  /** File of the server's command. Default: that of @azureml-ts/inference-server. */
  readonly serverCommand?: string;
  /** How long a stop takes at most. Default: 10 s for requests, then 22 s for the server. */
  readonly stopLimits?: StopLimits;
}

/**
 * Deploys a script as a child process of this one; see `Model.deploy`.
 *
 * @param workspace The workspace that the service belongs to.
 * @param options The deployment.
 * @param internals For tests.
 */
export async function deployLocal(
  workspace: Workspace,
  options: ModelDeployOptions,
  internals: DeployLocalInternals = {},
): Promise<LocalWebservice> {
  const { name, configuration, models, script, scriptVariables, command, folder } = await checkedLocal(
    workspace,
    options,
    internals,
  );
  const running = runningServices.get(folder.path);
  if (running !== undefined && options.overwrite !== true) {
    throw serviceRuns(name, folder.path);
  }
  // Taken at once, so that two deployments of one name at the same time cannot both go on.
  const outcome = Promise.withResolvers<LocalWebservice | undefined>();
  const claim = { delete: async () => (await outcome.promise)?.delete() };
  runningServices.set(folder.path, claim);
  try {
    await running?.delete();
    const modelDirectory = await folder.prepare(name, models);
    const service = new LocalWebservice({
      workspace,
      name,
      configuration,
      folder,
      command,
      environment: { ...script, modelDirectory, scriptVariables },
      models: models.map((model) => `${model.name}:${model.version}`),
      stopLimits: internals.stopLimits,
    });
    // Another deployment that replaces this one may have put its claim there already.
    if (runningServices.get(folder.path) === claim) {
      runningServices.set(folder.path, service);
    }
    outcome.resolve(service);
    return service;
  } catch (error) {
    outcome.resolve(undefined);
    if (runningServices.get(folder.path) === claim) {
      runningServices.delete(folder.path);
    }
    throw error;
  }
}

/** A local deployment in which everything is right that can be seen before it starts. */
export interface CheckedLocal {
  readonly name: string;
  readonly configuration: LocalDeploymentConfiguration;
  readonly models: readonly Model[];
  readonly script: ScriptPlace;
  readonly scriptVariables: Readonly<Record<string, string>>;
  /** File of the server's command. */
  readonly command: string;
  readonly folder: ServiceFolder;
}

/**
 * Checks a local deployment.
 *
 * @throws {@link DeploymentConfigurationError} listing every fault; `INFERENCE_SERVER_NOT_FOUND`.
 */
export async function checkedLocal(
  workspace: Workspace,
  options: ModelDeployOptions,
  internals: DeployLocalInternals,
): Promise<CheckedLocal> {
  const { faults, script } = await checkDeployment(options);
  if (hasSlash(workspace.subscriptionId)) {
    // It is a part of the path of collected rows.
    faults.push({
      path: 'workspace.subscriptionId',
      message: `must not hold a slash, but is "${workspace.subscriptionId}"`,
    });
  }
  if (faults.length > 0) {
    throw new DeploymentConfigurationError(`The deployment of "${options.name ?? 'a service without name'}"`, faults);
  }
  const { name } = options;
  // Checked above.
  const configuration = options.deploymentConfig as LocalDeploymentConfiguration;
  return {
    name,
    configuration,
    models: (options.models ?? []) as readonly Model[],
    script,
    scriptVariables: (options.inferenceConfig as InferenceConfig).environmentVariables,
    command: internals.serverCommand ?? findServerCommand(),
    folder: new ServiceFolder(configuration.directory, name),
  };
}

/** What it means that this process runs a service of the name already. */
export function serviceRuns(name: string, folder: string): WebserviceError {
  return new WebserviceError(
    'WEBSERVICE_EXISTS',
    `This process already runs the service "${name}" in ${folder}. Set overwrite: true to replace it, or delete it first.`,
  );
}

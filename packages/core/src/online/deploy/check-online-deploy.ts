import { isAzuremlError } from '@azureml-ts/common';
import { shown } from '../../classic/configuration/rules.ts';
import { type Environment, isEnvironment } from '../../environment/environment.ts';
import { DeploymentConfigurationError, type DeploymentFault } from '../../errors.ts';
import type { InferenceConfig } from '../../model/inference-config.ts';
import type { ContentFile } from '../../upload/content-file.ts';
import { checkSettings } from '../check-settings.ts';
import { checkTraffic, type Traffic } from '../check-traffic.ts';
import { type OnlineDeploymentOptions, onlineNameFault } from '../deployment-configuration.ts';
import { isPlainAddress } from '../variables.ts';
import { checkModel, type DeployedModel } from './check-model.ts';
import { containerContext } from './container-context.ts';
import type { DeployOnlineInternals, OnlineDeployOptions } from './deploy-options.ts';
import { lockFaults, type NeededPackage } from './package-lock.ts';
import { findScript } from './script-place.ts';

/** A deployment in which everything is right that can be seen from here. */
export interface CheckedDeploy {
  readonly endpointName: string;
  readonly deploymentName: string;
  readonly settings: OnlineDeploymentOptions;
  readonly traffic: Traffic | undefined;
  readonly model: DeployedModel | undefined;
  /** Variables of the script and of the configuration. */
  readonly variables: Readonly<Record<string, string>>;
  /** Where the image comes from: an environment of the caller's, or the files that one is built from. */
  readonly image: { readonly environment: Environment } | { readonly context: readonly ContentFile[] };
  readonly overwrite: boolean;
  readonly rollback: boolean;
}

/** Variables that the image or the deployment sets, and how to set each. */
export const SET_BY_DEPLOYMENT: Readonly<Record<string, string>> = {
  AML_APP_ROOT: 'use sourceDirectory of InferenceConfig',
  AZUREML_ENTRY_SCRIPT: 'use entryScript of InferenceConfig',
  AZUREML_SOURCE_DIRECTORY: 'use sourceDirectory of InferenceConfig',
  AZUREML_MODEL_DIR: 'Azure names the folder of the model',
  SERVER_PORT: 'the image listens on the port that Azure is told of',
  SERVICE_NAME: 'it is the name of the endpoint',
};

/**
 * Checks everything about an online deployment that can be checked before any request.
 *
 * @param options The deployment, as given; values may be anything.
 * @param internals For tests.
 * @throws {@link DeploymentConfigurationError} listing every fault.
 */
export async function checkOnlineDeploy(
  options: OnlineDeployOptions,
  internals: DeployOnlineInternals,
): Promise<CheckedDeploy> {
  const faults: DeploymentFault[] = [];
  const { settings } = options.deploymentConfig;
  if (typeof settings !== 'object' || settings === null) {
    const message = 'must be what OnlineEndpoint.deployConfiguration() returned';
    throw new DeploymentConfigurationError(`The deployment of "${shownName(options.name)}"`, [
      { path: 'deploymentConfig', message },
    ]);
  }
  const { name, deploymentName = settings.deploymentName ?? 'default', target } = options;
  checkNames(name, deploymentName, settings, options.deploymentName, faults);
  if (target !== undefined && target !== settings.computeTargetName) {
    const message = 'must be left out: computeTargetName of the configuration names the Kubernetes cluster';
    faults.push({ path: 'target', message });
  }
  for (const field of ['overwrite', 'rollback', 'wait'] as const) {
    if (options[field] !== undefined && typeof options[field] !== 'boolean') {
      faults.push({ path: field, message: `must be true or false, but is ${shown(options[field])}` });
    }
  }
  const traffic = readTraffic(options, deploymentName, faults);
  const model = await checkModel(options.models, faults);
  const variables = readVariables(options, faults);
  const image = await checkImage(options, faults, internals);
  if (faults.length > 0 || image === undefined) {
    throw new DeploymentConfigurationError(`The deployment of "${shownName(name)}"`, faults);
  }
  return {
    endpointName: name,
    deploymentName,
    settings,
    traffic,
    model,
    // An image that was made here names its script itself.
    variables:
      'environment' in image
        ? { AZUREML_ENTRY_SCRIPT: options.inferenceConfig?.entryScript ?? '', ...variables }
        : variables,
    image,
    overwrite: options.overwrite === true,
    rollback: options.rollback !== false,
  };
}

function shownName(name: unknown): string {
  return typeof name === 'string' ? name : 'a service without name';
}

function checkNames(
  name: unknown,
  deploymentName: unknown,
  settings: OnlineDeploymentOptions,
  given: string | undefined,
  faults: DeploymentFault[],
): void {
  for (const [path, value] of [
    ['name', name],
    ['deploymentName', deploymentName],
  ] as const) {
    const message = onlineNameFault(value);
    if (message !== undefined) {
      faults.push({ path, message });
    }
  }
  if (given !== undefined && settings.deploymentName !== undefined && given !== settings.deploymentName) {
    faults.push({
      path: 'deploymentName',
      message: `is ${shown(settings.deploymentName)} in the configuration; keep one`,
    });
  }
}

function readTraffic(
  options: OnlineDeployOptions,
  deploymentName: string,
  faults: DeploymentFault[],
): Traffic | undefined {
  const { traffic } = options;
  if (traffic === undefined) {
    return undefined;
  }
  try {
    const shares = checkTraffic(traffic);
    const { trafficPercentile } = options.deploymentConfig.settings;
    if (trafficPercentile !== undefined && trafficPercentile !== (shares[deploymentName] ?? 0)) {
      faults.push({
        path: 'traffic',
        message: 'has another share than trafficPercentile of the configuration; keep one',
      });
    }
    return shares;
  } catch (error) {
    faults.push({ path: 'traffic', message: isAzuremlError(error) ? error.message : 'must be an object of shares' });
    return undefined;
  }
}

/** Variables of the script and of the configuration; a name may be in both with the same value. */
function readVariables(options: OnlineDeployOptions, faults: DeploymentFault[]): Record<string, string> {
  const { environmentVariables: own = {} } = options.deploymentConfig.settings;
  const given: unknown = options.inferenceConfig?.environmentVariables ?? {};
  const path = 'inferenceConfig.environmentVariables';
  const script = given as Record<string, string>;
  try {
    checkSettings('the script', { environmentVariables: script }, undefined);
  } catch (error) {
    if (!(error instanceof DeploymentConfigurationError)) {
      throw error;
    }
    faults.push(...error.faults.map((fault) => ({ ...fault, path: `inferenceConfig.${fault.path}` })));
  }
  for (const [name, value] of Object.entries(script)) {
    if (value === null) {
      faults.push({ path: `${path}.${name}`, message: 'must be a string, but is null' });
    } else if (own !== null && Object.hasOwn(own, name) && own[name] !== value) {
      faults.push({ path: `${path}.${name}`, message: 'has another value in the deployment configuration; keep one' });
    }
  }
  for (const [place, names] of [
    [path, script],
    ['deploymentConfig.environmentVariables', own ?? {}],
  ] as const) {
    for (const name of Object.keys(SET_BY_DEPLOYMENT).filter((candidate) => Object.hasOwn(names, candidate))) {
      faults.push({ path: `${place}.${name}`, message: `is set by the deployment; ${SET_BY_DEPLOYMENT[name]}` });
    }
  }
  return { ...script, ...own };
}

async function checkImage(
  options: OnlineDeployOptions,
  faults: DeploymentFault[],
  internals: DeployOnlineInternals,
): Promise<CheckedDeploy['image'] | undefined> {
  const config = options.inferenceConfig as InferenceConfig | null | undefined;
  if (typeof config !== 'object' || config === null) {
    faults.push({ path: 'inferenceConfig', message: `must be an InferenceConfig, but is ${shown(config)}` });
    return undefined;
  }
  const { environment } = config;
  if (environment !== undefined) {
    if (isEnvironment(environment)) {
      if (typeof config.entryScript !== 'string' || config.entryScript === '') {
        faults.push({ path: 'inferenceConfig.entryScript', message: 'must be the path of the script in the image' });
      }
      return { environment };
    }
    const message = 'must be an Environment; a definition with python and docker is for a classic service';
    faults.push({ path: 'inferenceConfig.environment', message });
    return undefined;
  }
  const { script, directory } = await findScript(config, faults);
  if (directory !== undefined) {
    faults.push(...(await lockFaults(directory, neededPackages(options.deploymentConfig.settings))));
  }
  if (script === undefined) {
    return undefined;
  }
  const context = await containerContext(
    {
      script,
      // The name is checked elsewhere; a wrong one must not hide other faults.
      endpointName: onlineNameFault(options.name) === undefined ? options.name : 'scoring',
      ignoreFile: config.ignoreFile,
      serverCommand: internals.serverCommand,
    },
    faults,
  );
  return context === undefined ? undefined : { context };
}

function neededPackages(settings: OnlineDeploymentOptions): NeededPackage[] {
  const { collectModelData, storage } = settings;
  const collects = collectModelData !== undefined && collectModelData !== null && collectModelData !== false;
  const signsIn = typeof storage !== 'string' || (/^https:/i.test(storage) && isPlainAddress(storage));
  return [
    { name: '@azureml-ts/inference-server', why: 'which serves the script' },
    ...(collects ? [{ name: '@azureml-ts/monitoring', why: 'because collectModelData is on' }] : []),
    ...(collects && signsIn
      ? [{ name: '@azure/identity', why: 'with which the rows get into the storage account' }]
      : []),
  ];
}

import { readFile } from 'node:fs/promises';
import { errorMessage } from '@azureml-ts/common';
import { AciDeploymentConfiguration } from '../classic/configuration/aci-deployment-configuration.ts';
import {
  AksDeploymentConfiguration,
  AksEndpointDeploymentConfiguration,
} from '../classic/configuration/aks-deployment-configuration.ts';
import type { ClassicEnvironment } from '../classic/create/classic-environment.ts';
import { type Environment, isEnvironment } from '../environment/environment.ts';
import { DeploymentConfigurationError, type DeploymentFault } from '../errors.ts';
import { LocalDeploymentConfiguration } from '../local/deployment-configuration.ts';
import { InferenceConfig } from '../model/inference-config.ts';
import type { ModelDeployOptions } from '../model/model.ts';
import type { Traffic } from '../online/check-traffic.ts';
import { OnlineDeploymentConfiguration } from '../online/deployment-configuration.ts';
import type { ServiceConfiguration } from '../webservice/webservice.ts';
import type { DeploymentFileType } from './key-rule.ts';
import { type GivenModel, modelOf } from './model-reference.ts';
import { type GivenEnvironment, onlineEnvironment } from './online-environment.ts';

/** What a deployment file says, as `Model.deploy` takes it. */
export interface FileDeploymentOptions extends ModelDeployOptions {
  /** Shares of the traffic of all deployments of an online endpoint, when the file names them. */
  readonly traffic?: Traffic | undefined;
}

/** Options as the reader left them. */
type ReadOptions = Record<string, unknown> & {
  name?: string;
  endpointName?: string;
  deploymentName?: string;
  codeConfiguration?: { code?: string; scoringScript?: string };
  environmentVariables?: Record<string, string>;
  environment?: unknown;
  model?: GivenModel;
  models?: GivenModel[];
  computeTargetName?: string;
  traffic?: Traffic;
};

/**
 * Makes the options of `Model.deploy` from the options that the keys of a file set.
 *
 * @param type Type of the file.
 * @param read The options.
 * @param folder Folder that relative paths start at.
 * @returns The options and every fault; paths are those of the options.
 */
export async function deploymentOptions(
  type: DeploymentFileType,
  read: Record<string, unknown>,
  folder: string,
): Promise<{ options: FileDeploymentOptions | undefined; faults: DeploymentFault[] }> {
  const {
    name,
    endpointName,
    codeConfiguration,
    environment: _environment,
    model,
    models,
    traffic,
    environmentVariables,
    ...rest
  } = read as ReadOptions;
  // Those of `resources` are options of their own.
  const { $schema: _schema, type: _type, resources: _resources, ...settings } = rest;
  const faults: DeploymentFault[] = [];
  if (model !== undefined && models !== undefined) {
    faults.push({ path: 'models', message: 'does not go with model; name all of them here' });
  }
  const all = (models ?? (model === undefined ? [] : [model])).flatMap((given, index) => {
    const found = modelOf(given, folder);
    if ('fault' in found) {
      faults.push({ path: model === undefined ? `models.${index}` : 'model', message: found.fault });
      return [];
    }
    return [found];
  });
  const isClassic = type === 'aks' || type === 'aci' || type === 'aks_endpoint';
  const image = await imageOf(type, read as ReadOptions, faults);
  const configuration = configurationOf(
    type,
    {
      ...withCollector(settings),
      ...(settings.computeTargetName === undefined
        ? {}
        : { computeTargetName: settings.computeTargetName.replace(/^azureml:/, '') }),
      ...(isClassic || environmentVariables === undefined ? {} : { environmentVariables }),
    },
    faults,
  );
  if (configuration === undefined || faults.length > 0) {
    return { options: undefined, faults };
  }
  const options: FileDeploymentOptions = {
    name: endpointName ?? name ?? '',
    models: all,
    deploymentConfig: configuration,
    ...(codeConfiguration?.scoringScript === undefined
      ? {}
      : {
          inferenceConfig: new InferenceConfig({
            entryScript: codeConfiguration.scoringScript,
            sourceDirectory: isEnvironment(image) ? undefined : (codeConfiguration.code ?? folder),
            environment: image,
            ...(isClassic ? { environmentVariables } : {}),
          }),
        }),
    ...(traffic === undefined ? {} : { traffic }),
  };
  return { options, faults };
}

/** Puts the sampling rate of a data collector into the collections that have none of their own. */
function withCollector(settings: ReadOptions): ReadOptions {
  const collector = settings['collectModelData'];
  if (typeof collector !== 'object' || collector === null) {
    return settings;
  }
  const {
    samplingRate,
    requestLogging: _,
    ...rest
  } = collector as {
    samplingRate?: number;
    requestLogging?: unknown;
    collections?: Record<string, object>;
  };
  // The usual collections of the service, because a rate needs one to stand in.
  const collections =
    rest.collections ?? (samplingRate === undefined ? undefined : { model_inputs: {}, model_outputs: {} });
  return {
    ...settings,
    collectModelData:
      collections === undefined
        ? rest
        : {
            ...rest,
            collections: Object.fromEntries(
              Object.entries(collections).map(([name, collection]) => [
                name,
                samplingRate === undefined ? collection : { samplingRate, ...collection },
              ]),
            ),
          },
  };
}

function configurationOf(
  type: DeploymentFileType,
  settings: Record<string, unknown>,
  faults: DeploymentFault[],
): ServiceConfiguration | undefined {
  try {
    switch (type) {
      case 'online':
        return new OnlineDeploymentConfiguration(settings);
      case 'aks':
        return new AksDeploymentConfiguration(settings);
      case 'aks_endpoint':
        return new AksEndpointDeploymentConfiguration(settings);
      case 'aci':
        return new AciDeploymentConfiguration(settings);
      default:
        return new LocalDeploymentConfiguration(settings);
    }
  } catch (error) {
    if (error instanceof DeploymentConfigurationError) {
      faults.push(...error.faults);
      return undefined;
    }
    throw error;
  }
}

/** What the script runs in, when the file says it. */
async function imageOf(
  type: DeploymentFileType,
  { environment, codeConfiguration, endpointName, deploymentName }: ReadOptions,
  faults: DeploymentFault[],
): Promise<ClassicEnvironment | Environment | undefined> {
  if (type !== 'online' || environment === undefined) {
    return classicEnvironment(environment as string | ClassicEnvironment | undefined, faults);
  }
  if (codeConfiguration?.code !== undefined) {
    const message =
      'does not go with environment: the image holds the code, and scoring_script is its path there; without environment the image is made from the code';
    faults.push({ path: 'codeConfiguration.code', message });
  }
  const name = `azureml-ts-${endpointName ?? ''}-${deploymentName ?? 'default'}`;
  return onlineEnvironment(environment as GivenEnvironment, name, faults);
}

async function classicEnvironment(
  given: string | ClassicEnvironment | undefined,
  faults: DeploymentFault[],
): Promise<ClassicEnvironment | undefined> {
  if (typeof given !== 'string') {
    return given;
  }
  try {
    const definition: unknown = JSON.parse(await readFile(given, 'utf8'));
    if (typeof definition === 'object' && definition !== null && !Array.isArray(definition)) {
      return definition as ClassicEnvironment;
    }
    faults.push({ path: 'environment', message: `names a file that holds no JSON object: ${given}` });
  } catch (error) {
    const isJson = error instanceof SyntaxError;
    faults.push({
      path: 'environment',
      message: isJson
        ? `names a file that is not JSON: ${given}`
        : `names a file that cannot be read: ${given} (${errorMessage(error)})`,
    });
  }
  return undefined;
}

import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { serviceNameFault } from '../classic/configuration/rules.ts';
import type { DeploymentFault } from '../errors.ts';
import type { Model, ModelDeployOptions } from '../model/model.ts';
import { WEBSERVICE_KINDS } from '../webservice/find-services.ts';
import { ASSET_NAME_RULE, isAssetName } from '../workspace/asset-name.ts';
import type { LocalDeploymentConfiguration } from './deployment-configuration.ts';
import { destinationFaults } from './insights-destination.ts';
import { variableFaults } from './settings.ts';

const EXTENSIONS = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];

/** The scoring script and its folder, as absolute paths. */
export interface ScriptPlace {
  readonly entryScript: string;
  readonly sourceDirectory: string;
}

/**
 * Checks everything about a deployment that can be checked before anything is started.
 *
 * Source: the name rules of azureml-core.
 *
 * @param options The deployment, as given; values may be anything.
 * @returns Every fault, and where the script is.
 */
export async function checkDeployment(
  options: ModelDeployOptions,
): Promise<{ faults: DeploymentFault[]; script: ScriptPlace }> {
  const faults: DeploymentFault[] = [];
  const nameFault = serviceNameFault(options.name);
  if (nameFault !== undefined) {
    faults.push({ path: 'name', message: nameFault });
  }
  const script = await checkScript(options, faults);
  await checkModels(options, faults);
  if (options.target !== undefined) {
    faults.push({ path: 'target', message: 'must be left out: a local service runs on no cluster' });
  }
  const configuration = localConfiguration(options.deploymentConfig);
  if (configuration === undefined) {
    faults.push({ path: 'deploymentConfig', message: wrongConfiguration(options.deploymentConfig) });
  } else {
    for (const fault of destinationFaults(configuration.settings, process.env)) {
      faults.push({ ...fault, path: `deploymentConfig.${fault.path}` });
    }
  }
  return { faults, script };
}

/** The configuration of a local service; `undefined` when it is another one, or none. */
function localConfiguration(config: unknown): LocalDeploymentConfiguration | undefined {
  const { kind } = (config ?? {}) as { kind?: unknown };
  return kind === 'LocalWebservice' ? (config as LocalDeploymentConfiguration) : undefined;
}

function wrongConfiguration(config: unknown): string {
  const { kind } = (config ?? {}) as { kind?: unknown };
  const expected = 'must be what LocalWebservice.deployConfiguration() returned';
  return WEBSERVICE_KINDS.some((known) => known === kind)
    ? `${expected}, but is for the kind ${String(kind)}: this version deploys to this machine only, not to Azure yet`
    : expected;
}

async function checkScript(options: ModelDeployOptions, faults: DeploymentFault[]): Promise<ScriptPlace> {
  const config = options.inferenceConfig;
  const nowhere = { entryScript: '', sourceDirectory: '' };
  if (typeof config !== 'object' || config === null) {
    faults.push({ path: 'inferenceConfig', message: `must be an InferenceConfig, but is ${shown(config)}` });
    return nowhere;
  }
  const source: unknown = config.sourceDirectory;
  if (source !== undefined && (typeof source !== 'string' || !(await kindIs(resolve(source), 'folder')))) {
    faults.push({
      path: 'inferenceConfig.sourceDirectory',
      message: `must be a folder that exists, but is ${shown(source)}`,
    });
  }
  faults.push(...variableFaults(config.environmentVariables, 'inferenceConfig.environmentVariables'));
  const settings = localConfiguration(options.deploymentConfig)?.settings.environmentVariables ?? {};
  for (const [name, value] of Object.entries(config.environmentVariables ?? {})) {
    if (name in settings && settings[name] !== value) {
      faults.push({
        path: `inferenceConfig.environmentVariables.${name}`,
        message: 'has another value in the deployment configuration; keep one of them',
      });
    }
  }
  const path = 'inferenceConfig.entryScript';
  const given: unknown = config.entryScript;
  if (typeof given !== 'string' || given === '') {
    faults.push({ path, message: `must be the path of the scoring script, but is ${shown(given)}` });
    return nowhere;
  }
  const entryScript = resolve(typeof source === 'string' ? source : '.', given);
  if (!EXTENSIONS.includes(extname(entryScript))) {
    faults.push({ path, message: `must end in ${EXTENSIONS.join(', ')}, but is ${shown(given)}` });
  }
  if (!(await kindIs(entryScript, 'file'))) {
    faults.push({ path, message: `names a file that does not exist: ${entryScript}` });
  }
  return { entryScript, sourceDirectory: typeof source === 'string' ? resolve(source) : dirname(entryScript) };
}

async function checkModels(options: ModelDeployOptions, faults: DeploymentFault[]): Promise<void> {
  const models: unknown = options.models ?? [];
  if (!Array.isArray(models)) {
    faults.push({ path: 'models', message: `must be a list of models, but is ${shown(models)}` });
    return;
  }
  const seen = new Map<string, number>();
  for (const [index, model] of (models as readonly (Partial<Model> | null)[]).entries()) {
    const path = `models[${index}]`;
    if (typeof model !== 'object' || model === null) {
      faults.push({ path, message: `must be a Model, but is ${shown(model)}` });
      continue;
    }
    if (model.id !== undefined && model.path === undefined) {
      faults.push({
        path,
        message: 'must be a Model with a path: a local service takes no model that is only registered',
      });
      continue;
    }
    for (const field of ['name', 'version'] as const) {
      if (!isAssetName(model[field])) {
        const message = `must be ${ASSET_NAME_RULE}, but is ${shown(model[field])}`;
        faults.push({ path: `${path}.${field}`, message });
      }
    }
    if (typeof model.path !== 'string' || model.path === '') {
      faults.push({
        path: `${path}.path`,
        message: `must be the path of a file or folder, but is ${shown(model.path)}`,
      });
    } else if (basename(model.path) === '') {
      faults.push({ path: `${path}.path`, message: 'must not be the root of the file system' });
    } else if (!(await kindIs(model.path, 'any'))) {
      faults.push({
        path: `${path}.path`,
        message: `names a file or folder that does not exist or cannot be read: ${model.path}`,
      });
    }
    const id = `${model.name}:${model.version}`;
    const first = seen.get(id);
    if (first !== undefined) {
      faults.push({ path, message: `is ${id}, as models[${first}] is; give each model a name and version of its own` });
    }
    seen.set(id, first ?? index);
  }
}

async function kindIs(path: string, kind: 'file' | 'folder' | 'any'): Promise<boolean> {
  try {
    const stats = await stat(path);
    await access(path, constants.R_OK);
    return kind === 'any' || (kind === 'file' ? stats.isFile() : stats.isDirectory());
  } catch {
    return false;
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 100)}"` : value === null ? 'null' : typeof value;
}

import { existsSync, statSync } from 'node:fs';
import { basename, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { isEnvironment } from '../../environment/environment.ts';
import type { DeploymentFault } from '../../errors.ts';
import type { InferenceConfig } from '../../model/inference-config.ts';
import type { ModelDeployOptions } from '../../model/model.ts';
import { serviceNameFault } from '../configuration/rules.ts';
import { NO_CODE_FRAMEWORKS } from '../no-code-model.ts';
import { SCRIPT_VARIABLES } from './classic-environment.ts';

/** A module that Python can load by its name. */
const PYTHON_MODULE = /^[A-Za-z_][A-Za-z0-9_]*\.py$/;

/** Where the scoring script of a classic service is. */
export interface ClassicScript {
  /** The source folder, as an absolute path. */
  readonly directory: string;
  /** Path of the script in it, with slashes. */
  readonly file: string;
}

/** The id of a registered model. */
export function modelIdOf(model: NonNullable<ModelDeployOptions['models']>[number]): string | undefined {
  const { id, name, version } = model as { id?: unknown; name?: unknown; version?: unknown };
  if (typeof id === 'string' && id !== '') {
    return id;
  }
  return typeof name === 'string' && name !== '' ? `${name}:${String(version)}` : undefined;
}

/**
 * Checks what can be checked before a classic service is made.
 *
 * @param options The deployment, as given; values may be anything.
 * @returns Every fault, and the script when there is one.
 */
export function checkCreate(options: ModelDeployOptions): {
  faults: DeploymentFault[];
  script: ClassicScript | undefined;
} {
  const faults: DeploymentFault[] = [];
  const nameFault = serviceNameFault(options.name);
  if (nameFault !== undefined) {
    faults.push({ path: 'name', message: nameFault });
  }
  checkTarget(options, faults);
  checkModels(options, faults);
  const script = options.inferenceConfig === undefined ? undefined : checkScript(options.inferenceConfig, faults);
  return { faults, script };
}

function checkTarget({ deploymentConfig, target }: ModelDeployOptions, faults: DeploymentFault[]): void {
  const { kind, computeTargetName } = deploymentConfig as { kind?: unknown; computeTargetName?: unknown };
  if (target !== undefined && (typeof target !== 'string' || target === '')) {
    faults.push({ path: 'target', message: 'must be the name of an attached AKS cluster' });
  } else if (kind === 'AciWebservice' && target !== undefined) {
    faults.push({ path: 'target', message: 'must be left out: a service on ACI runs on no cluster' });
  } else if (kind !== 'AciWebservice' && target === undefined && computeTargetName === undefined) {
    faults.push({ path: 'target', message: 'is needed: the name of the attached AKS cluster (or computeTargetName)' });
  }
}

function checkModels({ models = [], inferenceConfig }: ModelDeployOptions, faults: DeploymentFault[]): void {
  if (!Array.isArray(models)) {
    faults.push({ path: 'models', message: 'must be a list of registered models' });
    return;
  }
  for (const [index, model] of models.entries()) {
    if (typeof model !== 'object' || model === null || modelIdOf(model) === undefined) {
      faults.push({
        path: `models[${index}]`,
        message: 'must be a registered model: { id: "name:version" }, or a Model that is registered',
      });
    }
  }
  const framework: unknown = (models[0] as { modelFramework?: unknown } | undefined)?.modelFramework;
  if (
    inferenceConfig === undefined &&
    !(models.length === 1 && NO_CODE_FRAMEWORKS.some((known) => known === framework))
  ) {
    faults.push({
      path: 'inferenceConfig',
      message: `is needed, unless there is exactly one model with a modelFramework of ${NO_CODE_FRAMEWORKS.join(', ')}`,
    });
  }
}

function checkScript(config: InferenceConfig, faults: DeploymentFault[]): ClassicScript | undefined {
  const at = (field: string) => `inferenceConfig.${field}`;
  const { entryScript, sourceDirectory, environment, environmentVariables } = config;
  if (isEnvironment(environment) || typeof environment?.name !== 'string' || environment.name === '') {
    faults.push({
      path: at('environment'),
      message: 'is needed for a classic service: the definition of an environment, { name, python, docker, ... }',
    });
  }
  for (const name of SCRIPT_VARIABLES.filter((variable) => Object.hasOwn(environmentVariables, variable))) {
    faults.push({ path: at(`environmentVariables.${name}`), message: 'is set by the deployment; leave it out' });
  }
  if (typeof entryScript !== 'string' || entryScript === '') {
    faults.push({ path: at('entryScript'), message: 'must be the path of the scoring script' });
    return undefined;
  }
  const directory = resolve(sourceDirectory ?? (isAbsolute(entryScript) ? join(entryScript, '..') : '.'));
  const path = resolve(directory, entryScript);
  const file = relative(directory, path).replaceAll('\\', '/');
  if (extname(path) !== '.py') {
    faults.push({
      path: at('entryScript'),
      message: `must end in .py, because a classic service runs Python, but is ${entryScript}; a Node script is deployed to an online endpoint`,
    });
  } else if (!PYTHON_MODULE.test(basename(path))) {
    faults.push({
      path: at('entryScript'),
      message: `must be named as a Python module is, with letters, digits and "_", but is ${basename(path)}`,
    });
  }
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    faults.push({ path: at('sourceDirectory'), message: `must be a folder that exists, but is ${directory}` });
  } else if (!existsSync(path) || !statSync(path).isFile()) {
    faults.push({ path: at('entryScript'), message: `names a file that does not exist: ${path}` });
  } else if (file.startsWith('../')) {
    faults.push({ path: at('entryScript'), message: `must be in the source directory ${directory}, but is ${path}` });
  }
  return { directory, file };
}

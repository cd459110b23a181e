import { stat } from 'node:fs/promises';
import { shown } from '../../classic/configuration/rules.ts';
import type { DeploymentFault } from '../../errors.ts';
import type { ModelDeployOptions } from '../../model/model.ts';
import { ASSET_NAME_RULE, isAssetName } from '../../workspace/asset-name.ts';

const ARM_ID = /\/models\/([^/]+)\/versions\/([^/]+)$/i;
const SHORT_ID = /^(?:azureml:)?([^:/]+):([^:/]+)$/;

/** The model of a deployment. */
export interface DeployedModel {
  readonly name: string;
  readonly version: string;
  /** File or folder of a model that may not be registered yet. */
  readonly path?: string | undefined;
  /** Its id in Azure Resource Manager, when it is known. */
  readonly id?: string | undefined;
}

/**
 * Checks the model of an online deployment, which mounts one at most.
 *
 * @param given The models, as given; values may be anything.
 * @param faults Gets every fault.
 */
export async function checkModel(given: unknown, faults: DeploymentFault[]): Promise<DeployedModel | undefined> {
  if (given !== undefined && !Array.isArray(given)) {
    faults.push({ path: 'models', message: `must be a list of models, but is ${shown(given)}` });
    return undefined;
  }
  const models = (given ?? []) as NonNullable<ModelDeployOptions['models']>;
  if (models.length > 1) {
    const message = `must hold one model at most, but holds ${models.length}: an online deployment mounts one; register a folder that holds all as one model`;
    faults.push({ path: 'models', message });
  }
  const [model] = models;
  return model === undefined ? undefined : readModel(model, faults);
}

async function readModel(model: unknown, faults: DeploymentFault[]): Promise<DeployedModel | undefined> {
  const { id, name, version, path } = (model ?? {}) as Record<string, unknown>;
  if (typeof id === 'string') {
    const [, found, ofVersion] = ARM_ID.exec(id) ?? SHORT_ID.exec(id) ?? [];
    if (found === undefined || ofVersion === undefined) {
      faults.push({ path: 'models[0].id', message: `must be name:version, or an id of Azure, but is ${shown(id)}` });
      return undefined;
    }
    return { name: found, version: ofVersion, id: ARM_ID.test(id) ? id : undefined };
  }
  const before = faults.length;
  for (const [field, value] of [
    ['name', name],
    ['version', version],
  ] as const) {
    if (!isAssetName(value)) {
      faults.push({ path: `models[0].${field}`, message: `must be ${ASSET_NAME_RULE}, but is ${shown(value)}` });
    }
  }
  if (typeof path !== 'string' || !(await isReadable(path))) {
    faults.push({ path: 'models[0].path', message: `must be a file or folder that exists, but is ${shown(path)}` });
  }
  return faults.length === before ? { name: String(name), version: String(version), path: String(path) } : undefined;
}

async function isReadable(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

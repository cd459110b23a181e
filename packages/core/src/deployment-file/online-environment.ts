import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ValidationError } from '@azureml-ts/common';
import { Environment, type EnvironmentOptions } from '../environment/environment.ts';
import type { DeploymentFault } from '../errors.ts';
import { isAssetName } from '../workspace/asset-name.ts';

/** An environment as the reader left it. */
export type GivenEnvironment = string | (Partial<EnvironmentOptions> & { readonly osType?: string });

const REGISTERED = /^azureml:([^:@/]+):([^:@/]+)$/;

/**
 * The environment that a file of an online deployment means.
 *
 * @param given A text or fields.
 * @param defaultName Its name when the file gives none.
 * @param faults Gets every fault.
 */
export async function onlineEnvironment(
  given: GivenEnvironment,
  defaultName: string,
  faults: DeploymentFault[],
): Promise<Environment | undefined> {
  if (typeof given === 'string') {
    const [, name, version] = REGISTERED.exec(given) ?? [];
    if (isAssetName(name) && isAssetName(version)) {
      // Looked up when it is deployed: reading a file sends nothing.
      return new Environment({ name, version }, { resource: { properties: {} } });
    }
    const message = `must be azureml:NAME:VERSION, but is "${given.slice(0, 100)}"; name the version, so that the file always means the same image, or write an object with image or build`;
    faults.push({ path: 'environment', message });
    return undefined;
  }
  const { osType: _, ...definition } = given;
  try {
    const environment = new Environment({ ...definition, name: definition.name ?? defaultName });
    const { build } = environment;
    if (build !== undefined) {
      await checkBuild(build.directory, build.dockerfile, faults);
    }
    return environment;
  } catch (error) {
    if (!(error instanceof ValidationError)) {
      throw error;
    }
    // Its sentence begins with the field, which the fault names already.
    const message = error.message.startsWith(`${error.path} `) ? error.message.slice(error.path.length + 1) : '';
    faults.push(
      error.path === 'image' && definition.image === undefined && definition.build === undefined
        ? { path: 'environment', message: 'must have image, or build with a path' }
        : { path: `environment.${error.path}`, message: (message || error.message).replace(/\.$/, '') },
    );
    return undefined;
  }
}

/** A folder without its Dockerfile would be found by the service only, after minutes. */
async function checkBuild(directory: string, dockerfile = 'Dockerfile', faults: DeploymentFault[]): Promise<void> {
  const [folder, file] = await Promise.all(
    [directory, join(directory, dockerfile)].map((path) => stat(path).catch(() => undefined)),
  );
  if (folder?.isDirectory() !== true) {
    faults.push({
      path: 'environment.build.directory',
      message: `must be a folder that exists, but is ${directory}`,
    });
  } else if (file?.isFile() !== true) {
    faults.push({
      path: 'environment.build.dockerfile',
      message: `names a file that does not exist: ${join(directory, dockerfile)}`,
    });
  }
}

import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AzuremlError, errorMessage } from '@azureml-ts/common';
import { DeploymentConfigurationError, type DeploymentFault } from '../errors.ts';
import { DeploymentFileError } from './deployment-file-error.ts';
import { deploymentOptions, type FileDeploymentOptions } from './deployment-options.ts';
import { FileReader } from './file-reader.ts';
import { DEPLOYMENT_FILE_TYPES, type DeploymentFileType } from './key-rule.ts';
import { KEYS, NEEDED } from './keys.ts';
import { locatedFault } from './locate-fault.ts';
import { parseYaml } from './parse-yaml.ts';

/** More than any deployment file has. */
const MOST_BYTES = 1_000_000;

/** Options of {@link readDeploymentFile}. */
export interface ReadDeploymentFileOptions {
  /** Environment that `${{ env.NAME }}` reads. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A deployment file that is sure to be right. */
export interface DeploymentFile {
  /** The file, as an absolute path. */
  readonly file: string;
  /** What it makes. */
  readonly type: DeploymentFileType;
  /** What it says, for `Model.deploy(workspace, { ...options, wait: true })`. Secrets are masked when it is printed. */
  readonly options: FileDeploymentOptions;
  /**
   * The same error in the words of the file: faults that `Model.deploy` found (`inferenceConfig.entryScript`) as faults of
   * the file with their lines. Other errors stay as they are.
   */
  located(error: unknown): unknown;
}

/**
 * Reads a deployment file: YAML or JSON, close to the files of azure-ai-ml for online endpoints and deployments, with a
 * `type` for the other kinds of service.
 *
 * Relative paths start at the folder of the file. `${{ env.NAME }}` stands for a variable of the environment, anywhere in a
 * value; secrets (`primary_key`, `secondary_key`, `app_insights_connection_string`) must come from there. Nothing is sent.
 *
 * Source: `load_online_deployment` and `load_online_endpoint` of azure-ai-ml. Different on purpose: both in one file, keys
 * that are not known are faults, and every fault is told with its line.
 *
 * @param path The file.
 * @param options `env`: the environment.
 * @throws {@link DeploymentFileError} `DEPLOYMENT_FILE_INVALID`, listing every fault; `DEPLOYMENT_FILE_NOT_FOUND`.
 * @example
 * ```ts
 * import { mkdtemp, rm, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { readDeploymentFile } from '@azureml-ts/core';
 *
 * const folder = await mkdtemp(join(tmpdir(), 'deploy-'));
 * await writeFile(
 *   join(folder, 'deployment.yml'),
 *   `endpoint_name: diabetes
 * name: blue
 * code_configuration: { code: src, scoring_script: score.ts }
 * instance_type: Standard_DS3_v2
 * data_collector: true
 * environment_variables: { REGION: "\${{ env.REGION }}" }
 * `,
 * );
 * const { type, options } = await readDeploymentFile(join(folder, 'deployment.yml'), { env: { REGION: 'north' } });
 * console.log(type, options.name, options.deploymentConfig.kind); // online diabetes OnlineEndpoint
 * await rm(folder, { recursive: true });
 * ```
 */
export async function readDeploymentFile(
  path: string,
  options: ReadDeploymentFileOptions = {},
): Promise<DeploymentFile> {
  const file = resolve(path);
  const folder = dirname(file);
  const { root, faults: broken } = await parseYaml(await readText(file));
  if (root === undefined || root.kind !== 'map') {
    const message = 'must be an object such as { endpoint_name, name, code_configuration }';
    throw new DeploymentFileError(
      file,
      broken.length > 0 ? broken : [{ path: '', line: root?.at.line, column: root?.at.column, message }],
    );
  }
  const reader = new FileReader({ folder, env: options.env ?? process.env });
  const typeEntry = root.entries.find(({ key }) => key === 'type');
  const words = Object.fromEntries(DEPLOYMENT_FILE_TYPES.map((type) => [type, type]));
  const type =
    typeEntry === undefined ? 'online' : (reader.readWord(typeEntry, words) as DeploymentFileType | undefined);
  if (type === undefined) {
    // The keys depend on it.
    throw new DeploymentFileError(file, reader.faults);
  }
  const read = reader.readFile(root, KEYS[type], NEEDED[type], type);
  const locate = (fault: DeploymentFault) => locatedFault(fault, type, reader.places);
  const made = await deploymentOptions(type, read, folder);
  // What is missing because it could not be read is told once.
  const told = new Set(reader.faults.map((fault) => fault.path));
  const faults = [...reader.faults, ...made.faults.map(locate).filter((fault) => !told.has(fault.path))];
  if (made.options === undefined || faults.length > 0) {
    throw new DeploymentFileError(file, faults);
  }
  return {
    file,
    type,
    options: made.options,
    located: (error) =>
      error instanceof DeploymentConfigurationError
        ? new DeploymentFileError(file, error.faults.map(locate), { cause: error })
        : error,
  };
}

async function readText(file: string): Promise<string> {
  let size = 0;
  try {
    const stats = await stat(file);
    size = stats.size;
    if (stats.isFile() && size <= MOST_BYTES) {
      return await readFile(file, 'utf8');
    }
  } catch (error) {
    const isThere = (error as { code?: unknown }).code !== 'ENOENT';
    throw new AzuremlError(
      isThere ? 'DEPLOYMENT_FILE_INVALID' : 'DEPLOYMENT_FILE_NOT_FOUND',
      isThere
        ? `The deployment file ${file} cannot be read: ${errorMessage(error)}`
        : `There is no deployment file ${file}. Check the path; a relative one starts at the current folder.`,
      { cause: error, details: { file } },
    );
  }
  const message = size > MOST_BYTES ? `must not be larger than ${MOST_BYTES} bytes, but has ${size}` : 'must be a file';
  throw new DeploymentFileError(file, [{ path: '', line: undefined, column: undefined, message }]);
}

import { type ContainerOptions, checkContainerOptions } from './container-options.ts';
import { deploymentYaml, endpointYaml } from './deployment.ts';
import { dockerfile, dockerignore } from './dockerfile.ts';

/** Names of the files that {@link containerFiles} makes. */
export type ContainerFileName = 'Dockerfile' | '.dockerignore' | 'endpoint.yml' | 'deployment.yml';

/**
 * Makes the texts of the files that put a scoring script into a container and deploy it to a managed online endpoint.
 *
 * The image is the small official one of Node, runs without root and without a shell, tells of its health, ends in good
 * order on SIGTERM, and keeps collected rows in a volume. The packages come from `package-lock.json` (`npm ci`).
 *
 * Source: `environment.inference_config` of the schema `managedOnlineDeployment` (azure-ai-ml 1.35.2).
 *
 * @param options The scoring script, and what differs from the defaults.
 * @returns The text of each file by its name.
 * @throws ValidationError `VALIDATION` for an option of the wrong shape, and for a secret among the variables.
 * @example
 * ```ts
 * import { containerFiles } from '@azureml-ts/inference-server';
 *
 * const files = containerFiles({ entryScript: 'score.ts', models: ['model'], endpointName: 'diabetes' });
 * console.log(files['Dockerfile'].includes('USER 1000:1000')); // true
 * ```
 */
export function containerFiles(options: ContainerOptions): Readonly<Record<ContainerFileName, string>> {
  const checked = checkContainerOptions(options);
  return {
    Dockerfile: dockerfile(checked),
    '.dockerignore': dockerignore(),
    'endpoint.yml': endpointYaml(checked),
    'deployment.yml': deploymentYaml(checked),
  };
}

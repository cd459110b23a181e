import { posix } from 'node:path';
import { redactSecrets, ValidationError } from '@azureml-ts/common';
import { DEFAULT_PORT } from '../options.ts';

/** Options of {@link containerFiles} and {@link writeContainerFiles}. */
export interface ContainerOptions {
  /** The scoring script, relative to the folder of the project, with `/` between folders. */
  readonly entryScript: string;
  /** Port that the container listens on, 1024 to 65535. Default 5001. */
  readonly port?: number | undefined;
  /** Version of Node, as in the tags of its official image: `24` or `24.21.0`; 22.18 or later. Default `24`. */
  readonly nodeVersion?: string | undefined;
  /** Folder of the volume for rows that are collected but not stored yet; `false` for none. Default `/var/azureml-journal`. */
  readonly journalVolume?: string | false | undefined;
  /**
   * Folders of the project that hold models. One becomes `AZUREML_MODEL_DIR`; of several, the folder that holds them all.
   * Default: none, for models that the deployment brings.
   */
  readonly models?: readonly string[] | undefined;
  /** Worker processes, 1 to 64. Default 1. */
  readonly workers?: number | undefined;
  /** Name of the online endpoint. Default `scoring`. */
  readonly endpointName?: string | undefined;
  /** Name of the deployment. Default `blue`. */
  readonly deploymentName?: string | undefined;
  /** A registered model that the deployment brings, such as `azureml:diabetes:1`. Default: none. */
  readonly registeredModel?: string | undefined;
  /** Address of the built image. Default: Azure builds it from the folder of the project. */
  readonly image?: string | undefined;
  /** Size of the machines. Default `Standard_DS2_v2`. */
  readonly instanceType?: string | undefined;
  /** Number of machines. Default 1. */
  readonly instanceCount?: number | undefined;
  /** Requests that Azure passes to one machine at the same time. Default 8 a worker. */
  readonly maxConcurrentRequests?: number | undefined;
  /** Longest time for one request in milliseconds, at most 180,000 as Azure allows. Default 60,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Whether telemetry is on: sets the flag of the deployment and the variable that the server reads. Default `false`. */
  readonly enableAppInsights?: boolean | undefined;
  /** More variables of the environment, for the deployment. Secrets are refused: the files are made to be committed. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** Options after checking, defaults filled in. */
export interface CheckedContainerOptions {
  readonly entryScript: string;
  readonly port: number;
  readonly nodeVersion: string;
  readonly journalVolume: string | undefined;
  /** Relative to the folder of the project. */
  readonly modelDirectory: string | undefined;
  readonly workers: number;
  readonly endpointName: string;
  readonly deploymentName: string;
  readonly registeredModel: string | undefined;
  readonly image: string | undefined;
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly maxConcurrentRequests: number;
  readonly requestTimeoutMs: number;
  readonly enableAppInsights: boolean;
  readonly environment: Readonly<Record<string, string>>;
}

/** Characters that mean nothing to Docker, to YAML or to a shell. */
const PATH = /^[\w@%+=:,.-]+(?:\/[\w@%+=:,.-]+)*$/;
const AZURE_NAME = /^[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]$/;
const IMAGE = /^[\w.-]+(?::\d+)?(?:\/[\w.-]+)*(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/;
const WORD = /^[\w.:/-]+$/;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws ValidationError `VALIDATION`
 */
export function checkContainerOptions(options: ContainerOptions): CheckedContainerOptions {
  const workers = integer('workers', options.workers ?? 1, 1, 64);
  const { journalVolume = '/var/azureml-journal', registeredModel, image } = options;
  return {
    entryScript: projectPath('entryScript', options.entryScript),
    port: integer('port', options.port ?? DEFAULT_PORT, 1_024, 65_535),
    nodeVersion: nodeVersion(options.nodeVersion ?? '24'),
    journalVolume:
      journalVolume === false
        ? undefined
        : text('journalVolume', journalVolume, 'an absolute path without blanks', (path) =>
            isBelow(path, '/') ? path : undefined,
          ),
    modelDirectory: modelDirectory(options.models ?? []),
    workers,
    endpointName: azureName('endpointName', options.endpointName ?? 'scoring'),
    deploymentName: azureName('deploymentName', options.deploymentName ?? 'blue'),
    registeredModel:
      registeredModel === undefined
        ? undefined
        : matching('registeredModel', registeredModel, /^azureml:[\w./:@-]+$/, 'azureml:NAME:VERSION'),
    image: image === undefined ? undefined : matching('image', image, IMAGE, 'the address of an image'),
    instanceType: matching('instanceType', options.instanceType ?? 'Standard_DS2_v2', WORD, 'a size of machines'),
    instanceCount: integer('instanceCount', options.instanceCount ?? 1, 1, 1_000),
    maxConcurrentRequests: integer(
      'maxConcurrentRequests',
      options.maxConcurrentRequests ?? 8 * workers,
      1,
      Number.MAX_SAFE_INTEGER,
    ),
    requestTimeoutMs: integer('requestTimeoutMs', options.requestTimeoutMs ?? 60_000, 1, 180_000),
    enableAppInsights: options.enableAppInsights ?? false,
    environment: environment(options.environment ?? {}),
  };
}

function integer(path: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new ValidationError({ path, expected: `an integer from ${min} to ${max}`, received: value });
  }
  return value;
}

function text<T>(path: string, value: unknown, expected: string, read: (value: string) => T | undefined): T {
  const result = typeof value === 'string' ? read(value) : undefined;
  if (result === undefined) {
    throw new ValidationError({ path, expected, received: value });
  }
  return result;
}

function matching(path: string, value: unknown, pattern: RegExp, expected: string): string {
  return text(path, value, expected, (given) => (pattern.test(given) ? given : undefined));
}

function azureName(path: string, value: unknown): string {
  return matching(path, value, AZURE_NAME, '3 to 32 letters, digits and hyphens, a letter first');
}

function isBelow(path: string, root: '/' | ''): boolean {
  const rest = path.startsWith(root) ? path.slice(root.length) : '';
  return PATH.test(rest) && !rest.split('/').some((part) => part === '.' || part === '..');
}

function projectPath(path: string, value: unknown): string {
  return text(path, value, 'a path inside the project, with / and without blanks', (given) => {
    const normal = posix.normalize(given).replace(/\/$/, '');
    return isBelow(normal, '') ? normal : undefined;
  });
}

function nodeVersion(value: unknown): string {
  return text('nodeVersion', value, 'a version of Node such as 24 or 24.21.0, 22.18 or later', (given) => {
    const match = /^(\d{2})(?:\.(\d{1,2})(?:\.\d{1,2})?)?$/.exec(given);
    const [major, minor] = [Number(match?.[1] ?? 0), match?.[2] === undefined ? 99 : Number(match[2])];
    return major > 22 || (major === 22 && minor >= 18) ? given : undefined;
  });
}

function modelDirectory(models: readonly string[]): string | undefined {
  const folders = models.map((model, index) => projectPath(`models[${index}]`, model).split('/'));
  const [first] = folders;
  if (first === undefined) {
    return undefined;
  }
  if (folders.length === 1) {
    return first.join('/');
  }
  let depth = 0;
  while (folders.every((parts) => depth < parts.length - 1 && parts[depth] === first[depth])) {
    depth += 1;
  }
  if (depth === 0) {
    throw new ValidationError({
      path: 'models',
      expected: 'several models in one folder of their own, such as models/a and models/b',
      received: models,
    });
  }
  return first.slice(0, depth).join('/');
}

function environment(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(values)) {
    const path = `environment.${name}`;
    matching(path, name, /^[A-Za-z_]\w*$/, 'a name of a variable');
    matching(path, value, /^[^\0]*$/, 'a text');
    if (redactSecrets(value) !== value) {
      throw new ValidationError({
        path,
        expected: 'a value without secrets',
        message: `The variable ${name} holds a secret, which would be written to a file. Let the service sign in by its identity, or set the variable when deploying: az ml online-deployment create --set environment_variables.${name}=...`,
      });
    }
  }
  return values;
}

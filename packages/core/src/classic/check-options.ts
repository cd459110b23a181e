import { AzuremlError, ValidationError } from '@azureml-ts/common';
import { checkOptionNames } from '../workspace/known-options.ts';

const WAIT = ['abortSignal', 'timeoutMs'] as const;
const PROGRESS = ['onProgress', 'showOutput'] as const;

/** Names of the options by method. */
const OPTIONS = {
  get: WAIT,
  refresh: WAIT,
  waitForDeployment: [...WAIT, ...PROGRESS],
  update: [...WAIT, ...PROGRESS, 'wait', 'dryRun'],
  migrate: [...WAIT, ...PROGRESS, 'wait'],
  delete: [...WAIT, ...PROGRESS, 'wait'],
  getLogs: [...WAIT, 'numLines', 'container', 'deploymentName'],
  followLogs: ['abortSignal', 'numLines', 'container', 'deploymentName', 'intervalMs'],
  getKeys: WAIT,
  regenerateKey: [...WAIT, ...PROGRESS, 'keyValue'],
  rotateKeys: [...WAIT, ...PROGRESS, 'onKey'],
  getToken: WAIT,
  run: [...WAIT, 'requestId', 'headers', 'deploymentName'],
  list: [
    ...WAIT,
    ...['computeType', 'imageName', 'imageId', 'imageDigest', 'modelName', 'modelId', 'tags', 'properties', 'kind'],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/**
 * Refuses options that a method does not have, and a deployment, which only an online endpoint has.
 *
 * @param method Name of the method.
 * @param options Its options.
 * @param kind Name of the class.
 * @throws {@link ValidationError} `VALIDATION`; `UNSUPPORTED_SETTING`.
 */
export function checkOptions(method: keyof typeof OPTIONS, options: object, kind: string): void {
  checkOptionNames(options, OPTIONS[method], `{ ${OPTIONS[method][0]} }`);
  if ((options as { deploymentName?: unknown }).deploymentName !== undefined) {
    throw new AzuremlError(
      'UNSUPPORTED_SETTING',
      `${method}() has no option deploymentName here: the service is of the kind ${kind}, which has no deployments. ` +
        'OnlineEndpoint has it.',
      { details: { settings: ['deploymentName'], kind, kinds: { deploymentName: ['OnlineEndpoint'] } } },
    );
  }
}

/** Checks what to read of a log. @throws {@link ValidationError} `VALIDATION`. */
export function checkLogOptions(options: { readonly numLines?: unknown; readonly container?: unknown }): void {
  const { numLines, container } = options;
  if (numLines !== undefined && !(Number.isInteger(numLines) && Number(numLines) >= 0)) {
    throw new ValidationError({ path: 'numLines', expected: 'a whole number of 0 or more', received: numLines });
  }
  if (container !== undefined && container !== 'inference-server' && container !== 'storage-initializer') {
    throw new ValidationError({
      path: 'container',
      expected: "'inference-server' or 'storage-initializer'",
      received: container,
    });
  }
}

/** Checks the name of a service, which becomes a part of a path. @throws {@link ValidationError} `VALIDATION`. */
export function checkServiceName(name: unknown): void {
  if (typeof name !== 'string' || name.trim() === '' || name === '.' || name === '..') {
    throw new ValidationError({ path: 'name', expected: 'the name of a service', received: name });
  }
}

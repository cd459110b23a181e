import { AzuremlError } from '@azureml-ts/common';
import { checkOptionNames } from '../workspace/known-options.ts';

const WAIT = ['timeoutMs', 'abortSignal'];
const PROGRESS = [...WAIT, 'onProgress', 'showOutput'];
/** Options that choose among the containers and deployments of an online endpoint. */
const CLOUD = ['container', 'deploymentName'] as const;

/** Names of the options by method. */
const OPTIONS = {
  waitForDeployment: PROGRESS,
  update: [...PROGRESS, 'wait', 'dryRun'],
  reload: [...PROGRESS, 'wait'],
  delete: [...PROGRESS, 'wait', 'keepData'],
  run: [...WAIT, 'requestId', 'headers', 'deploymentName'],
  getLogs: [...WAIT, 'numLines', ...CLOUD],
  followLogs: ['abortSignal', 'numLines', 'intervalMs', ...CLOUD],
  get: [...WAIT, 'directory', 'kind'],
  list: [...WAIT, 'directory', 'kind', 'tags', 'properties'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/**
 * Refuses options that a method of a local service lacks.
 *
 * @param method Name of the method.
 * @param options Its options, as given.
 * @throws {@link ValidationError} `VALIDATION` for one that no method has; `UNSUPPORTED_SETTING` for one that online
 *   endpoints have.
 */
export function checkOptions(method: keyof typeof OPTIONS, options: object): void {
  checkOptionNames(options, OPTIONS[method], `{ ${OPTIONS[method][0]} }`);
  const given = CLOUD.filter((name) => (options as Partial<Record<string, unknown>>)[name] !== undefined);
  if (given.length > 0) {
    throw new AzuremlError(
      'UNSUPPORTED_SETTING',
      `${method}() of a LocalWebservice has no option ${given.join(', ')}: a local service is one process with one log. ` +
        `OnlineEndpoint has ${given.length === 1 ? 'it' : 'them'}.`,
      { details: { kind: 'LocalWebservice', settings: given } },
    );
  }
}

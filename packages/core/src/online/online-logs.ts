import { errorMessage, ValidationError, type WaitOptions } from '@azureml-ts/common';
import { invalidAnswer } from '../azure/request-failure.ts';
import { checkNumLines } from '../local/log-tail.ts';
import type { LogContainer } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { asNotFound, notFoundHint } from './online-api.ts';

/** Names of the containers, as the service spells them. */
const CONTAINERS: Readonly<Record<LogContainer, string>> = {
  'inference-server': 'InferenceServer',
  'storage-initializer': 'StorageInitializer',
};
/** The service takes 32 bits. */
const MAX_LINES = 2_147_483_647;
/** How many lines of each container go with a failure. */
const FAILURE_LINES = 50;

/** Which log. */
export interface LogSource {
  readonly workspace: Workspace;
  readonly endpointName: string;
  readonly deploymentName: string;
  readonly container: LogContainer;
}

/** Checks the container that a caller named. */
export function checkContainer(container: unknown): LogContainer {
  if (typeof container !== 'string' || !Object.hasOwn(CONTAINERS, container)) {
    throw new ValidationError({
      path: 'container',
      expected: `one of ${Object.keys(CONTAINERS).join(', ')}`,
      received: container,
    });
  }
  return container as LogContainer;
}

/**
 * Last lines of a container's log.
 *
 * Source: POST .../deployments/{name}/getLogs, 2022-10-01.
 */
export async function readLogs(source: LogSource, numLines: number, options: WaitOptions): Promise<string> {
  const { workspace, endpointName, deploymentName, container } = source;
  if (checkNumLines(numLines) === 0) {
    return '';
  }
  const what = `Reading the ${container} log of deployment "${deploymentName}" of online endpoint "${endpointName}"`;
  const notFound = { code: 'WEBSERVICE_NOT_FOUND', hint: notFoundHint(workspace, deploymentName) };
  try {
    const { content } = await workspace.azure.call({ what, notFound, ...options }, (client, callOptions) =>
      client.onlineDeployments.getLogs(
        workspace.resourceGroup,
        workspace.workspaceName,
        endpointName,
        deploymentName,
        { containerType: CONTAINERS[container], tail: Math.min(numLines, MAX_LINES) },
        callOptions,
      ),
    );
    // A deployment without a log has none. Callers without types get whatever the service wrote.
    const text: unknown = content ?? '';
    if (typeof text !== 'string') {
      throw invalidAnswer(what, 'whose content is no text');
    }
    return text;
  } catch (error) {
    throw asNotFound(error);
  }
}

/** Last lines of both containers of some deployments, for the error of a failure. */
export async function failureLogs(
  workspace: Workspace,
  endpointName: string,
  deploymentNames: readonly string[],
  abortSignal: AbortSignal,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const logs: Record<string, string[]> = {};
  for (const deploymentName of deploymentNames) {
    for (const container of Object.keys(CONTAINERS) as LogContainer[]) {
      const source = { workspace, endpointName, deploymentName, container };
      const text = await readLogs(source, FAILURE_LINES, { abortSignal }).catch(
        (error: unknown) => `The log could not be read: ${errorMessage(error)}`,
      );
      const lines = text.split(/\r?\n/).filter((line) => line !== '');
      const marked = deploymentNames.length > 1 ? lines.map((line) => `[${deploymentName}] ${line}`) : lines;
      logs[container] = [...(logs[container] ?? []), ...marked];
    }
  }
  return logs;
}

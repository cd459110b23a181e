import { errorMessage } from '@azureml-ts/common';
import { waitForOperation } from '../../azure/long-operation.ts';
import { managementOperation } from '../../azure/management-operation.ts';
import type { EndpointRecord } from '../endpoint-record.ts';
import { provisioningOperation } from '../provisioning.ts';
import { secretValues, variablesOf } from '../variables.ts';
import { writablePart } from '../writable-resource.ts';
import { provisioningOf } from './deploy-state.ts';
import type { RollBack } from './plan-online.ts';

/**
 * Takes a failed deployment back. What goes wrong with it is told, and hides nothing of the failure itself.
 *
 * @param record The endpoint.
 * @param deploymentName The deployment.
 * @param rollBack How.
 * @param abortSignal Ends the wait; then it is thrown.
 * @returns What was done, in words; `undefined` when there was nothing to do.
 */
export async function takeBack(
  record: EndpointRecord,
  deploymentName: string,
  rollBack: RollBack,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  if (rollBack.kind === 'none') {
    return undefined;
  }
  try {
    await (rollBack.kind === 'delete'
      ? remove(record, deploymentName, abortSignal)
      : restore(record, deploymentName, rollBack, abortSignal));
  } catch (error) {
    abortSignal.throwIfAborted();
    return `deployment "${deploymentName}" could not be taken back: ${errorMessage(error)}`;
  }
  return rollBack.kind === 'delete'
    ? `deployment "${deploymentName}", which was new, was deleted`
    : `deployment "${deploymentName}" has its former settings again`;
}

async function remove(record: EndpointRecord, deploymentName: string, abortSignal: AbortSignal): Promise<void> {
  const what = `Taking back deployment "${deploymentName}" of ${record.api.subject}`;
  const answer = await record.api.deleteDeployment(deploymentName, { abortSignal });
  const operation = managementOperation(record.workspace.azure, answer, what);
  if (operation !== undefined) {
    await waitForOperation(operation, subjectOf(record, what), { abortSignal, showOutput: false });
  }
}

async function restore(
  record: EndpointRecord,
  deploymentName: string,
  { before }: Extract<RollBack, { kind: 'restore' }>,
  abortSignal: AbortSignal,
): Promise<void> {
  const what = `Taking back deployment "${deploymentName}" of ${record.api.subject}`;
  const body = writablePart(before);
  const answer = await record.api.put(deploymentName, body, { abortSignal });
  const operation =
    managementOperation(record.workspace.azure, answer, what, secretValues(variablesOf(body))) ??
    provisioningOperation(async (signal) => [
      {
        label: `deployment "${deploymentName}"`,
        state: provisioningOf(await record.api.readDeployment(deploymentName, { abortSignal: signal })),
      },
    ]);
  await waitForOperation(operation, subjectOf(record, what), { abortSignal, showOutput: false });
}

function subjectOf(record: EndpointRecord, what: string) {
  return { ...record.subject(what, []), logs: undefined };
}

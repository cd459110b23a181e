import { endSentence, errorMessage } from '@azureml-ts/common';
import type { AzureAnswer } from '../../azure/azure-client.ts';
import { type OperationStatus, waitForOperation } from '../../azure/long-operation.ts';
import { managementOperation } from '../../azure/management-operation.ts';
import { masked } from '../../azure/service-fault.ts';
import type { EndpointRecord } from '../endpoint-record.ts';
import { writablePart } from '../writable-resource.ts';
import { operationByState } from './deploy-state.ts';
import type { RollBack } from './plan-online.ts';

/** What is taken back. */
export interface FailedPart {
  readonly record: EndpointRecord;
  /** `undefined` for the endpoint itself. */
  readonly deploymentName: string | undefined;
  readonly rollBack: RollBack;
  /** Texts to mask in what the service says. */
  readonly secrets: readonly string[];
}

/**
 * Takes back what failed. What goes wrong with it is told, and hides nothing of the failure itself.
 *
 * @param part What failed, and how it is taken back.
 * @param abortSignal Ends the wait; then it is thrown.
 * @returns What was done, in words; `undefined` when there was nothing to do.
 */
export async function takeBack(part: FailedPart, abortSignal: AbortSignal): Promise<string | undefined> {
  const { record, deploymentName, rollBack, secrets } = part;
  if (rollBack.kind === 'none') {
    return undefined;
  }
  const label = deploymentName === undefined ? 'the endpoint' : `deployment "${deploymentName}"`;
  try {
    const { api } = record;
    const what = `Taking back ${deploymentName === undefined ? '' : `${label} of `}${api.subject}`;
    let answer: AzureAnswer;
    if (rollBack.kind === 'restore') {
      answer = await api.put(deploymentName, writablePart(rollBack.before), { abortSignal, secrets });
    } else {
      answer = await (deploymentName === undefined
        ? api.delete({ abortSignal })
        : api.deleteDeployment(deploymentName, { abortSignal }));
    }
    const operation =
      managementOperation(record.workspace.azure, answer, what, secrets) ??
      (rollBack.kind === 'restore' ? operationByState(record, deploymentName) : undefined);
    if (operation !== undefined) {
      const subject = { ...record.subject(what, []), logs: undefined };
      await waitForOperation(operation, subject, { abortSignal, showOutput: false });
    }
  } catch (error) {
    abortSignal.throwIfAborted();
    return `${label} could not be taken back: ${masked(errorMessage(error), secrets)}`;
  }
  return rollBack.kind === 'delete' ? `${label}, which was new, was deleted` : `${label} has its former settings again`;
}

/** A failure with what was taken back. */
export function withRollBack(status: OperationStatus, takenBack: string | undefined): OperationStatus {
  const told = takenBack === undefined ? '' : ` Roll-back: ${endSentence(takenBack)}`;
  return { ...status, hint: `${status.hint ?? ''}${told}`.trim(), rolledBack: takenBack };
}

import type { WaitOptions } from '@azureml-ts/common';
import { type JsonObject, textAt } from '../../azure/json-object.ts';
import { type LongOperation, waitForOperation } from '../../azure/long-operation.ts';
import type { ProgressOptions } from '../../webservice/progress.ts';
import type { EndpointRecord } from '../endpoint-record.ts';
import { isMissing } from '../online-api.ts';
import { isMoving } from '../online-state.ts';
import { provisioningOperation } from '../provisioning.ts';

/** What is there before a deployment. */
export interface DeployState {
  /** The endpoint; `undefined` when there is none. */
  readonly endpoint: JsonObject | undefined;
  /** The deployment; `undefined` when there is none. */
  readonly deployment: JsonObject | undefined;
  /** Names of the endpoint's other deployments. */
  readonly others: readonly string[];
}

/** Reads what is there. */
export async function readState(
  record: EndpointRecord,
  deploymentName: string,
  options: WaitOptions,
): Promise<DeployState> {
  const { api } = record;
  const endpoint = await present(api.readEndpoint(options));
  const deployments = endpoint === undefined ? undefined : await present(api.readDeployments(options));
  if (endpoint === undefined || deployments === undefined) {
    return { endpoint: undefined, deployment: undefined, others: [] };
  }
  const nameOf = (resource: JsonObject) => textAt(resource, 'name') ?? '';
  // Names are the same in any case for Azure.
  const isThis = (resource: JsonObject) => nameOf(resource).toLowerCase() === deploymentName.toLowerCase();
  const found = deployments.find(isThis);
  return {
    endpoint,
    deployment: found === undefined ? undefined : await present(api.readDeployment(nameOf(found), options)),
    others: deployments.filter((resource) => !isThis(resource)).map(nameOf),
  };
}

/** Reads what is there once nothing is going on with the endpoint and the deployment. */
export async function stateAtRest(
  record: EndpointRecord,
  deploymentName: string,
  options: ProgressOptions & { readonly abortSignal: AbortSignal },
): Promise<DeployState> {
  const { abortSignal } = options;
  let state = await readState(record, deploymentName, { abortSignal });
  if (!isAtWork(state)) {
    return state;
  }
  const operation: LongOperation = {
    id: undefined,
    poll: async (signal) => {
      state = await readState(record, deploymentName, { abortSignal: signal });
      return isAtWork(state)
        ? { state: 'Running', message: `Waiting for work that goes on: ${workOf(state)}` }
        : { state: 'Succeeded', message: 'At rest' };
    },
  };
  const subject = {
    ...record.subject(`Waiting for work on ${record.api.subject} that goes on already`, []),
    doneState: 'Transitioning' as const,
  };
  await waitForOperation(operation, subject, unfinished(options));
  return state;
}

/** Options for a step after which the work goes on: what it tells at its end is not the end. */
export function unfinished<T extends ProgressOptions>(options: T): T {
  const { onProgress } = options;
  return onProgress === undefined
    ? options
    : {
        ...options,
        onProgress: (progress) => onProgress(progress.phase === 'done' ? { ...progress, phase: 'running' } : progress),
      };
}

function isAtWork({ endpoint, deployment }: DeployState): boolean {
  return [endpoint, deployment].some((resource) => resource !== undefined && isMoving(provisioningOf(resource)));
}

function workOf({ endpoint, deployment }: DeployState): string {
  return [
    ['endpoint', endpoint],
    ['deployment', deployment],
  ]
    .flatMap(([what, resource]) => {
      const state = provisioningOf(resource as JsonObject | undefined);
      return isMoving(state) && resource !== undefined ? [`the ${what} is ${state}`] : [];
    })
    .join(', ');
}

/** The work of the service on the endpoint or on a deployment, seen by its state. */
export function operationByState(record: EndpointRecord, deploymentName: string | undefined): LongOperation {
  const { api } = record;
  const label = deploymentName === undefined ? 'the endpoint' : `deployment "${deploymentName}"`;
  return provisioningOperation(async (abortSignal) => {
    const resource = await (deploymentName === undefined
      ? api.readEndpoint({ abortSignal })
      : api.readDeployment(deploymentName, { abortSignal }));
    return [{ label, state: provisioningOf(resource) }];
  });
}

/** The provisioning state of a resource. */
export function provisioningOf(resource: JsonObject | undefined): string | undefined {
  return textAt(resource, 'properties', 'provisioningState');
}

async function present<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  }
}

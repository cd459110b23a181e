import { type Answer, type AzureRequest, managementError } from '../answer.ts';
import { recordIn } from '../json.ts';
import type { LongOperation, Outcome } from '../operations.ts';
import type { AzureOperationPlan, AzureResource } from '../stand-in-types.ts';
import type { World } from '../world.ts';

/** Something with a provisioning state. */
interface Provisioned {
  resource: AzureResource;
}

/** Sets the provisioning state of an endpoint or a deployment. @internal */
export function setProvisioningState(owner: Provisioned, state: string): void {
  recordIn(owner.resource, 'properties')['provisioningState'] = state;
}

/** Refuses a second write while an operation runs. @internal */
export function busyFault(world: World, owner: object | undefined, what: string): Answer | undefined {
  const running = owner === undefined ? undefined : world.operations.runningOn(owner);
  return running === undefined
    ? undefined
    : managementError(
        409,
        'Conflict',
        `There is already an operation running on ${what}: wait until it is finished, then try again.`,
        { additionalInfo: [{ type: 'OperationId', info: { value: running.id } }] },
      );
}

/**
 * Starts an operation that moves the provisioning state along.
 *
 * @param onSuccess What it does to the resource when it succeeds.
 * @internal
 */
export function startProvisioning(
  world: World,
  owner: Provisioned,
  during: string,
  onSuccess: (plan: AzureOperationPlan) => void = () => {},
  onEnd: (plan: AzureOperationPlan) => void = () => {},
): LongOperation {
  setProvisioningState(owner, during);
  return world.operations.start(owner, (outcome: Outcome, plan) => {
    setProvisioningState(owner, outcome);
    if (outcome === 'Succeeded') {
      onSuccess(plan);
    }
    onEnd(plan);
  });
}

/** Headers that lead to the status of an operation, in the cloud that the request came to. @internal */
export function operationHeaders(
  world: World,
  request: AzureRequest,
  operation: LongOperation,
  kinds: readonly ('azure-asyncoperation' | 'location')[],
): Record<string, string> {
  const { subscriptionId, location } = world.names;
  const base =
    `${request.url.origin}/subscriptions/${subscriptionId}/providers/Microsoft.MachineLearningServices` +
    `/locations/${location}`;
  const query = `?api-version=${request.url.searchParams.get('api-version') ?? ''}&type=async`;
  return {
    'x-ms-async-operation-timeout': 'PT1H',
    ...(kinds.includes('azure-asyncoperation')
      ? { 'azure-asyncoperation': `${base}/mfeOperationsStatus/${operation.id}${query}` }
      : {}),
    ...(kinds.includes('location') ? { location: `${base}/mfeOperationResults/${operation.id}${query}` } : {}),
    ...retryAfter(operation),
  };
}

function retryAfter(operation: LongOperation): Record<string, string> {
  const seconds = operation.plan.retryAfter;
  return seconds === undefined || operation.outcome !== undefined ? {} : { 'retry-after': String(seconds) };
}

/** Answers a status link. @internal */
export function answerStatus(operation: LongOperation, link: 'status' | 'result'): Answer {
  const outcome = operation.poll();
  const error = outcome === undefined || outcome === 'Succeeded' ? undefined : errorOfOperation(operation, outcome);
  const headers = retryAfter(operation);
  if (link === 'status') {
    return {
      status: 200,
      headers,
      body: {
        id: operation.id,
        name: operation.id,
        status: outcome ?? 'InProgress',
        startTime: operation.startedAt.toISOString(),
        ...(outcome === undefined
          ? {}
          : { endTime: operation.endedAt?.toISOString(), percentComplete: outcome === 'Succeeded' ? 100 : undefined }),
        ...(error === undefined ? {} : { error }),
      },
    };
  }
  if (outcome === undefined) {
    return { status: 202, headers: { ...headers } };
  }
  return error === undefined ? { status: 200, body: operation.result() } : { status: 400, body: { error } };
}

function errorOfOperation(operation: LongOperation, outcome: Outcome): object {
  return (
    operation.plan.error ??
    (outcome === 'Canceled'
      ? { code: 'OperationCanceled', message: 'The operation was canceled.' }
      : { code: 'InternalServerError', message: 'The operation failed.' })
  );
}

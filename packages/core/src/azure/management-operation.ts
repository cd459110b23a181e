import { AzuremlError } from '@azureml-ts/common';
import type { AzureAnswer, AzureClient } from './azure-client.ts';
import { isJsonObject, textAt, valueAt } from './json-object.ts';
import type { LongOperation, OperationStatus } from './long-operation.ts';
import { retryAfterOf } from './retry-after.ts';
import { faultOf } from './service-fault.ts';

export { retryAfterOf };

/**
 * The long operation that an answer of Azure Resource Manager began.
 *
 * Source: Azure Resource Manager's asynchronous operations: `Azure-AsyncOperation` (a status body), else `Location`
 * (202 until it is done), else the resource's own `provisioningState`.
 *
 * @param client Asks for the status.
 * @param answer The answer to PUT, PATCH, POST or DELETE.
 * @param what The work, for errors.
 * @param secrets Texts to mask in what the service says of a failure.
 * @returns The operation, or `undefined` when the answer says that all is done. A link that is no address, or leads to a
 *   foreign host, fails when it is asked at.
 */
export function managementOperation(
  client: AzureClient,
  answer: AzureAnswer,
  what: string,
  secrets?: readonly string[],
): LongOperation | undefined {
  const statusUrl = answer.header('azure-asyncoperation') || undefined;
  const location = answer.header('location') || undefined;
  const url = statusUrl ?? (answer.status === 202 ? location : undefined);
  if (url === undefined) {
    return undefined;
  }
  return {
    id: operationId(url),
    retryAfterMs: retryAfterOf(answer),
    poll: async (abortSignal) => {
      const status = await client.send({
        method: 'GET',
        url,
        abortSignal,
        secrets,
        what: `Asking for the state of: ${what}`,
        notFound: {
          code: 'OPERATION_NOT_FOUND',
          hint: 'The service no longer knows the operation; read the service again to see where it stands.',
        },
      });
      return statusUrl === undefined ? locationStatus(status) : bodyStatus(status, what, secrets);
    },
  };
}

function bodyStatus(answer: AzureAnswer, what: string, secrets: readonly string[] | undefined): OperationStatus {
  const said = textAt(answer.json, 'status') ?? textAt(answer.json, 'properties', 'provisioningState');
  if (said === undefined) {
    throw new AzuremlError('INVALID_ANSWER', `The state of "${what}" holds no status. Read the service again.`, {
      statusCode: answer.status,
      requestId: answer.requestId,
    });
  }
  const percent = valueAt(answer.json, 'percentComplete');
  return {
    state: stateOf(said),
    message: said,
    fault: isJsonObject(answer.json) && answer.json['error'] ? faultOf(answer.json['error'], secrets) : undefined,
    percentComplete: typeof percent === 'number' ? percent : undefined,
    retryAfterMs: retryAfterOf(answer),
    requestId: answer.requestId,
  };
}

function locationStatus(answer: AzureAnswer): OperationStatus {
  return {
    state: answer.status === 202 ? 'Running' : 'Succeeded',
    message: answer.status === 202 ? 'InProgress' : 'Succeeded',
    retryAfterMs: retryAfterOf(answer),
    requestId: answer.requestId,
  };
}

function stateOf(said: string): OperationStatus['state'] {
  switch (said.toLowerCase()) {
    case 'succeeded':
      return 'Succeeded';
    case 'failed':
      return 'Failed';
    case 'canceled':
    case 'cancelled':
      return 'Canceled';
    default:
      return 'Running';
  }
}

function operationId(url: string): string | undefined {
  const base = 'https://management.azure.com';
  return URL.canParse(url, base) ? new URL(url, base).pathname.split('/').filter(Boolean).at(-1) : undefined;
}

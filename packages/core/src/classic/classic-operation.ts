import { AzuremlError } from '@azureml-ts/common';
import type { AzureAnswer } from '../azure/azure-client.ts';
import { textAt, valueAt } from '../azure/json-object.ts';
import type { LongOperation, OperationStatus } from '../azure/long-operation.ts';
import { retryAfterOf } from '../azure/management-operation.ts';
import { faultOf, INVALID_HINT, type ServiceFault } from '../azure/request-failure.ts';
import type { ProgressOptions } from '../webservice/progress.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { callModelManagement } from './model-management.ts';

/** An operation of the classic service that was begun. */
export interface BegunOperation {
  /** Its id: the last part of `Operation-Location`. */
  readonly id: string;
  /** No look before this many milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Texts to mask in what the service says of a failure. */
  readonly secrets?: readonly string[] | undefined;
}

/** What {@link classicOperation} asks for and tells. */
export interface ClassicOperationInit extends BegunOperation {
  /** The work, for errors. */
  readonly what: string;
  /** Asks for the new part of the operation's log each time, because somebody reads it. */
  readonly isTold: boolean;
  /** Sends the content type of JSON, as the Python client does when it waits for a key. Default `false`. */
  readonly hasContentType?: boolean | undefined;
  /** Is called once when the operation failed; may tell why when the operation itself does not. */
  readonly onFailed?: ((abortSignal: AbortSignal) => Promise<ServiceFault | undefined>) | undefined;
}

/**
 * The operation that an answer began.
 *
 * Source: `Operation-Location` of an answer 202, of which only the id counts; `operationId` in the body of a 200.
 *
 * @returns `undefined` when the answer says that all is done.
 * @throws `INVALID_ANSWER` for a 202 that names no operation.
 */
export function begunOperation(answer: AzureAnswer, what: string): BegunOperation | undefined {
  const location = answer.header('operation-location');
  const id =
    location === undefined
      ? textAt(answer.json, 'operationId')
      : new URL(location, 'https://operation.invalid').pathname.split('/').filter(Boolean).at(-1);
  if (id !== undefined && id !== '') {
    return { id: decodeURIComponent(id), retryAfterMs: retryAfterOf(answer) };
  }
  if (answer.status === 202) {
    throw new AzuremlError(
      'INVALID_ANSWER',
      `${what} was accepted, but the answer names no operation (Operation-Location), so its end cannot be waited for. ` +
        'Call refresh() and read the state. ' +
        INVALID_HINT,
      { statusCode: answer.status, requestId: answer.requestId },
    );
  }
  return undefined;
}

/**
 * Looks after an operation of the classic service.
 *
 * @param workspace Whose operation.
 * @param init Which operation, and who wants to know.
 */
export function classicOperation(workspace: Workspace, init: ClassicOperationInit): LongOperation {
  let polls = 0;
  let offset = 0;
  return {
    id: init.id,
    retryAfterMs: init.retryAfterMs,
    poll: async (abortSignal) => {
      const answer = await callModelManagement(workspace, {
        method: 'GET',
        path: `operations/${encodeURIComponent(init.id)}`,
        query: { offset: init.isTold && polls > 0 ? String(offset) : undefined },
        hasContentType: init.hasContentType,
        abortSignal,
        secrets: init.secrets,
        what: `Asking for the state of: ${init.what}`,
        notFound: {
          code: 'OPERATION_NOT_FOUND',
          hint: 'The service no longer knows the operation; call refresh() to see where the service stands.',
        },
      });
      polls += 1;
      const log = textAt(answer.json, 'streamingOperationLog') ?? '';
      offset += log.length;
      const status = readStatus(answer, init, log);
      const hasFailed = status.state !== 'Running' && status.state !== 'Succeeded';
      const told = hasFailed ? await init.onFailed?.(abortSignal) : undefined;
      return status.fault === undefined && told !== undefined ? { ...status, fault: told } : status;
    },
  };
}

/** Whether somebody is told of each step of a wait. */
export function isTold(options: ProgressOptions): boolean {
  return options.onProgress !== undefined || (options.showOutput ?? process.stderr.isTTY === true);
}

/** A fault with the line breaks that the service escapes in its messages. */
export function unescapedFault(value: unknown, secrets?: readonly string[]): ServiceFault | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  const fault = faultOf(value, secrets);
  return { ...fault, message: fault.message?.replaceAll('\\r', '').replaceAll('\\n', '\n') };
}

function readStatus(answer: AzureAnswer, init: ClassicOperationInit, log: string): OperationStatus {
  const said = textAt(answer.json, 'state');
  if (said === undefined) {
    throw new AzuremlError('INVALID_ANSWER', `The state of "${init.what}" holds no state. ${INVALID_HINT}`, {
      statusCode: answer.status,
      requestId: answer.requestId,
    });
  }
  const step = textAt(answer.json, 'operationDetails', 'subOperationType');
  const lines = init.isTold ? logLines(log) : [];
  return {
    state: stateOf(said),
    message: lines.length > 0 ? lines.join('\n') : step === undefined ? said : `${said} (${step})`,
    fault: unescapedFault(valueAt(answer.json, 'error'), init.secrets),
    hint: hintOf(step, textAt(answer.json, 'operationLog')),
    retryAfterMs: retryAfterOf(answer),
    requestId: answer.requestId,
  };
}

/** Lines of `yyyyMMddHHmmss|text#yyyyMMddHHmmss|text`, with the times as ISO 8601 UTC. */
function logLines(log: string): string[] {
  return log
    .split(/#(?=\d{14}\|)/)
    .map((entry) => entry.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\|/, '$1-$2-$3T$4:$5:$6Z ').trim())
    .filter((line) => line !== '');
}

function hintOf(step: string | undefined, operationLog: string | undefined): string | undefined {
  const isBuild = step === 'BuildEnvironment' || step === 'BuildImage';
  return isBuild && operationLog !== undefined ? `The log of the build is at ${operationLog}` : undefined;
}

function stateOf(said: string): OperationStatus['state'] {
  switch (said.toLowerCase()) {
    case 'succeeded':
      return 'Succeeded';
    case 'failed':
      return 'Failed';
    case 'cancelled':
    case 'canceled':
      return 'Canceled';
    case 'timedout':
      return 'TimedOut';
    default:
      return 'Running';
  }
}

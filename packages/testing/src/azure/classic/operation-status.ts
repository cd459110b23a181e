import { isRecord } from '../../telemetry/json-record.ts';
import type { Answer, AzureRequest } from '../answer.ts';
import type { LongOperation, Outcome } from '../operations.ts';
import type { World } from '../world.ts';

const STATES: Readonly<Record<Outcome, string>> = { Succeeded: 'Succeeded', Failed: 'Failed', Canceled: 'Cancelled' };

/** The answer that starts a long operation. @internal */
export function accepted(world: World, base: string, operation: LongOperation): Answer {
  const seconds = operation.plan.retryAfter;
  return {
    status: 202,
    headers: {
      'operation-location': `${world.addresses.workspace}${base}/operations/${operation.id}`,
      ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
    },
  };
}

/** GET of an operation. @internal */
export function answerOperation(operation: LongOperation, request: AzureRequest): Answer {
  const outcome = operation.poll();
  const { extra = {}, retryAfter } = operation.plan;
  const log = extra['streamingOperationLog'];
  const offset = Number(request.url.searchParams.get('offset') ?? 0);
  return {
    status: 200,
    headers: retryAfter === undefined || outcome !== undefined ? {} : { 'retry-after': String(retryAfter) },
    body: {
      id: operation.id,
      operationType: 'Service',
      state: outcome === undefined ? 'Running' : STATES[outcome],
      createdTime: operation.startedAt.toISOString(),
      endTime: operation.endedAt?.toISOString() ?? null,
      resourceLocation: null,
      error: outcome === 'Failed' ? failure(operation) : null,
      ...extra,
      // The client says how much of the text it has.
      ...(typeof log === 'string' ? { streamingOperationLog: log.slice(offset) } : {}),
    },
  };
}

/** The error of a failed operation as the classic service words it. @internal */
export function failure(operation: LongOperation): object {
  const { code, message, details } = operation.plan.error ?? { code: 'Failed', message: 'The operation failed.' };
  return {
    code,
    statusCode: 400,
    message,
    details: Array.isArray(details) ? details.filter(isRecord) : [{ code, message }],
  };
}

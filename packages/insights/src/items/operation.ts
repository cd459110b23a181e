import type { RequestContext } from '@azureml-ts/common';
import { nodeCrypto } from '../node-modules.ts';

/** What ties items to their request. @internal */
export interface Operation {
  /** Trace id, 32 hexadecimal digits: `operation_Id`. */
  readonly traceId: string;
  /** Id of the request item, 16 hexadecimal digits; the parent of what happens inside. */
  readonly spanId: string;
}

/** The ids of a request by which items are tied to it. @internal */
export type RequestIds = Pick<RequestContext, 'requestId' | 'traceId' | 'spanId'>;

/**
 * The trace and span of a request; derived from its request id where it has none, the same for every item.
 *
 * @internal
 */
export function operationOf(request: RequestIds): Operation {
  const { requestId, traceId, spanId } = request;
  if (traceId !== undefined && spanId !== undefined) {
    return { traceId, spanId };
  }
  const digest = nodeCrypto().createHash('sha256').update(requestId).digest('hex');
  const plain = requestId.replaceAll('-', '').toLowerCase();
  return {
    // A request id that is a GUID is found again as it is.
    traceId: traceId ?? (/^[0-9a-f]{32}$/.test(plain) ? plain : digest.slice(0, 32)),
    spanId: spanId ?? digest.slice(32, 48),
  };
}

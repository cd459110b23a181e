import { currentRequest } from '@azureml-ts/common';
import { requestInProgress } from '../context.ts';
import { nodeCrypto } from '../node-modules.ts';

/** What made a call. @internal */
export interface CallOrigin {
  readonly traceId: string;
  readonly parentSpanId: string | undefined;
  /** The `tracestate` that came with the request. */
  readonly traceState: string | undefined;
  /** Whether it is made for a request: only then its receiver is told of the trace. */
  readonly isInRequest: boolean;
  /** Spans that cannot be the call's own: that of its request, and of the caller of that. */
  readonly otherSpanIds: readonly (string | undefined)[];
}

/** The request in progress, else the OpenTelemetry span that the code runs in, else an operation of its own. @internal */
export function callOrigin(): CallOrigin {
  const request = currentRequest();
  const { traceId = nodeCrypto().randomBytes(16).toString('hex'), spanId } = requestInProgress()?.operation ?? {};
  return {
    traceId,
    parentSpanId: spanId,
    traceState: request?.traceState,
    isInRequest: request !== undefined,
    otherSpanIds: [spanId, request?.parentSpanId],
  };
}

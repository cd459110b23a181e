import { AsyncLocalStorage } from 'node:async_hooks';
import { processSingleton } from './process-singleton.ts';

/**
 * The scoring request that the current code works for.
 *
 * Source: the ids are those of the reference inference server (`x-request-id`, `x-ms-client-request-id`).
 */
export interface RequestContext {
  /** Id of the request: the `x-request-id` header, or an id made by the server. At most 100 characters. */
  readonly requestId: string;
  /** Id that the caller gave (`x-ms-client-request-id`), when it gave one. */
  readonly clientRequestId?: string | undefined;
  /** When the request arrived. */
  readonly startedAt: Date;
  /** W3C trace id of the request: 32 lower-case hexadecimal digits. */
  readonly traceId?: string | undefined;
  /** W3C span id of the request: 16 lower-case hexadecimal digits. */
  readonly spanId?: string | undefined;
  /** W3C span id of the caller, when it sent one. */
  readonly parentSpanId?: string | undefined;
  /** W3C `tracestate` header of the caller: it goes on to the services that the request calls. */
  readonly traceState?: string | undefined;
  /** Room for what one package remembers for the length of the request; keys are symbols of that package. */
  readonly state: Map<symbol, unknown>;
}

const storage = processSingleton('request-context', 1, () => new AsyncLocalStorage<RequestContext | undefined>());

/**
 * Returns the request that the calling code works for, also behind `await`, timers and callbacks.
 *
 * @returns The request, or `undefined` outside any request (in `init()`, for example).
 * @example
 * ```ts
 * import { currentRequest, runWithRequest } from '@azureml-ts/common';
 *
 * runWithRequest({ requestId: 'r-1' }, () => {
 *   console.log(currentRequest()?.requestId); // r-1
 * });
 * ```
 */
export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}

/** What {@link runWithRequest} needs to know of a request. */
export interface RequestContextInit extends Partial<Omit<RequestContext, 'state' | 'requestId'>> {
  /** Id of the request. */
  readonly requestId: string;
}

/**
 * Runs a function as part of a request: whatever it calls, sees that request in {@link currentRequest}.
 *
 * A server calls this once per request; a batch job may call it once per item to tie rows and printed lines together.
 *
 * @param request The request; `startedAt` is now when left out.
 * @param run The work; its result, or promise, is returned as it is.
 */
export function runWithRequest<T>(request: RequestContextInit, run: () => T): T {
  const context: RequestContext = { ...request, startedAt: request.startedAt ?? new Date(), state: new Map() };
  return storage.run(context, run);
}

/**
 * Runs a function outside any request.
 *
 * @internal
 */
export function runOutsideRequests<T>(run: () => T): T {
  return storage.run(undefined, run);
}

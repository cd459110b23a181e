import type { PipelinePolicy, PipelineRequest, PipelineResponse, RestError } from '@azure/core-rest-pipeline';
import { retryAfterMs } from '@azureml-ts/common';
import { MAX_RETRY_AFTER_MS } from './retry-after.ts';
import { timeLeft } from './time-left.ts';

/** How requests are sent again. */
export interface ResendOptions {
  /** Most further sendings of one request. Default 3. */
  readonly maxRetries?: number | undefined;
  /** First wait, in milliseconds; doubles each time. Default 1,000. */
  readonly retryDelayInMs?: number | undefined;
  /** Longest wait, in milliseconds. Default 64,000. */
  readonly maxRetryDelayInMs?: number | undefined;
}

const DEFAULTS = { maxRetries: 3, retryDelayInMs: 1_000, maxRetryDelayInMs: 64_000 };
/** As the classic client; 501 and 505 would only fail again. */
const STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504, 530]);
const CONNECTION_ERRORS: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Requests that must reach the service once at most. */
const sentOnce = new WeakSet<PipelineRequest>();

/** Marks a request that is not sent again whatever happens, because it is not known whether it was acted on. */
export function sendOnce(request: PipelineRequest): void {
  sentOnce.add(request);
}

/**
 * Makes the policy that sends requests again: after 408, 429, 500, 502, 503, 504, 530 and broken connections, honouring
 * Retry-After, else with doubled waits. An answer that asks for a wait of more than 10 minutes, or beyond the time limit of
 * the request, is given as it is: waiting in silence would tell the caller nothing.
 *
 * It takes the place of the clients' own policy, which gives up on a 429 without Retry-After and sends every request
 * again, also those that create something.
 *
 * @param retryPolicy `retryPolicy` of @azure/core-rest-pipeline, which is loaded late.
 * @param options Number of tries and waits.
 */
export function resendPolicy(
  retryPolicy: typeof import('@azure/core-rest-pipeline').retryPolicy,
  options: ResendOptions = {},
): PipelinePolicy {
  const { maxRetries, retryDelayInMs, maxRetryDelayInMs } = { ...DEFAULTS, ...definedOnly(options) };
  const inner = retryPolicy(
    [
      {
        name: 'azuremlResendStrategy',
        retry: ({ retryCount, response, responseError }) => {
          if (!isTemporary(response, responseError)) {
            return { skipStrategy: true };
          }
          const asked = retryAfterMs(response?.headers.get('retry-after'));
          const longest = Math.min(
            MAX_RETRY_AFTER_MS,
            timeLeft(response?.request.abortSignal as AbortSignal | undefined),
          );
          if (asked !== undefined && asked > longest) {
            return { skipStrategy: true };
          }
          const doubled = Math.min(maxRetryDelayInMs, retryDelayInMs * 2 ** retryCount);
          return { retryAfterInMs: asked ?? doubled / 2 + (doubled / 2) * Math.random() };
        },
      },
    ],
    { maxRetries },
  );
  return {
    name: 'azuremlResendPolicy',
    sendRequest: (request, next) => (sentOnce.has(request) ? next(request) : inner.sendRequest(request, next)),
  };
}

function isTemporary(response: PipelineResponse | undefined, error: RestError | undefined): boolean {
  if (response !== undefined) {
    return STATUSES.has(response.status);
  }
  return error?.code !== undefined && CONNECTION_ERRORS.has(error.code);
}

function definedOnly(options: ResendOptions): Partial<typeof DEFAULTS> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

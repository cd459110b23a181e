import { type AzuremlError, isAzuremlError, sleep, ValidationError } from '@azureml-ts/common';
import { type ReadTracesOptions, tracesBetween } from './read-traces.ts';
import { LogsSession } from './session.ts';
import { dateOf } from './time.ts';
import { type TraceRecord, traceKey } from './trace-record.ts';

/** Options of {@link followTraces}. `timeoutMs` (default 180,000) is for each query. */
export interface FollowTracesOptions extends Omit<ReadTracesOptions, 'until'> {
  /** Wait between two looks, in milliseconds. Default 15,000. */
  readonly intervalMs?: number | undefined;
  /**
   * How late the service may take a trace in for it to be given still, in milliseconds. Default 900,000 (15 minutes). Each
   * look goes back that far, and what was given already is left out by its item id.
   */
  readonly overlapMs?: number | undefined;
  /** Is told of a look that failed and will be repeated. */
  readonly onRetry?: ((error: AzuremlError) => void) | undefined;
}

const INTERVAL_MS = 15_000;
const OVERLAP_MS = 900_000;
/** So many looks in a row may fail. */
const MAX_FAILURES = 5;

/**
 * Follows traces: gives those since `since`, then new ones as the service takes them in, until the signal fires.
 *
 * The service takes a trace in some minutes after it was printed, and not in order: each trace is given once, but a late one
 * comes after younger ones. A look that fails with an error that may pass (`retryable`) is repeated, five times in a row.
 *
 * @param target Id of a Log Analytics workspace, or resource id of the component.
 * @param options Which traces (`since`, default: from the call on), how often to look, and how they are reached.
 * @returns The traces, without an end. The iteration ends quietly when `abortSignal` fires.
 * @throws Errors of {@link queryLogs}; {@link ValidationError} `VALIDATION`.
 * @example
 * ```ts
 * import { followTraces } from '@azureml-ts/insights';
 * import { startLogsStandIn } from '@azureml-ts/testing';
 *
 * await using logs = await startLogsStandIn();
 * logs.addRows('traces', [{ message: 'one' }]);
 *
 * const { credential, endpoint, clientOptions } = logs;
 * for await (const { message } of followTraces(logs.resourceId, { since: '1h', credential, endpoint, clientOptions })) {
 *   console.log(message); // one
 *   break;
 * }
 * ```
 */
export async function* followTraces(
  target: string,
  options: FollowTracesOptions,
): AsyncGenerator<TraceRecord, void, undefined> {
  const { abortSignal } = options;
  const intervalMs = checked(options.intervalMs ?? INTERVAL_MS, 'intervalMs');
  const overlapMs = checked(options.overlapMs ?? OVERLAP_MS, 'overlapMs');
  const session = new LogsSession(target, options);
  let now = Date.now();
  const start = options.since === undefined ? new Date(now) : dateOf(options.since, 'since', now);
  const seen = new Map<string, number>();
  let from = start;
  let failures = 0;
  try {
    for (;;) {
      now = Date.now();
      try {
        for await (const record of tracesBetween(session, options, from, undefined)) {
          const key = traceKey(record);
          if (!seen.has(key)) {
            seen.set(key, record.timestamp.getTime());
            yield record;
          }
        }
        failures = 0;
        from = new Date(Math.max(start.getTime(), now - overlapMs));
        forget(seen, from.getTime());
      } catch (error) {
        failures += 1;
        if (!isAzuremlError(error) || !error.retryable || failures > MAX_FAILURES) {
          throw error;
        }
        options.onRetry?.(error);
      }
      await sleep(intervalMs, { abortSignal, keepAlive: true });
    }
  } catch (error) {
    if (!abortSignal?.aborted) {
      throw error;
    }
  }
}

/** Lets go of what no look can show again. */
function forget(seen: Map<string, number>, before: number): void {
  for (const [key, time] of seen) {
    if (time < before) {
      seen.delete(key);
    }
  }
}

function checked(value: number, path: string): number {
  if (!Number.isFinite(value) || value < 0) {
    throw new ValidationError({ path, expected: 'a number of 0 or more, in milliseconds', received: value });
  }
  return value;
}

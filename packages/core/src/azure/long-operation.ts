import { type AzuremlError, type JsonValue, sleep, waitAtMost } from '@azureml-ts/common';
import { DeploymentFailedError } from '../errors.ts';
import { type ProgressOptions, progressReporter } from '../webservice/progress.ts';
import type { WebserviceState } from '../webservice/state.ts';
import type { WaitForDeploymentOptions } from '../webservice/webservice.ts';
import { MAX_RETRY_AFTER_MS } from './retry-after.ts';
import type { ServiceFault } from './service-fault.ts';

/** Longest wait for an operation when the caller gives none: the service itself gives up after about that time. */
export const OPERATION_TIMEOUT_MS = 3_600_000;
/** Wait between two looks when the service asks for none. */
export const POLL_INTERVAL_MS = 5_000;

/** Where an operation stands. */
export interface OperationStatus {
  /** `Running`, or how it ended. */
  readonly state: 'Running' | 'Succeeded' | 'Failed' | 'Canceled' | 'TimedOut';
  /** What the service calls it, or what it does now. */
  readonly message: string;
  /** Why it failed. */
  readonly fault?: ServiceFault | undefined;
  /** Percent done, if the service tells. */
  readonly percentComplete?: number | undefined;
  /** What to do about a failure, if the service tells, for example the address of a build log. */
  readonly hint?: string | undefined;
  /** What of it was taken back, in words. */
  readonly rolledBack?: string | undefined;
  /** No look before this many milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Id of the request that was answered this. */
  readonly requestId?: string | undefined;
}

/** An operation of a service that goes on after the request that began it was answered. */
export interface LongOperation {
  /** Id of the operation, to quote to support. */
  readonly id: string | undefined;
  /** No look before this many milliseconds after the request was answered. */
  readonly retryAfterMs?: number | undefined;
  /** Asks where it stands. */
  poll(abortSignal: AbortSignal): Promise<OperationStatus>;
}

/** What is waited for, and what to say when it fails. */
export interface OperationSubject {
  /** The work, for messages: `The update of deployment "blue" of endpoint "svc"`. */
  readonly what: string;
  /** Name of the service, for progress. */
  readonly name: string;
  /** State that is told while it runs. */
  readonly runningState: WebserviceState;
  /** State that is told when it succeeded. */
  readonly doneState: WebserviceState;
  /** Wait between two looks when the service asks for none, in milliseconds. Default 5,000. */
  readonly pollIntervalMs?: number | undefined;
  /** Last log lines by container, for the error of a failure. What it throws is told in their place. */
  readonly logs?: ((abortSignal: AbortSignal) => Promise<Readonly<Record<string, readonly string[]>>>) | undefined;
}

/** Time for fetching the logs of a failure: they are a help, and must not hold it up for long. */
const LOGS_TIMEOUT_MS = 30_000;

/**
 * Waits for the end of an operation: looks again after Retry-After (10 minutes at most), else after the poll interval, and
 * tells each step.
 *
 * @param operation What to wait for.
 * @param subject What it is.
 * @param options `timeoutMs` (default one hour), `abortSignal`, `onProgress`, `showOutput`. Ending the wait does not end the
 *   operation.
 * @throws {@link DeploymentFailedError} `DEPLOYMENT_FAILED` when it failed, was cancelled or timed out at the service, with
 *   the service's code as `reason`, its details, the ids and the last log lines.
 * @throws `TIMEOUT`; the signal's reason; errors of the requests.
 */
export async function waitForOperation(
  operation: LongOperation,
  subject: OperationSubject,
  options: WaitForDeploymentOptions & ProgressOptions = {},
): Promise<void> {
  const { timeoutMs = OPERATION_TIMEOUT_MS, abortSignal } = options;
  abortSignal?.throwIfAborted();
  const report = progressReporter(subject.name, options);
  const ended = new AbortController();
  const work = pollUntilDone(operation, subject, report, ended.signal);
  try {
    await waitAtMost(work, subject.what, { timeoutMs, abortSignal });
  } finally {
    work.catch(() => undefined);
    ended.abort();
  }
}

async function pollUntilDone(
  operation: LongOperation,
  subject: OperationSubject,
  report: ReturnType<typeof progressReporter>,
  signal: AbortSignal,
): Promise<void> {
  const interval = subject.pollIntervalMs ?? POLL_INTERVAL_MS;
  await sleep(Math.min(operation.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS), { abortSignal: signal, keepAlive: true });
  let last = '';
  for (;;) {
    const status = await operation.poll(signal);
    const step =
      status.percentComplete === undefined ? status.message : `${status.message}, ${status.percentComplete} %`;
    if (status.state === 'Succeeded') {
      report(subject.doneState, status.message, 'done');
      return;
    }
    if (status.state !== 'Running') {
      const error = await operationFailure(operation, subject, status);
      report('Failed', error.message, 'failed');
      throw error;
    }
    if (step !== last) {
      report(subject.runningState, step, 'running');
      last = step;
    }
    await sleep(Math.min(status.retryAfterMs ?? interval, MAX_RETRY_AFTER_MS), {
      abortSignal: signal,
      keepAlive: true,
    });
  }
}

async function operationFailure(
  operation: LongOperation,
  subject: OperationSubject,
  status: OperationStatus,
): Promise<AzuremlError> {
  const { fault } = status;
  const verb = status.state === 'Canceled' ? 'was cancelled' : status.state === 'TimedOut' ? 'timed out' : 'failed';
  const logs = await lastLogs(subject);
  return new DeploymentFailedError(
    `${subject.what} ${verb}`,
    {
      reason:
        fault?.code ??
        { Canceled: 'OPERATION_CANCELED', TimedOut: 'OPERATION_TIMED_OUT' }[status.state as string] ??
        'OPERATION_FAILED',
      message: fault?.message ?? `the service says "${status.message}" and no more`,
      logs: Object.values(logs).flat(),
      logsByContainer: logs,
      operationId: operation.id,
      requestId: status.requestId,
      serviceDetails: fault?.details as JsonValue | undefined,
      rolledBack: status.rolledBack,
    },
    status.hint ??
      (Object.values(logs).flat().length > 0 ? 'See its last log lines in `logs`.' : 'See getLogs() for the cause.'),
  );
}

async function lastLogs(subject: OperationSubject): Promise<Readonly<Record<string, readonly string[]>>> {
  if (subject.logs === undefined) {
    return {};
  }
  const ended = new AbortController();
  const work = subject.logs(ended.signal);
  try {
    return await waitAtMost(work, 'Reading the logs', { timeoutMs: LOGS_TIMEOUT_MS });
  } catch (error) {
    return { unavailable: [`The logs could not be read: ${error instanceof Error ? error.message : String(error)}`] };
  } finally {
    work.catch(() => undefined);
    ended.abort();
  }
}

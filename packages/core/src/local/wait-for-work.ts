import { isAzuremlError, type WaitOptions, waitAtMost } from '@azureml-ts/common';
import type { WebserviceState } from '../webservice/state.ts';
import { withLogs } from './failures.ts';

/** Longest time for one call of a local service when the caller gives none. */
export const DEFAULT_TIMEOUT_MS = 60_000;

/** Whose work is waited for. */
export interface WorkingService {
  readonly name: string;
  readonly state: WebserviceState;
}

/**
 * Waits for work on a local service; the work goes on when the wait ends early.
 *
 * @param work The work.
 * @param what Names it: `The update`.
 * @param service Whose work.
 * @param logFile The service's log.
 * @param options `timeoutMs` (default 60,000), `abortSignal`.
 * @throws `TIMEOUT` with the last log lines; the signal's reason; what the work throws.
 */
export async function waitForWork(
  work: Promise<void>,
  what: string,
  service: WorkingService,
  logFile: string,
  options: WaitOptions,
): Promise<void> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, abortSignal } = options;
  try {
    await waitAtMost(work, `${what} of service "${service.name}"`, { timeoutMs, abortSignal });
  } catch (error) {
    work.catch(() => undefined);
    throw isAzuremlError(error, 'TIMEOUT') ? await withLogs(error, service.state, logFile) : error;
  }
}

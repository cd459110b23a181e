import { createLogger, errorMessage } from '@azureml-ts/common';
import type { WebserviceState } from './webservice.ts';

const log = createLogger('core');

/** One step of a deployment or update. */
export interface DeploymentProgress {
  /** State of the service now. */
  readonly state: WebserviceState;
  /** What happened, in words. */
  readonly message: string;
  /** Milliseconds since the wait began. */
  readonly elapsedMs: number;
}

/** How the progress of long work is told. */
export interface ProgressOptions {
  /** Called at each step. What it throws is logged and otherwise ignored. */
  readonly onProgress?: ((progress: DeploymentProgress) => void) | undefined;
  /** Writes each step to standard error. Default: only when standard error is a terminal. */
  readonly showOutput?: boolean | undefined;
}

/**
 * Makes the function that tells each step to whoever asked for it.
 *
 * @param subject Names the work in the lines on standard error.
 * @param options Who wants to know.
 */
export function progressReporter(
  subject: string,
  options: ProgressOptions,
): (state: WebserviceState, message: string) => void {
  const startedAt = performance.now();
  const show = options.showOutput ?? process.stderr.isTTY === true;
  return (state, message) => {
    const elapsedMs = Math.round(performance.now() - startedAt);
    if (show) {
      process.stderr.write(`${subject}: ${state} (${(elapsedMs / 1000).toFixed(1)} s): ${message}\n`);
    }
    try {
      options.onProgress?.({ state, message, elapsedMs });
    } catch (error) {
      log.warning(`onProgress of ${subject} failed: ${errorMessage(error)}`);
    }
  };
}

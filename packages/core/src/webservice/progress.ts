import { createLogger, errorMessage, writeToStandardError } from '@azureml-ts/common';
import type { WebserviceState } from './state.ts';

const log = createLogger('core');

/** How far long work is: `running`, or how it ended. */
export type ProgressPhase = 'running' | 'done' | 'failed';

/** One step of a deployment or update. */
export interface DeploymentProgress {
  /** How far the work is. `done` and `failed` are told once, as the last step. */
  readonly phase: ProgressPhase;
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

const ENDED: Readonly<Record<string, ProgressPhase>> = {
  Healthy: 'done',
  Deleted: 'done',
  Failed: 'failed',
  Unhealthy: 'failed',
  Unschedulable: 'failed',
};

/** Tells one step; the phase follows from the state unless it is given. */
export type ProgressReporter = (state: WebserviceState, message: string, phase?: ProgressPhase) => void;

/**
 * Makes the function that tells each step to whoever asked for it.
 *
 * @param subject Names the work in the lines on standard error.
 * @param options Who wants to know.
 */
export function progressReporter(subject: string, options: ProgressOptions): ProgressReporter {
  const startedAt = performance.now();
  const show = options.showOutput ?? process.stderr.isTTY === true;
  return (state, message, phase = ENDED[state] ?? 'running') => {
    const elapsedMs = Math.round(performance.now() - startedAt);
    if (show) {
      writeToStandardError(`${subject}: ${state} (${(elapsedMs / 1000).toFixed(1)} s): ${message}`);
    }
    toldSafely(`onProgress of ${subject}`, () => options.onProgress?.({ phase, state, message, elapsedMs }));
  };
}

/** Calls what a caller gave to be told of progress. What it throws is logged: the work goes on. */
export function toldSafely(what: string, tell: () => void): void {
  try {
    tell();
  } catch (error) {
    log.warning(`${what} failed: ${errorMessage(error)}`);
  }
}

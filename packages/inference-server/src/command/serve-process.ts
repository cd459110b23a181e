import { errorMessage, harmlessLine, inspectSafely, isAzuremlError, shutdown } from '@azureml-ts/common';
import { ServerLog } from '../log/server-log.ts';
import type { StartServerOptions } from '../options.ts';
import { FAILED_START_FLUSH_MS, type ManagedServer, startServerWith } from '../server.ts';
import { openTelemetry } from '../telemetry/open-telemetry.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { watchParent } from '../workers/parent-watch.ts';
import { reportEarlyExit } from './early-exit.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { tellParent } from './parent-channel.ts';
import { ProcessEnd } from './process-end.ts';

/** How a process takes part in what is around it. */
export interface ServeHooks {
  /** Gets the error of a start that failed, once it has been written to standard error. */
  readonly onFailure: (error: unknown) => void;
  /** Whether a thread watches that the parent still lives. */
  readonly watchParent: boolean;
  /** Waited for between `init()` and the opening of the port. */
  readonly beforeOpen?: (() => Promise<void>) | undefined;
  /** Gets what ends the process, before the script is loaded. */
  readonly onStart?: ((end: ProcessEnd) => void) | undefined;
  /** Called once the port is open. */
  readonly onServing?: ((server: ManagedServer, end: ProcessEnd) => void) | undefined;
}

/**
 * Serves from this process until something ends it, then lets go in good order.
 *
 * @returns The exit code.
 */
export async function serveProcess(options: StartServerOptions, hooks: ServeHooks): Promise<number> {
  const log = new ServerLog();
  const watched = hooks.watchParent ? watchParent(log) : undefined;
  const telemetry = await openTelemetry(log);
  const end = new ProcessEnd(log, (error) => telemetry.exception(error));
  hooks.onStart?.(end);
  try {
    return await serveUntilEnd(options, log, telemetry, end, hooks);
  } finally {
    end.close();
    watched?.();
  }
}

async function serveUntilEnd(
  options: StartServerOptions,
  log: ServerLog,
  telemetry: Telemetry,
  end: ProcessEnd,
  hooks: ServeHooks,
): Promise<number> {
  const startIsOver = reportEarlyExit(() => end.abortSignal.aborted);
  try {
    const limited = { ...options, abortSignal: end.abortSignal };
    const server = await startServerWith(limited, log, telemetry, hooks.beforeOpen);
    log.line('I', `Listening on ${server.url} (POST /score)`);
    await tellParent({ type: 'azureml-ts:listening', port: server.port, url: server.url });
    hooks.onServing?.(server, end);
  } catch (error) {
    startIsOver();
    if (!end.abortSignal.aborted) {
      return failedStart(error, log, hooks.onFailure);
    }
    if (end.hasFailed) {
      await tellParent({
        type: 'azureml-ts:failed',
        code: 'UNCAUGHT',
        message: 'An error that nobody caught ended the start.',
      });
    }
  } finally {
    startIsOver();
  }
  const { reason, exitCode } = await end.ended;
  log.line('I', `Shutting down: ${reason}`);
  // After an uncaught error nothing can be relied on: only what waits is sent.
  const { isComplete } = await (exitCode === EXIT.ok ? shutdown() : shutdown({ deadlineMs: FAILED_START_FLUSH_MS }));
  if (!isComplete) {
    log.line('E', 'The shutdown was not complete in time; the lines above name what was given up.');
  }
  return end.hasFailed || !isComplete ? EXIT.other : exitCode;
}

async function failedStart(error: unknown, log: ServerLog, onFailure: (error: unknown) => void): Promise<number> {
  const message = errorMessage(error);
  const code = isAzuremlError(error) ? error.code : 'UNKNOWN';
  const cause = isAzuremlError(error) ? error.cause : error;
  // Only a fault of the script, or one of ours, is found by its stack.
  const saysAll = cause === undefined || !['INIT_FAILED', 'ENTRY_SCRIPT_INVALID', 'UNKNOWN'].includes(code);
  const stack = saysAll ? '' : `\n${inspectSafely(cause)}`;
  log.line('E', `${harmlessLine(message)} [${code}]${stack}`);
  // Told first: a primary ends the other workers meanwhile.
  await tellParent({ type: 'azureml-ts:failed', code, message });
  await shutdown({ deadlineMs: FAILED_START_FLUSH_MS });
  onFailure(error);
  return exitCodeOf(error);
}

import { AzuremlError, shutdown } from '@azureml-ts/common';
import { EXIT, exitCodeOfCode } from '../command/exit-codes.ts';
import { tellParent } from '../command/parent-channel.ts';
import { ProcessEnd } from '../command/process-end.ts';
import type { ServerLog } from '../log/server-log.ts';
import { freePort } from './free-port.ts';
import { LateTelemetry } from './late-telemetry.ts';
import type { WorkerOptions } from './messages.ts';
import type { WorkerExit } from './pool-worker.ts';
import { WorkerPool } from './worker-pool.ts';

/** Time for the primary's own telemetry to leave after its workers have ended, in milliseconds. */
const LAST_TELEMETRY_MS = 3_000;

/** What the primary is started with. */
export interface PrimaryOptions {
  /** What each worker serves. */
  readonly server: WorkerOptions;
  /** How many workers. */
  readonly workers: number;
  /** Longest time that a worker's event loop may stand still, in milliseconds; 0 for no limit. */
  readonly workerTimeoutMs: number;
  readonly watchParent: boolean;
}

/**
 * Serves from several processes with one port until SIGTERM, SIGINT or the end of the parent process. SIGHUP replaces the
 * workers one after the other; with a terminal it ends the server, since then it says that the terminal has closed.
 *
 * @returns The exit code.
 */
export async function servePrimary(
  options: PrimaryOptions,
  log: ServerLog,
  onFailure: (error: unknown) => void,
): Promise<number> {
  const telemetry = new LateTelemetry(log);
  const end = new ProcessEnd(log, (error) => telemetry.exception(error));
  const pool = new WorkerPool(
    options.workers,
    {
      options: { ...options.server, port: await freePort(options.server) },
      silenceMs: options.workerTimeoutMs,
      watchParent: options.watchParent,
    },
    log,
    {
      onWorkerFailed: (error) => telemetry.exception(error),
      onGivenUp(error) {
        log.line('E', `${error.message} [${error.code}]`);
        telemetry.exception(error);
        onFailure(error);
        end.ask('workers keep failing', EXIT.workers);
      },
    },
  );
  // Whatever ends this process, a second signal for example, ends the workers too.
  const killAll = (): void => pool.kill();
  const roll = (): void => pool.roll();
  process.on('exit', killAll);
  if (!hasTerminal()) {
    process.on('SIGHUP', roll);
  }
  try {
    return await serveUntilEnd(pool, end, log, telemetry, onFailure);
  } finally {
    end.close();
    process.off('exit', killAll);
    process.off('SIGHUP', roll);
  }
}

async function serveUntilEnd(
  pool: WorkerPool,
  end: ProcessEnd,
  log: ServerLog,
  telemetry: LateTelemetry,
  onFailure: (error: unknown) => void,
): Promise<number> {
  const started = await Promise.race([pool.start(), end.ended]);
  if ('failed' in started && !end.abortSignal.aborted) {
    return failedStart(started.failed, log, onFailure);
  }
  if ('address' in started) {
    const { port, url } = started.address;
    log.line('I', `All workers serve at ${url} (POST /score)`);
    await tellParent({ type: 'azureml-ts:listening', port, url });
  }
  const { reason, exitCode } = await end.ended;
  log.line('I', `Shutting down the workers: ${reason}`);
  const isClean = await pool.stop(reason);
  await telemetry.opened();
  const { isComplete } = await shutdown({ deadlineMs: LAST_TELEMETRY_MS });
  if (exitCode !== EXIT.ok) {
    return exitCode;
  }
  return end.hasFailed || !isComplete || !isClean ? EXIT.other : EXIT.ok;
}

async function failedStart(exit: WorkerExit, log: ServerLog, onFailure: (error: unknown) => void): Promise<number> {
  const code = exit.failure?.code ?? 'WORKER_FAILED';
  const how = exit.signal === null ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`;
  const message = exit.failure?.message ?? `A worker ${how} before it served. The lines above tell why.`;
  log.line('E', 'A worker failed at the start: the server ends.');
  await tellParent({ type: 'azureml-ts:failed', code, message });
  onFailure(new AzuremlError(code, message));
  return exit.failure === undefined ? (exit.code ?? EXIT.other) : exitCodeOfCode(code);
}

/** Whether SIGHUP would say that a terminal has closed. */
function hasTerminal(): boolean {
  return process.stdin.isTTY === true || process.stderr.isTTY === true;
}

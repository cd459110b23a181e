import { AzuremlError, onShutdown, SHUTDOWN_DEADLINE_MS, ValidationError } from '@azureml-ts/common';
import { EntryScriptInvalidError, EntryScriptNotFoundError, InitFailedError, PortInUseError } from '../errors.ts';
import { ServerLog } from '../log/server-log.ts';
import type { StartServerOptions } from '../options.ts';
import type { CloseServerOptions, InferenceServer } from '../server.ts';
import { WorkerFailedError } from './errors.ts';
import { freePort } from './free-port.ts';
import { LateTelemetry } from './late-telemetry.ts';
import { DEFAULT_WORKER_TIMEOUT_SECONDS, MAX_WORKERS } from './limits.ts';
import type { WorkerExit } from './pool-worker.ts';
import { WorkerPool } from './worker-pool.ts';

/** Starts a server of several processes from a program; see the option `workers` of `startServer`. */
export async function startPool(options: StartServerOptions): Promise<InferenceServer> {
  const { workers = 1, abortSignal, onLogLine, run, init, ...server } = options;
  if (!Number.isInteger(workers) || workers < 1 || workers > MAX_WORKERS) {
    throw new ValidationError({ path: 'workers', expected: `an integer from 1 to ${MAX_WORKERS}`, received: workers });
  }
  if (run !== undefined || init !== undefined) {
    throw new ValidationError({
      path: 'workers',
      expected: '1 beside run and init',
      message: 'Functions cannot be sent to other processes: put them into a file, and give its path as entryScript.',
    });
  }
  abortSignal?.throwIfAborted();
  const log = new ServerLog(onLogLine);
  const telemetry = new LateTelemetry(log);
  const port = await freePort(server);
  const settings = {
    options: { ...server, port },
    silenceMs: DEFAULT_WORKER_TIMEOUT_SECONDS * 1_000,
    watchParent: true,
  };
  const pool = new WorkerPool(workers, settings, log, {
    onWorkerFailed: (error) => telemetry.exception(error),
    onGivenUp(error) {
      telemetry.exception(error);
      void pool.stop('workers keep failing');
      setImmediate(() => {
        throw error;
      });
    },
  });
  const killAll = (): void => pool.kill();
  process.on('exit', killAll);
  const forget = onShutdown('server', {
    close(limit) {
      limit.addEventListener('abort', killAll, { once: true });
      return stop(SHUTDOWN_DEADLINE_MS);
    },
  });
  let stopping: Promise<void> | undefined;

  function stop(timeoutMs: number): Promise<void> {
    stopping ??= pool.stop('the server closes', timeoutMs).then(() => {
      process.off('exit', killAll);
      forget();
    });
    return stopping;
  }
  abortSignal?.addEventListener('abort', killAll, { once: true });
  const started = await pool.start();
  abortSignal?.removeEventListener('abort', killAll);
  if ('failed' in started) {
    await stop(0);
    abortSignal?.throwIfAborted();
    throw errorOf(started.failed);
  }
  const close = ({ timeoutMs, abortSignal: cut }: CloseServerOptions = {}): Promise<void> => {
    cut?.addEventListener('abort', killAll, { once: true });
    return stop(timeoutMs ?? SHUTDOWN_DEADLINE_MS);
  };
  const { url } = started.address;
  return { url, port: started.address.port, close, [Symbol.asyncDispose]: () => close() };
}

/** The error that a worker told of, as if it had been thrown here. */
function errorOf({ failure, code, signal }: WorkerExit): AzuremlError {
  const kinds = {
    ENTRY_SCRIPT_INVALID: EntryScriptInvalidError,
    ENTRY_SCRIPT_NOT_FOUND: EntryScriptNotFoundError,
    INIT_FAILED: InitFailedError,
    PORT_IN_USE: PortInUseError,
  };
  if (failure === undefined) {
    const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
    return new WorkerFailedError(`A worker ${how} before it served. The log tells why.`);
  }
  const Kind = Object.hasOwn(kinds, failure.code) ? kinds[failure.code as keyof typeof kinds] : undefined;
  return Kind === undefined ? new AzuremlError(failure.code, failure.message) : new Kind(failure.message);
}

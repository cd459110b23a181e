import { errorMessage, harmlessLine, inspectSafely, isAzuremlError, shutdown } from '@azureml-ts/common';
import { ServerLog } from '../log/server-log.ts';
import type { StartServerOptions } from '../options.ts';
import { FAILED_START_FLUSH_MS, startServerWith } from '../server.ts';
import { openTelemetry } from '../telemetry/open-telemetry.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { VERSION } from '../version.ts';
import { helpText, parseArguments, type ServeArguments } from './arguments.ts';
import { reportEarlyExit } from './early-exit.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { tellParent } from './parent-channel.ts';
import { ProcessEnd } from './process-end.ts';
import { outliveReaders } from './std-streams.ts';

/** Options of {@link serveCommand}. */
export interface ServeCommandOptions {
  /** Name shown in help and error lines. Default `azureml-ts-inference-server`. */
  readonly commandName?: string | undefined;
  /** Gets the error of a start that failed, once it has been written to standard error. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/**
 * Runs the server as a command: reads the arguments, serves until SIGTERM, SIGINT or the end of the parent process, then
 * answers the running requests and runs the shutdown order of `@azureml-ts/common` within 20 s.
 *
 * The caller ends the process with the returned code, because the script may have left handles open. With an IPC channel
 * the parent gets `{ type: 'azureml-ts:listening', port, url }` once the port is open, or
 * `{ type: 'azureml-ts:failed', code, message }` before the end.
 *
 * @param argv Arguments without the names of Node and of the script: `--entry-script FILE [--port N] [--host H]`.
 * @param options How the command is called.
 * @returns The exit code: 0 drained, 2 wrong arguments, 3 script missing, invalid or `init()` failed, 5 port in use, a
 *   shutdown that was not complete in time, or other.
 * @example
 * ```ts no-run
 * import { serveCommand } from '@azureml-ts/inference-server';
 *
 * process.exit(await serveCommand(['--entry-script', 'score.ts', '--port', '5001']));
 * ```
 */
export async function serveCommand(argv: readonly string[], options: ServeCommandOptions = {}): Promise<number> {
  const commandName = options.commandName ?? 'azureml-ts-inference-server';
  outliveReaders();
  let parsed: ServeArguments;
  try {
    parsed = parseArguments(argv);
  } catch (error) {
    const message = harmlessLine(errorMessage(error));
    process.stderr.write(`${commandName}: ${message} [VALIDATION]\nSee ${commandName} --help.\n`);
    await tellParent({ type: 'azureml-ts:failed', code: 'VALIDATION', message });
    options.onFailure?.(error);
    return EXIT.usage;
  }
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(helpText(commandName));
      return EXIT.ok;
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return EXIT.ok;
    case 'serve':
      return serve(parsed.options, options.onFailure ?? (() => undefined));
  }
}

type OnFailure = (error: unknown) => void;

async function serve(options: StartServerOptions, onFailure: OnFailure): Promise<number> {
  const log = new ServerLog();
  const telemetry = await openTelemetry(log);
  const end = new ProcessEnd(log, (error) => telemetry.exception(error));
  try {
    return await serveUntilEnd(options, log, telemetry, end, onFailure);
  } finally {
    end.close();
  }
}

async function serveUntilEnd(
  options: StartServerOptions,
  log: ServerLog,
  telemetry: Telemetry,
  end: ProcessEnd,
  onFailure: OnFailure,
): Promise<number> {
  const startIsOver = reportEarlyExit(() => end.abortSignal.aborted);
  try {
    const server = await startServerWith({ ...options, abortSignal: end.abortSignal }, log, telemetry);
    log.line('I', `Listening on ${server.url} (POST /score)`);
    await tellParent({ type: 'azureml-ts:listening', port: server.port, url: server.url });
  } catch (error) {
    startIsOver();
    if (!end.abortSignal.aborted) {
      return failedStart(error, log, onFailure);
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

async function failedStart(error: unknown, log: ServerLog, onFailure: OnFailure): Promise<number> {
  const message = errorMessage(error);
  const code = isAzuremlError(error) ? error.code : 'UNKNOWN';
  const cause = isAzuremlError(error) ? error.cause : error;
  // Only a fault of the script, or one of ours, is found by its stack.
  const saysAll = cause === undefined || !['INIT_FAILED', 'ENTRY_SCRIPT_INVALID', 'UNKNOWN'].includes(code);
  const stack = saysAll ? '' : `\n${inspectSafely(cause)}`;
  log.line('E', `${harmlessLine(message)} [${code}]${stack}`);
  await shutdown({ deadlineMs: FAILED_START_FLUSH_MS });
  await tellParent({ type: 'azureml-ts:failed', code, message });
  onFailure(error);
  return exitCodeOf(error);
}

import { errorMessage, harmlessLine } from '@azureml-ts/common';
import { ServerLog } from '../log/server-log.ts';
import { VERSION } from '../version.ts';
import { helpText, parseArguments } from './arguments.ts';
import { containerFilesText } from './container-files-command.ts';
import { EXIT } from './exit-codes.ts';
import { tellParent } from './parent-channel.ts';
import { serveProcess } from './serve-process.ts';
import { type ServeSettings, serveSettings } from './serve-settings.ts';
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
 * With `--worker-count` (or `WORKER_COUNT`) above 1, that many processes share the port, each with its own `init()`. The
 * port opens when `init()` has ended in all of them. A worker that fails is replaced, sooner at first and later when it
 * fails again; one that failed six times without serving for a minute in between ends the server. SIGHUP replaces the
 * workers one after the other without losing a request.
 *
 * The caller ends the process with the returned code, because the script may have left handles open. With an IPC channel
 * the parent gets `{ type: 'azureml-ts:listening', port, url }` once the port is open, or
 * `{ type: 'azureml-ts:failed', code, message }` before the end.
 *
 * @param argv Arguments without the names of Node and of the script: `--entry-script FILE [--port N] [--worker-count N]`;
 *   `--help` lists all.
 * @param options How the command is called.
 * @returns The exit code: 0 drained, 2 wrong arguments, 3 script missing, invalid or `init()` failed, 5 port in use, a
 *   shutdown that was not complete in time, or other, 6 workers failed again and again.
 * @example
 * ```ts no-run
 * import { serveCommand } from '@azureml-ts/inference-server';
 *
 * process.exit(await serveCommand(['--entry-script', 'score.ts', '--port', '5001']));
 * ```
 */
export async function serveCommand(argv: readonly string[], options: ServeCommandOptions = {}): Promise<number> {
  const commandName = options.commandName ?? 'azureml-ts-inference-server';
  const onFailure = options.onFailure ?? (() => undefined);
  outliveReaders();
  let settings: ServeSettings;
  try {
    const parsed = parseArguments(argv);
    switch (parsed.kind) {
      case 'help':
        process.stdout.write(helpText(commandName));
        return EXIT.ok;
      case 'version':
        process.stdout.write(`${VERSION}\n`);
        return EXIT.ok;
      case 'container-files':
        process.stdout.write(await containerFilesText(parsed.json));
        return EXIT.ok;
      case 'serve':
        settings = serveSettings(parsed.values);
    }
  } catch (error) {
    const message = harmlessLine(errorMessage(error));
    process.stderr.write(`${commandName}: ${message} [VALIDATION]\nSee ${commandName} --help.\n`);
    await tellParent({ type: 'azureml-ts:failed', code: 'VALIDATION', message });
    onFailure(error);
    return EXIT.usage;
  }
  const log = new ServerLog();
  for (const warning of settings.warnings) {
    log.line('W', warning);
  }
  const { options: server, workers, workerTimeoutMs, watchParent } = settings;
  if (workers === 1) {
    return serveProcess(server, { watchParent, onFailure });
  }
  const { servePrimary } = await import('../workers/primary.ts');
  return servePrimary({ server, workers, workerTimeoutMs, watchParent }, log, onFailure);
}

import { sleep } from '@azureml-ts/common';
import { Command, CommanderError } from 'commander';
import { addData } from './commands/data/data.ts';
import { addDeploy } from './commands/deploy/deploy.ts';
import { addDoctor } from './commands/doctor.ts';
import { addServe } from './commands/serve.ts';
import { addService } from './commands/service.ts';
import { addTraces } from './commands/traces.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import type { CommandIo } from './io.ts';
import { writeError } from './output/error-lines.ts';
import { VERSION } from './version.ts';

/**
 * Runs the command `azureml-ts`. It never ends the process: the caller does, with the returned code.
 *
 * @param argv Arguments without the names of Node and of the script.
 * @param io Where to write to.
 * @returns The exit code: 0 done, 1 the checked condition failed, 2 usage, 3 authentication or permission, 4 not found,
 *   5 service or network, 130 interrupted; of `serve`, that of the inference server.
 */
export async function main(argv: readonly string[], io: CommandIo): Promise<number> {
  let exitCode: number = EXIT.ok;
  let written = Promise.resolve();
  const program = new Command('azureml-ts')
    .description('Azure Machine Learning web services and collected model data')
    .version(VERSION, '--version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        written = written.then(() => io.writeOut(text));
        written.catch(() => undefined);
      },
      writeErr: (text) => io.writeError(text),
      outputError: (text) => writeError(io, text.replace(/^error: /, '').trimEnd(), 'USAGE'),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  const setExitCode = (code: number) => {
    exitCode = code;
  };
  addServe(program, io, setExitCode);
  addDeploy(program, io);
  addService(program, io, setExitCode);
  addData(program, io, setExitCode);
  addDoctor(program, io, setExitCode);
  addTraces(program, io, setExitCode);
  // The server has its own way of ending.
  let isServing = false;
  program.hook('preAction', (_program, action) => {
    isServing = action.name() === 'serve';
  });
  try {
    const work = program.parseAsync(['node', 'azureml-ts', ...argv]);
    await untilInterrupted(work, io, () => isServing);
    await written;
    return exitCode;
  } catch (error) {
    return codeOfFailure(error, io, written);
  }
}

/** Time that interrupted work has to end by itself. */
const INTERRUPT_MS = 1_000;

/** Waits for work, but not for what goes on although it was interrupted. */
async function untilInterrupted(work: Promise<unknown>, io: CommandIo, isExempt: () => boolean): Promise<void> {
  const ended = new AbortController();
  const interrupted = new Promise<never>((_resolve, reject) => {
    const onAbort = () => {
      if (!isExempt()) {
        sleep(INTERRUPT_MS, { abortSignal: ended.signal, keepAlive: true }).then(
          () => reject(io.abortSignal?.reason),
          () => undefined,
        );
      }
    };
    if (io.abortSignal?.aborted) {
      onAbort();
    }
    io.abortSignal?.addEventListener('abort', onAbort, { once: true, signal: ended.signal });
  });
  try {
    await Promise.race([work, interrupted]);
  } finally {
    work.catch(() => undefined);
    ended.abort();
  }
}

async function codeOfFailure(error: unknown, io: CommandIo, written: Promise<void>): Promise<number> {
  if (error instanceof CommanderError) {
    await written.catch(() => undefined);
    // Help and version end in a CommanderError of exit code 0; whatever else it reports is wrong usage.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (io.abortSignal?.aborted) {
    // Whatever failed then, failed because of that.
    return EXIT.interrupted;
  }
  if ((error as { code?: unknown } | null | undefined)?.code === 'EPIPE') {
    // The reader, `head` for example, has seen enough.
    return EXIT.ok;
  }
  writeError(io, error);
  return exitCodeOf(error);
}

import type { Command } from 'commander';
import type { CommandIo } from '../io.ts';
import { writeAnnotation } from '../output/error-lines.ts';

/**
 * `azureml-ts serve`: hosts a scoring script. The inference server reads the flags itself, so both commands always agree.
 *
 * @param program Gets the command.
 * @param io Gets the annotation of a start that failed; all else the server writes itself.
 * @param setExitCode Gets the exit code of the server.
 */
export function addServe(program: Command, io: CommandIo, setExitCode: (exitCode: number) => void): void {
  program
    .command('serve')
    .description("host a scoring script's init() and run() over HTTP (serve --help tells the flags)")
    .usage('--entry-script FILE [--port N] [--host H]')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[args...]')
    .action(async (args: string[]) => {
      // Loaded on use: the other commands need no server.
      const { serveCommand } = await import('@azureml-ts/inference-server');
      const onFailure = (error: unknown) => writeAnnotation(io, error);
      setExitCode(await serveCommand(args, { commandName: 'azureml-ts serve', onFailure }));
    });
}

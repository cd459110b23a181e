import type { Command } from 'commander';
import type { CommandIo } from '../../io.ts';
import { addDataCat } from './cat.ts';

/** `azureml-ts data`: what works on collected rows. */
export function addData(program: Command, io: CommandIo, _setExitCode: (exitCode: number) => void): void {
  const data = program.command('data').description('work on collected feature rows');
  addDataCat(data, io);
}

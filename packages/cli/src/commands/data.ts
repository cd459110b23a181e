import type { Command } from 'commander';
import type { CommandIo } from '../io.ts';
import { addDataCat } from './data-cat.ts';

/** `azureml-ts data`: what reads collected rows. */
export function addData(program: Command, io: CommandIo): void {
  const data = program.command('data').description('read collected feature rows');
  addDataCat(data, io);
}

import type { Command } from 'commander';
import type { CommandIo } from '../../io.ts';
import { addDataCat } from './cat.ts';
import { addDataConvert } from './convert.ts';
import { addDataExport } from './export.ts';
import { addDataFiles } from './files.ts';
import { addDataGenerate } from './generate.ts';
import { addDataJoin } from './join.ts';
import { addDataPurge } from './purge.ts';
import { addDataTail } from './tail.ts';
import { addDataVerify } from './verify.ts';

/** `azureml-ts data`: what works on collected rows. */
export function addData(program: Command, io: CommandIo, setExitCode: (exitCode: number) => void): void {
  const data = program.command('data').description('work on collected feature rows');
  addDataFiles(data, io);
  addDataCat(data, io);
  addDataTail(data, io);
  addDataConvert(data, io);
  addDataExport(data, io, setExitCode);
  addDataGenerate(data, io);
  addDataJoin(data, io, setExitCode);
  addDataPurge(data, io);
  addDataVerify(data, io, setExitCode);
}

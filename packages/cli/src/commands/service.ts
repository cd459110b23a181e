import type { Command } from 'commander';
import type { CommandIo } from '../io.ts';
import { addServiceDelete } from './service/delete.ts';
import { addServiceKeys } from './service/keys.ts';
import { addServiceList } from './service/list.ts';
import { addServiceLogs } from './service/logs.ts';
import { addServiceMigrate } from './service/migrate.ts';
import { addServiceRun } from './service/run.ts';
import { addServiceShow } from './service/show.ts';
import { addServiceUpdate } from './service/update.ts';
import { addServiceWait } from './service/wait.ts';

/** `azureml-ts service`: web services of a workspace. Nothing of Azure is loaded before one of them runs. */
export function addService(program: Command, io: CommandIo, setExitCode: (exitCode: number) => void): void {
  const service = program.command('service').description('list, change, watch and score web services');
  addServiceList(service, io);
  addServiceShow(service, io);
  addServiceUpdate(service, io, setExitCode);
  addServiceLogs(service, io);
  addServiceKeys(service, io);
  addServiceWait(service, io);
  addServiceRun(service, io);
  addServiceMigrate(service, io);
  addServiceDelete(service, io);
}

import type { Command } from 'commander';
import type { CommandIo } from '../io.ts';
import { addTracesExport } from './traces/export.ts';
import { addTracesPrint } from './traces/print.ts';

/** `azureml-ts traces`: prints what services printed, follows it, and keeps it. */
export function addTraces(program: Command, io: CommandIo, setExitCode: (exitCode: number) => void): void {
  addTracesExport(addTracesPrint(program, io), io, setExitCode);
}

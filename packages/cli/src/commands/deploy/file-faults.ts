import { harmlessLine, isAzuremlError } from '@azureml-ts/common';
import type { DeploymentFileError } from '@azureml-ts/core';
import type { CommandIo } from '../../io.ts';

/** Writes each fault of a deployment file as a line that editors and build systems lead from: `FILE:LINE:COLUMN: KEY: what`. */
export function writeFaults(io: CommandIo, error: unknown): void {
  if (!isAzuremlError(error, 'DEPLOYMENT_FILE_INVALID')) {
    return;
  }
  // An error about the whole file has none.
  const { file, faults = [] } = error as Partial<DeploymentFileError>;
  for (const { path, line, column, message } of faults) {
    const place = [file, line, column].filter((part) => part !== undefined).join(':');
    io.writeError(`${harmlessLine(`${place}: ${path === '' ? '' : `${path}: `}${message}`)}\n`);
  }
}

import { harmlessLine } from '@azureml-ts/common';
import type { ProgressOptions } from '@azureml-ts/core';
import type { CommandIo } from '../io.ts';

/** Tells the steps of long work as lines on standard error; there is never a spinner. */
export function progressLines(io: CommandIo, name: string): ProgressOptions {
  return {
    // The library would write to the process's own standard error.
    showOutput: false,
    onProgress: ({ state, message, elapsedMs }) =>
      io.writeError(`${harmlessLine(`${name}: ${state} (${(elapsedMs / 1000).toFixed(1)} s): ${message}`)}\n`),
  };
}

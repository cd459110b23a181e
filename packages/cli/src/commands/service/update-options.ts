import { type AzuremlError, isAzuremlError } from '@azureml-ts/common';
import type { UpdateOptions, UpdateReport } from '@azureml-ts/core';
import type { ServiceCliOptions } from '../../azure/service-options.ts';
import type { CommandIo } from '../../io.ts';
import { progressLines } from '../../output/progress.ts';
import type { ChangeOptions } from './changes.ts';

/** Options of `azureml-ts service update`. */
export interface UpdateCliOptions extends ServiceCliOptions, ChangeOptions {
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly dryRun?: boolean;
  readonly all?: boolean;
}

/** The same for `update()` of one service. */
export function updateOptions(name: string, { wait, timeout, dryRun }: UpdateCliOptions, io: CommandIo): UpdateOptions {
  return { ...progressLines(io, name), wait, dryRun, timeoutMs: timeout, abortSignal: io.abortSignal };
}

/** What an incomplete update did to each part. */
export function reportOf(error: unknown): UpdateReport | undefined {
  return isAzuremlError(error) ? (error as AzuremlError & { report?: UpdateReport }).report : undefined;
}

import type { DeploymentFile, Workspace } from '@azureml-ts/core';
import type { CommandIo } from '../../io.ts';
import { writeDocument } from '../../output/documents.ts';
import { shownText } from '../../output/foreign-text.ts';
import type { Row } from '../../output/table.ts';
import { planText } from './plan-text.ts';

/** Options of the command that a plan needs. */
interface PlanOptions {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly timeout?: number;
}

/** `--dry-run`: prints what a deployment would send or start. */
export async function showPlan(
  workspace: Workspace,
  file: DeploymentFile,
  options: PlanOptions,
  io: CommandIo,
): Promise<void> {
  const { Model } = await import('@azureml-ts/core');
  const plan = await Model.planDeployment(workspace, {
    ...file.options,
    overwrite: options.overwrite === true,
    timeoutMs: options.timeout,
    abortSignal: io.abortSignal,
  });
  await (options.output === 'json'
    ? writeDocument(io, { plan: plan as unknown as Row })
    : io.writeOut(shownText(io, planText(plan))));
}

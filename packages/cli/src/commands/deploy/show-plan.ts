import { ValidationError } from '@azureml-ts/common';
import type { DeploymentFile, DeploymentPlan, OnlineDeployOptions, Workspace } from '@azureml-ts/core';
import type { CommandIo } from '../../io.ts';
import { writeDocument } from '../../output/documents.ts';
import { shownText } from '../../output/foreign-text.ts';
import { jsonText } from '../../output/json.ts';
import type { Row } from '../../output/table.ts';

/** Options of the command that a plan needs. */
interface PlanOptions {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly timeout?: number;
}

/**
 * `--dry-run`: prints what a deployment would send.
 *
 * @throws {@link ValidationError} for a file of another type than `online`; errors of the requests.
 */
export async function showPlan(
  workspace: Workspace,
  file: DeploymentFile,
  options: PlanOptions,
  io: CommandIo,
): Promise<void> {
  if (file.type !== 'online') {
    throw new ValidationError({
      path: '--dry-run',
      expected: 'used with a file of the type online',
      message: `--dry-run plans online endpoints only, but the file is of the type ${file.type}. Nothing is wrong in the file itself.`,
    });
  }
  const { Model } = await import('@azureml-ts/core');
  const plan = await Model.planDeployment(workspace, {
    ...(file.options as OnlineDeployOptions),
    overwrite: options.overwrite === true,
    timeoutMs: options.timeout,
    abortSignal: io.abortSignal,
  });
  await (options.output === 'json'
    ? writeDocument(io, { plan: plan as unknown as Row })
    : io.writeOut(shownText(io, planText(plan))));
}

/** A plan for people: the uploads, then each request with its body. */
function planText({ name, deploymentName, uploads, requests }: DeploymentPlan): string {
  const lines = [`Deployment "${deploymentName}" of online endpoint "${name}": nothing was changed.`];
  if (uploads.length === 0 && requests.length === 0) {
    lines.push('All is as the file says already: nothing would be sent.');
  }
  for (const { what, url, files, bytes } of uploads) {
    lines.push('', `Upload of the ${what}: ${files.length} files, ${bytes} bytes, to ${url}`);
    lines.push(...files.map(({ path, size }) => `  ${path} (${size} bytes)`));
  }
  for (const { what, method, url, body } of requests) {
    lines.push('', `# ${what}`, `${method} ${url}`, jsonText(body, 2));
  }
  return `${lines.join('\n')}\n`;
}

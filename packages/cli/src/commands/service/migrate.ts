import { ValidationError } from '@azureml-ts/common';
import { type Command, Option } from 'commander';
import { findService, KINDS, type ServiceCliOptions } from '../../azure/service-options.ts';
import { addWorkspaceOptions } from '../../azure/workspace-options.ts';
import type { CommandIo } from '../../io.ts';
import { writeDocument } from '../../output/documents.ts';
import { shownText } from '../../output/foreign-text.ts';
import type { Row } from '../../output/table.ts';

interface MigrateOptions extends Omit<ServiceCliOptions, 'output'> {
  readonly plan?: boolean;
  readonly computeTarget?: string;
  readonly deployment?: string;
  readonly output: 'yaml' | 'json';
}

/** `azureml-ts service migrate`: from a classic service to the deployment file of an online endpoint. */
export function addServiceMigrate(parent: Command, io: CommandIo): void {
  addWorkspaceOptions(
    parent
      .command('migrate')
      .description('print how a classic service becomes an online endpoint, as a deployment file')
      .argument('<name>')
      .option('--plan', 'print the plan; nothing is changed')
      .option('--compute-target <name>', 'attached Kubernetes cluster to move to (default: machines of Azure)')
      .option('--deployment <name>', 'version of a classic endpoint (default: all)')
      .addOption(new Option('--kind <class>', 'look only for services of this class').choices(KINDS)),
  )
    .addOption(new Option('--output <format>', 'how to print').choices(['yaml', 'json']).default('yaml'))
    .action((name: string, options: MigrateOptions) => migrate(name, options, io));
}

async function migrate(name: string, options: MigrateOptions, io: CommandIo): Promise<void> {
  if (options.plan !== true) {
    throw new ValidationError({
      path: '--plan',
      expected: 'given',
      message:
        'Give --plan: it prints a deployment file; azureml-ts deploy -f FILE carries it out. Nothing was changed.',
    });
  }
  const { service } = await findService(name, { ...options, output: 'table' }, io);
  const { formatMigrationPlan, planMigration } = await import('@azureml-ts/core');
  const plan = planMigration(service, { computeTargetName: options.computeTarget, versionName: options.deployment });
  await (options.output === 'json'
    ? writeDocument(io, { plan: plan as unknown as Row })
    : io.writeOut(shownText(io, formatMigrationPlan(plan))));
}

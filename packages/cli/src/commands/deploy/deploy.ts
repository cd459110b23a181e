import { isAzuremlError } from '@azureml-ts/common';
import type { DeploymentFile, Webservice, Workspace } from '@azureml-ts/core';
import { type Command, Option } from 'commander';
import { OUTPUT_FORMATS } from '../../azure/service-options.ts';
import { addWorkspaceOptions, openWorkspace, type WorkspaceCliOptions } from '../../azure/workspace-options.ts';
import type { CommandIo } from '../../io.ts';
import { type FailedService, showDeploymentFailure } from '../../output/deployment-failure.ts';
import { fieldsText, writeDocument } from '../../output/documents.ts';
import { progressLines } from '../../output/progress.ts';
import { parseSeconds } from '../parse-values.ts';
import { serviceDocument } from '../service/show.ts';
import { writeFaults } from './file-faults.ts';
import { showPlan } from './show-plan.ts';
import { watchLocal } from './watch-local.ts';

/** Longest look at a service that failed: it is a help, and must not hold the failure up. */
const LOOK_TIMEOUT_MS = 30_000;

/** Options of `azureml-ts deploy`. */
interface DeployOptions extends WorkspaceCliOptions {
  readonly file: string;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly overwrite?: boolean;
  readonly timeout?: number;
  readonly output: (typeof OUTPUT_FORMATS)[number];
}

/** `azureml-ts deploy`: deploys what a file describes. */
export function addDeploy(program: Command, io: CommandIo): void {
  addWorkspaceOptions(
    program
      .command('deploy')
      .description('deploy a scoring script as a file describes it')
      .requiredOption('-f, --file <file>', 'the deployment file, YAML or JSON')
      .option('--dry-run', 'change nothing, print the requests that would be sent')
      .option('--wait', 'wait until it is healthy; on a failure print the end of its log and exit with 1')
      .option('--overwrite', 'replace a service, or a deployment of an online endpoint, of the same name')
      .option('--timeout <seconds>', 'longest wait', parseSeconds),
  )
    .addOption(new Option('--output <format>', 'how to print').choices(OUTPUT_FORMATS).default('table'))
    .action((options: DeployOptions) => deploy(options, io));
}

async function deploy(options: DeployOptions, io: CommandIo): Promise<void> {
  const { readDeploymentFile } = await import('@azureml-ts/core');
  let file: DeploymentFile | undefined;
  try {
    // Before the workspace: what is wrong in the file needs no account to be found.
    file = await readDeploymentFile(options.file, { env: io.env });
    const { workspace } = await openWorkspace(options, io);
    await (options.dryRun === true ? showPlan(workspace, file, options, io) : run(workspace, file, options, io));
  } catch (error) {
    const told = file === undefined ? error : file.located(error);
    writeFaults(io, told);
    throw told;
  }
}

async function run(workspace: Workspace, file: DeploymentFile, options: DeployOptions, io: CommandIo): Promise<void> {
  const { Model } = await import('@azureml-ts/core');
  const { name } = file.options;
  const { abortSignal } = io;
  const isJson = options.output === 'json';
  // A local service lives as long as this command.
  const isWaiting = options.wait === true || file.type === 'local';
  let service: Webservice;
  try {
    service = await Model.deploy(workspace, {
      ...file.options,
      ...progressLines(io, name),
      overwrite: options.overwrite === true,
      wait: isWaiting,
      timeoutMs: options.timeout,
      abortSignal,
    });
  } catch (error) {
    if (isAboutService(error) && abortSignal?.aborted !== true) {
      await showDeploymentFailure(await failedService(workspace, file, isJson, io), error, io);
    }
    throw error;
  }
  const { kind, state, scoringUri } = service;
  await (isJson
    ? writeDocument(io, { service: serviceDocument(service) })
    : io.writeOut(fieldsText(io, { name, kind, state, scoringUri })));
  if (file.type === 'local') {
    await watchLocal(service, io);
  } else if (!isWaiting) {
    // The traffic is set at the end, which nobody sees here.
    const next = file.type === 'online' ? 'the same command with --wait' : `azureml-ts service wait ${name}`;
    io.writeError(`azureml-ts: see how it ends with: ${next}\n`);
  }
}

/** What there is of the service now: an error may have brought no log, and a new deployment may have been taken back. */
async function failedService(
  workspace: Workspace,
  file: DeploymentFile,
  isJson: boolean,
  { abortSignal }: CommandIo,
): Promise<FailedService> {
  const { Webservice } = await import('@azureml-ts/core');
  const { name, deploymentConfig } = file.options;
  const { kind } = deploymentConfig;
  const service =
    file.type === 'local'
      ? undefined
      : await Webservice.get(workspace, name, { kind, timeoutMs: LOOK_TIMEOUT_MS, abortSignal }).catch(() => undefined);
  const document = service === undefined ? null : serviceDocument(service);
  return { name, kind, state: service?.state, service, document, isJson };
}

/** Whether a service was begun and did not become healthy. */
function isAboutService(error: unknown): boolean {
  return isAzuremlError(error, 'DEPLOYMENT_FAILED') || isAzuremlError(error, 'TIMEOUT');
}

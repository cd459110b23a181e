import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DeploymentPlan,
  type DeploymentProgress,
  Model,
  type OnlineDeployOptions,
  type OnlineEndpoint,
  readDeploymentFile,
} from '@azureml-ts/core';
import { openPlace, type Place } from './place.ts';

/** How a line of the server itself begins. */
const SERVER_LINE = /^\d{4}-\d\d-\d\dT\S+ [A-Z] \[/;
const LOG_TIMEOUT_MS = 60_000;
const LOOK_AGAIN_MS = 500;
/** How the progress of long work is told. */
const TOLD = {
  showOutput: false,
  onProgress: ({ state, message }: DeploymentProgress) => progress(`${state}: ${message}`),
};

/** What the scenario needs to know. */
export interface ScenarioOptions {
  /** Folder of the example. */
  readonly example: string;
  /** The config.json of the workspace. */
  readonly config: string;
  /** Only print what would be sent. */
  readonly isDryRun: boolean;
  /** Leave the endpoint there. */
  readonly isKept: boolean;
  /** Ends the scenario early. */
  readonly abortSignal: AbortSignal;
}

/**
 * Deploys the service, tries it, and takes it away again. What runs on this machine has ended when it returns.
 *
 * @throws Error saying what did not hold.
 */
export async function deployDiabetes(options: ScenarioOptions): Promise<void> {
  const cleanup: (() => Promise<unknown>)[] = [];
  try {
    const place = await openPlace(options.example, options.config, cleanup, options.abortSignal);
    await play(options, place);
  } finally {
    for (const end of cleanup.toReversed()) {
      await end();
    }
  }
}

async function play(options: ScenarioOptions, place: Place): Promise<void> {
  const { example, abortSignal } = options;
  const { workspace } = place;
  const env = { ENDPOINT_NAME: endpointName(workspace.id), ...process.env };
  const file = await readDeploymentFile(join(example, 'deployment.yml'), { env });
  const deployment = { ...file.options, abortSignal } as OnlineDeployOptions;
  const { name } = deployment;

  // 1. What would be done.
  const plan = await Model.planDeployment(workspace, deployment);
  if (options.isDryRun) {
    print(JSON.stringify(plan, undefined, 2));
    return;
  }
  print(`workspace: ${workspace.workspaceName}, ${place.isReal ? 'in Azure' : 'for which this machine stands in'}`);
  showPlan(plan);
  const isMade = plan.requests.some(({ url }) => new URL(url).pathname.endsWith(`/onlineEndpoints/${name}`));
  const isKept = options.isKept || !isMade;
  try {
    const service = await tryOut(options, place, deployment);
    // 5. Away with it, when it was made here.
    if (isKept) {
      print(`kept: ${name}; take it away with: azureml-ts service delete ${name}`);
      return;
    }
    await service.delete({ ...TOLD, abortSignal });
    print(`deleted: ${name}; the model and the environment stay registered`);
  } catch (error) {
    if (place.isReal) {
      progress(`${name} may still be in the workspace, and cost: azureml-ts service delete ${name}`);
    }
    throw error;
  }
}

/** Deploys, scores, shows the log, and turns a switch. */
async function tryOut(
  { example, abortSignal }: ScenarioOptions,
  place: Place,
  deployment: OnlineDeployOptions,
): Promise<OnlineEndpoint> {
  const { workspace } = place;
  const { name } = deployment;

  // 2. It is done. Should this be cut off, the same command finishes it.
  const service = await Model.deploy(workspace, { ...deployment, ...TOLD, wait: true });
  await place.afterChange(name);
  print(`deployed: ${name} is ${service.state}, traffic ${JSON.stringify(service.traffic)}`);
  const again = await Model.planDeployment(workspace, deployment);
  ensure(again.requests.length === 0, 'the same file would change nothing now');

  // 3. It scores, as scikit-learn does.
  await score(service, example, abortSignal);
  print('the log, what the script printed:');
  for (const line of await scriptLines(service, abortSignal)) {
    print(`  ${line}`);
  }

  // 4. A switch of a service that runs.
  const telemetry = place.telemetry === undefined ? {} : { appInsightsConnectionString: place.telemetry };
  await service.update({ enableAppInsights: true, ...telemetry }, { ...TOLD, wait: true, abortSignal });
  await place.afterChange(name);
  ensure(service.enableAppInsights === true, 'Application Insights is on');
  await score(service, example, abortSignal);
  print(`traces: ${await place.traces(abortSignal)}`);
  return service;
}

/** The name of an endpoint is taken once in a region: the workspace makes it unique. */
function endpointName(workspaceId: string): string {
  return `diabetes-${createHash('sha256').update(workspaceId).digest('hex').slice(0, 8)}`;
}

function showPlan({ uploads, requests }: DeploymentPlan): void {
  print(`plan: ${requests.length === 0 ? 'all is there already' : 'nothing was changed yet'}`);
  for (const { what, files, bytes } of uploads) {
    print(`  upload  ${what}: ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${bytes} bytes`);
  }
  for (const { what, method } of requests) {
    print(`  ${method.padEnd(7)} ${what}`);
  }
}

/** The lines of the log that the script printed. One may take seconds to be seen. */
async function scriptLines(service: OnlineEndpoint, abortSignal: AbortSignal): Promise<string[]> {
  const deadline = Date.now() + LOG_TIMEOUT_MS;
  for (;;) {
    const log = await service.getLogs({ numLines: 100, abortSignal });
    const lines = log.split('\n').filter((line) => line !== '' && !SERVER_LINE.test(line));
    if (lines.some((line) => line.includes('"output"')) || Date.now() > deadline) {
      return lines;
    }
    await sleep(LOOK_AGAIN_MS, undefined, { signal: abortSignal });
  }
}

async function score(service: OnlineEndpoint, example: string, abortSignal: AbortSignal): Promise<void> {
  const diabetes = join(example, '..', 'diabetes');
  const [, line = ''] = readFileSync(join(diabetes, 'data', 'diabetes.csv'), 'utf8').split('\n');
  const [expected] = JSON.parse(readFileSync(join(diabetes, 'model', 'sklearn_predictions.json'), 'utf8')) as number[];
  const row = line.split(',').slice(0, -1).map(Number);
  const { predictions } = (await service.run({ data: [row] }, { abortSignal })) as { predictions: number[] };
  print(`scored: ${JSON.stringify(row)} is ${predictions[0]}`);
  ensure(Object.is(predictions[0], expected), 'the endpoint predicts what scikit-learn predicts');
}

function ensure(held: boolean, what: string): void {
  if (!held) {
    throw new Error(`it did not hold that ${what}`);
  }
  progress(`ok ${what}`);
}

function progress(text: string): void {
  process.stderr.write(`-- ${text}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

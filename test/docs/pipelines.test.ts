import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type AzureStandIn, startAzureStandIn } from '@azureml-ts/testing';
import { ROOT } from '../support/checkout.ts';
import { fencesOf, readCheckoutFile } from '../support/markdown.ts';
import { type PipelineStep, stepsOf } from './pipeline-steps.ts';

const [GITHUB = '', AZURE = ''] = fencesOf(readCheckoutFile('docs/guide/logs-in-ci.md'))
  .filter(({ language }) => language === 'yaml')
  .map(({ text }) => text);

/** What the systems set in each job, as far as it changes what the command does. */
const SYSTEMS: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  GITHUB: { CI: 'true', GITHUB_ACTIONS: 'true' },
  AZURE: { TF_BUILD: 'True' },
};

let folder: string;
let standIn: AzureStandIn;
let env: NodeJS.ProcessEnv;
let running: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azureml-ts-pipeline-'));
  standIn = await startAzureStandIn({ tls: true });
  standIn.addEndpoint('loans', { properties: { traffic: { blue: 100 } } });
  standIn.addDeployment('loans', 'blue', { properties: { appInsightsEnabled: false } }).logs['InferenceServer'] = [
    'first line',
    'last line',
  ];
  await mkdir(join(folder, 'bin'));
  const { HOME, TMPDIR } = process.env;
  const { subscriptionId, resourceGroup, workspaceName } = standIn;
  env = {
    HOME,
    TMPDIR,
    // npx asks nobody whether there is a newer npm.
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
    PATH: [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter),
    ...standIn.environment,
    // The variables that both examples set from variables of their own.
    AZUREML_ARM_SUBSCRIPTION: subscriptionId,
    AZUREML_ARM_RESOURCEGROUP: resourceGroup,
    AZUREML_ARM_WORKSPACE_NAME: workspaceName,
    SERVICE: 'loans',
    GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
    BUILD_ARTIFACTSTAGINGDIRECTORY: folder,
  };
  // There is no registry here: installing puts the built command of this checkout where npm would.
  await writeFile(
    join(folder, 'bin', 'npm'),
    `#!/bin/sh\n[ "$*" = "install --no-save @azureml-ts/cli" ] || exit 9\n` +
      `mkdir -p node_modules/.bin && ln -s "${join(ROOT, 'packages/cli/dist/main.js')}" node_modules/.bin/azureml-ts\n`,
  );
  await chmod(join(folder, 'bin', 'npm'), 0o755);
  await symlink(process.execPath, join(folder, 'bin', 'node'));
});
afterEach(async () => {
  // A step that hangs, with all that it has started.
  if (running?.pid !== undefined && running.exitCode === null) {
    process.kill(-running.pid, 'SIGKILL');
  }
  await standIn.close();
  await rm(folder, { recursive: true, force: true });
});

interface StepResult {
  readonly name: string;
  readonly code: number | null;
  readonly output: string;
}

/** Runs the steps as the systems do: the first that fails ends the job, but for steps that always run. */
async function runJob(steps: readonly PipelineStep[], system: string): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const step of steps) {
    if (step.isAlwaysRun || results.every(({ code }) => code === 0)) {
      results.push(await runStep(step, { ...env, ...SYSTEMS[system] }));
    }
  }
  return results;
}

async function runStep({ name, script }: PipelineStep, stepEnv: NodeJS.ProcessEnv): Promise<StepResult> {
  const file = join(folder, 'step.sh');
  await writeFile(file, script);
  const child = spawn('bash', ['-e', file], {
    cwd: folder,
    env: stepEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running = child;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  return { name, code, output };
}

const JOBS = [
  ['GITHUB', GITHUB, 6],
  ['AZURE', AZURE, 3],
] as const;

describe('the steps of the examples for pipelines', () => {
  it.each(JOBS)('of %s are found', (_, text, count) => {
    expect(stepsOf(text)).toHaveLength(count);
  });

  it.each(JOBS)(
    'of %s change the service, wait, score and take the log',
    async (system, text) => {
      const results = await runJob(stepsOf(text), system);
      expect(results.map(({ code, output }) => (code === 0 ? code : output))).toEqual(results.map(() => 0));
      const printed = results.map(({ output }) => output).join('');
      expect(printed).toContain('{"data":[[1,2,3]]}');
      expect(printed).not.toMatch(/^(::|##vso)/m);
      expect(standIn.deployment('loans', 'blue')?.resource).toMatchObject({ properties: { appInsightsEnabled: true } });
      expect(await readFile(join(folder, 'service.log'), 'utf8')).toBe('first line\nlast line\n');
      expect(standIn.secrets().filter((secret) => printed.includes(secret))).toEqual([]);
    },
    60_000,
  );

  it.each(JOBS)(
    'of %s show the log of a change that fails, and end the job',
    async (system, text) => {
      standIn.planOperations({
        outcome: 'Failed',
        error: { code: 'ResourceNotReady', message: 'User container has crashed or terminated.' },
        logs: { InferenceServer: ['loading', "ModuleNotFoundError: No module named 'numpy'"] },
      });
      const results = await runJob(stepsOf(text), system);
      const failed = results.find(({ code }) => code !== 0);
      expect(failed).toMatchObject({ code: 1, name: expect.stringMatching(/healthy/) });
      expect(failed?.output).toContain("ModuleNotFoundError: No module named 'numpy'");
      expect(failed?.output).toMatch(system === 'GITHUB' ? /^::error/m : /^##vso\[task\.logissue type=error/m);
      // What always runs ran, and nothing after the failure else.
      expect(results.at(-1)).toMatchObject({ name: 'Take the log', code: 0 });
      expect(results.at(-2)).toBe(failed);
      expect(await readFile(join(folder, 'service.log'), 'utf8')).toContain('ModuleNotFoundError');
      if (system === 'GITHUB') {
        expect(await readFile(join(folder, 'summary.md'), 'utf8')).toContain('ModuleNotFoundError');
      }
    },
    60_000,
  );
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type AzureStandIn, startAzureStandIn } from '@azureml-ts/testing';
import { type CommandProcess, type Outcome, runCommand } from './support/run-command.ts';

let standIn: AzureStandIn;
let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'azureml-ts-cli-'));
  standIn = await startAzureStandIn({ tls: true });
  standIn.addEndpoint('loans', { properties: { traffic: { blue: 100 } } });
  const { logs } = standIn.addDeployment('loans', 'blue');
  logs['InferenceServer'] = ['first line', 'last line'];
  const { subscriptionId, resourceGroup, workspaceName } = standIn;
  await writeFile(
    path.join(folder, 'config.json'),
    JSON.stringify({ subscription_id: subscriptionId, resource_group: resourceGroup, workspace_name: workspaceName }),
  );
  const { PATH, HOME, TMPDIR } = process.env;
  env = { PATH, HOME, TMPDIR, ...standIn.environment };
});
afterEach(async () => {
  await standIn.close();
  await rm(folder, { recursive: true, force: true });
});

function run(
  args: readonly string[],
  options: { readonly input?: string } = {},
  onStart?: (child: CommandProcess) => void,
): Promise<Outcome> {
  return runCommand(args, { env, cwd: folder, ...options }, onStart);
}

describe('the built command, against a workspace over https', () => {
  it('finds the workspace in the nearest config.json, signs in from the environment, and works', async () => {
    const list = await run(['service', 'list', '--output', 'json']);
    expect(list).toMatchObject({ code: 0, error: '' });
    expect(JSON.parse(list.out).rows).toMatchObject([{ name: 'loans', kind: 'OnlineEndpoint' }]);

    const update = await run(['service', 'update', 'loans', '--enable-app-insights', '--wait']);
    expect(update).toMatchObject({ code: 0, error: expect.stringMatching(/^loans: /) });
    expect(standIn.deployment('loans', 'blue')?.resource).toMatchObject({ properties: { appInsightsEnabled: true } });

    const logs = await run(['service', 'logs', 'loans', '--num-lines', '1']);
    expect(logs).toEqual({ code: 0, out: 'last line\n', error: '' });

    const answer = await run(['service', 'run', 'loans'], { input: '{"data":[[1,2]]}' });
    expect(answer).toEqual({ code: 0, out: '{"data":[[1,2]]}\n', error: '' });

    const healthy = await run(['service', 'wait', 'loans', '--output', 'json']);
    expect(healthy.code).toBe(0);
    expect(JSON.parse(healthy.out)).toMatchObject({ schemaVersion: 1, service: { state: 'Healthy' } });

    const doctor = await run(['doctor', 'loans', '--storage', pathToFileURL(folder).href]);
    expect(doctor.out).toMatch(/^ok {4}service /m);
    expect(doctor.code).toBe(0);

    expect(await run(['service', 'delete', 'loans'])).toMatchObject({ code: 2, out: '' });
    expect(await run(['service', 'delete', 'loans', '--yes'])).toMatchObject({ code: 0 });
    expect(await run(['service', 'show', 'loans'])).toMatchObject({ code: 4, out: '' });
  });

  it('ends a followed log with 0 when the reader goes away, and with 130 on Ctrl-C', async () => {
    const log = standIn.deployment('loans', 'blue')?.logs['InferenceServer'] ?? [];
    const reader = await run(['service', 'logs', 'loans', '--follow'], {}, (child) => {
      child.stdout.once('data', () => {
        child.stdout.destroy();
        log.push('a line that nobody reads');
      });
    });
    expect(reader).toMatchObject({ code: 0, error: '' });

    const interrupted = await run(['service', 'logs', 'loans', '--follow'], {}, (child) => {
      child.stdout.once('data', () => child.kill('SIGINT'));
    });
    expect(interrupted).toMatchObject({ code: 130, error: '' });
    expect(interrupted.out).toMatch(/^first line\n/);
  });

  it('ends with 130 on Ctrl-C while an operation runs', async () => {
    standIn.planOperations({ polls: Number.POSITIVE_INFINITY });
    const outcome = await run(['service', 'update', 'loans', '--enable-app-insights', '--wait'], {}, (child) => {
      child.stderr.once('data', () => child.kill('SIGINT'));
    });
    expect(outcome).toMatchObject({
      code: 130,
      out: '',
      error: expect.stringMatching(/^loans: [^\n]*\nloans: [^\n]* ended by its caller[^\n]*"blue" was accepted\.\n$/),
    });
  });

  it('ends with 3 without a token, and does not print the one that was refused', async () => {
    env['AZUREML_ARM_ACCESS_TOKEN'] = `${env['AZUREML_ARM_ACCESS_TOKEN']}x`;
    const outcome = await run(['service', 'list', '--kind', 'OnlineEndpoint']);
    expect(outcome).toMatchObject({ code: 3, out: '', error: expect.stringContaining('[AUTHENTICATION_FAILED]') });
    expect(outcome.error).not.toContain(String(env['AZUREML_ARM_ACCESS_TOKEN']).slice(0, 40));
  });

  it.each([[['--help']], [['service', '--help']], [['serve', '--help']], [['service', 'update', 'loans']]])(
    'loads nothing of Azure for %j',
    async (args) => {
      const probe = pathToFileURL(path.join(__dirname, 'fixtures', 'list-loaded.mjs')).href;
      const { error } = await runCommand(args, { env, cwd: folder, nodeArguments: ['--import', probe] });
      const loaded = [...error.matchAll(/^loaded (.*)$/gm)].map(([, url = '']) => url);
      expect(loaded.length).toBeGreaterThan(2);
      expect(loaded.filter((url) => /@azure\/|\/core\/dist\//.test(url))).toEqual([]);
    },
  );
});

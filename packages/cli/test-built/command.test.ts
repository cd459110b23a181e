import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ModelDataCollector } from '@azureml-ts/monitoring';
import { type CommandProcess, type Outcome, runCommand } from './support/run-command.ts';

const workspace = { subscriptionId: 's', resourceGroup: 'r', workspaceName: 'w' };
let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'azureml-ts-cli-'));
  env = {
    ...process.env,
    AML_MODEL_DC_STORAGE: pathToFileURL(folder).href,
    AZUREML_ARM_SUBSCRIPTION: 's',
    AZUREML_ARM_RESOURCEGROUP: 'r',
    AZUREML_ARM_WORKSPACE_NAME: 'w',
    SERVICE_NAME: 'svc',
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function run(args: readonly string[], onStart?: (child: CommandProcess) => void): Promise<Outcome> {
  return runCommand(args, { env, cwd: folder }, onStart);
}

async function collectRows(count: number): Promise<void> {
  const collector = new ModelDataCollector('m', {
    designation: 'inputs',
    featureNames: ['x', 'text'],
    workspace,
    webserviceName: 'svc',
    modelVersion: '2',
    storage: { directory: folder },
  });
  collector.collect(
    Array.from({ length: count }, (_, index) => [index + 0.5, index === 0 ? 'a,"b"\nc' : `row ${index}`]),
  );
  await collector.close();
}

const CAT = ['data', 'cat', '--model', 'm', '--model-version', '2', '--designation', 'inputs'];

describe('azureml-ts serve', () => {
  it('says what is wrong, with the exit code of the inference server', async () => {
    expect(await run(['serve', '--port', 'x', '--entry-script', 'a.ts'])).toMatchObject({
      code: 2,
      error: expect.stringContaining('azureml-ts serve: --port must be a number from 0 to 65535, but is "x".'),
    });
    expect(await run(['serve', '--entry-script', 'no-such-file.ts'])).toMatchObject({
      code: 3,
      error: expect.stringContaining('ENTRY_SCRIPT_NOT_FOUND'),
    });
    await writeFile(path.join(folder, 'empty.mjs'), 'export const init = () => undefined;');
    expect(await run(['serve', '--entry-script', 'empty.mjs'])).toMatchObject({
      code: 3,
      error: expect.stringContaining('ENTRY_SCRIPT_INVALID'),
    });
  });

  it('marks a start that failed for the build system, and puts what is wrong on one line', async () => {
    env['GITHUB_ACTIONS'] = 'true';
    const usage = await run(['serve', '--no\n::error::x']);
    expect(usage.code).toBe(2);
    expect(usage.error.split('\n')).toEqual([
      expect.stringMatching(/^azureml-ts serve: .*--no ::error::x\. .*\[VALIDATION\]$/),
      'See azureml-ts serve --help.',
      expect.stringMatching(/^::error title=azureml-ts::.*--no%0A: :error::x\. .*\[VALIDATION\]$/),
      '',
    ]);
    const missing = await run(['serve', '--entry-script', 'no-such-file.ts']);
    expect(missing.error).toMatch(/^::error title=azureml-ts::.*no-such-file\.ts.* \[ENTRY_SCRIPT_NOT_FOUND\]$/m);
  });

  it('serves a script until SIGTERM, and then ends with 0', async () => {
    await writeFile(path.join(folder, 'score.mjs'), 'export const run = (rawData) => rawData.length;');
    let answer: unknown;
    const outcome = await run(
      ['serve', '--entry-script', 'score.mjs', '--port', '0', '--host', '127.0.0.1'],
      (child) => {
        let text = '';
        const onText = async (piece: Buffer) => {
          text += piece;
          const url = /Listening on (http:\S+)/.exec(text)?.[1];
          if (url !== undefined && answer === undefined) {
            answer = 'asked';
            answer = await (await fetch(`${url}/score`, { method: 'POST', body: 'four' })).json();
            child.kill('SIGTERM');
          }
        };
        child.stdout.on('data', onText);
        child.stderr.on('data', onText);
      },
    );
    expect(answer).toBe(4);
    expect(outcome.code).toBe(0);
  });
});

describe('azureml-ts data cat', () => {
  it('prints collected rows as a table, as JSON and as CSV', async () => {
    await collectRows(3);
    const table = await run([...CAT, '--limit', '2']);
    expect(table).toMatchObject({ code: 0, error: '' });
    expect(table.out.split('\n').filter((line) => line !== '').length).toBeGreaterThanOrEqual(3);
    const json = JSON.parse((await run([...CAT, '--output', 'json'])).out);
    expect(json.rows).toHaveLength(3);
    expect(json.rows[0]).toMatchObject({ x: 0.5, text: 'a,"b"\nc' });
    const csv = (await run([...CAT, '--output', 'csv'])).out;
    expect(csv).toMatch(/^x,text,\$aml_dc_correlation_id,/);
    expect(csv).toContain('\n0.5,"a,""b""\nc",');
  });

  it('ends with 130 on Ctrl-C', async () => {
    await collectRows(60_000);
    const outcome = await run([...CAT, '--output', 'json'], (child) => {
      child.stdout.once('data', () => child.kill('SIGINT'));
    });
    expect(outcome).toMatchObject({ code: 130, error: '' });
    expect(outcome.out.endsWith(']}\n')).toBe(false);
  });

  it('ends quietly when the reader has seen enough', async () => {
    await collectRows(20_000);
    const outcome = await run([...CAT, '--output', 'csv'], (child) => {
      child.stdout.once('data', () => child.stdout.destroy());
    });
    expect(outcome.error).toBe('');
    expect(outcome.code).toBe(0);
  });
});

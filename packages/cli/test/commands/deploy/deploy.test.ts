import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AzureStandIn, type Azurite, startAzureStandIn, startAzurite } from '@azureml-ts/testing';
import { main } from '../../../src/index.ts';
import { ioFor, type RecordedIo } from '../../recorded-io.ts';

let azurite: Azurite;
let standIn: AzureStandIn;
let folder: string;
let file: string;

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-deploy-'));
  file = join(folder, 'deployment.yml');
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'src', 'score.mjs'), 'export const run = (body) => JSON.parse(body).data.length;\n');
  await writeFile(join(folder, 'src', 'score.py'), 'def init():\n    pass\ndef run(d):\n    return d\n');
  await writeFile(join(folder, 'src', 'package.json'), '{ "name": "score", "type": "module" }\n');
  const packages = { '': {}, 'node_modules/@azureml-ts/inference-server': { version: '1.0.0' } };
  await writeFile(join(folder, 'src', 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
  standIn = await startAzureStandIn({ blobs: azurite.connectionString });
});
afterEach(async () => {
  await standIn.close();
  await rm(folder, { recursive: true, force: true });
});

const ONLINE = `endpoint_name: loans
name: blue
code_configuration:
  code: src
  scoring_script: score.mjs
instance_type: Standard_DS3_v2
environment_variables: { API_KEY: "\${{ env.API_KEY }}" }
`;
const ACI = `type: aci
name: svc
model: azureml:best_model:10
code_configuration: { code: src, scoring_script: score.py }
environment: { name: myenv, version: 3 }
cpu_cores: 0.5
`;

async function run(text: string, argv: readonly string[] = [], io: RecordedIo = ioFor(standIn)) {
  await writeFile(file, text);
  io.env['API_KEY'] = 'value-of-the-variable';
  const code = await main(['deploy', '-f', file, ...argv], io);
  return { code, out: io.out, error: io.error };
}

function writes(): string[] {
  return standIn
    .exchanges()
    .filter(
      ({ method, plane }) => (method === 'PUT' && plane === 'management') || (method === 'POST' && plane === 'classic'),
    )
    .map(({ method, url }) => `${method} ${new URL(url).pathname.split('/').slice(-2).join('/')}`);
}

describe('azureml-ts deploy', () => {
  it('deploys a classic service that a file describes, and waits for it', async () => {
    const { code, out, error } = await run(ACI, ['--wait']);
    expect(error).toMatch(/^svc: Healthy /m);
    expect(code).toBe(0);
    expect(out).toMatch(/^name +svc\nkind +AciWebservice\nstate +Healthy\nscoringUri +http/);
    expect(standIn.service('svc')?.resource).toMatchObject({ containerResourceRequirements: { cpu: 0.5 } });
  });

  it('returns when the service has accepted it, and says how to see the end', async () => {
    const { code, out, error } = await run(ACI, ['--output', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      service: { name: 'svc', kind: 'AciWebservice', state: 'Transitioning' },
    });
    expect(error).toContain('azureml-ts service wait svc\n');
  });

  it('needs --overwrite for a name that is taken, and says so in its own words', async () => {
    standIn.addService('svc', { computeType: 'ACI' });
    const taken = await run(ACI);
    expect(taken.code).not.toBe(0);
    expect(taken.error).toMatch(/svc/);
    expect(taken.error).not.toMatch(/overwrite: true|update\(\)/);
    expect((await run(ACI, ['--overwrite', '--wait'])).code).toBe(0);
  });

  it('shows the end of the log of a failure, marks it for the build and summarises it, with 1', async () => {
    standIn.planOperations({
      outcome: 'Failed',
      error: { code: 'InitFailed', message: 'init() has thrown' },
      logs: { InferenceServer: ['loading', 'Error: no such model ::error::x'] },
    });
    const summary = join(folder, 'summary.md');
    const io = ioFor(standIn, { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary });
    const { code, out, error } = await run(ACI, ['--wait', '--output', 'json'], io);
    expect(code).toBe(1);
    expect(error).toMatch(/^==> svc: end of the log of .*inference-server.* <==$/m);
    expect(error).toContain('Error: no such model');
    expect(error.match(/^::error .*$/gm)).toEqual([expect.stringMatching(/\[DEPLOYMENT_FAILED\]$/)]);
    expect(JSON.parse(out)).toMatchObject({
      service: { name: 'svc', state: 'Failed' },
      error: { code: 'DEPLOYMENT_FAILED' },
    });
    expect(await readFile(summary, 'utf8')).toContain('DEPLOYMENT\\_FAILED');
  });

  it('tells every fault of the file with its line, before it looks for a workspace, with 2', async () => {
    const io = ioFor(standIn, { AZUREML_ARM_WORKSPACE_NAME: undefined });
    const { code, error } = await run(`${ONLINE}instance_typ: x\ndata_colector: true\n`, [], io);
    expect(code).toBe(2);
    const lines = error.split('\n');
    expect(lines[0]).toBe(`${file}:8:1: instance_typ: is not a key of the type online; did you mean instance_type?`);
    expect(lines[1]).toBe(`${file}:9:1: data_colector: is not a key of the type online; did you mean data_collector?`);
    expect(lines[2]).toMatch(/^azureml-ts: The deployment file .* has 2 faults: .*\[DEPLOYMENT_FILE_INVALID\]$/);
    expect(standIn.exchanges()).toEqual([]);
  });

  it('tells what is wrong with the script at its line too', async () => {
    const { code, error } = await run(ACI.replace('score.py', 'none.py'));
    expect(code).toBe(2);
    expect(error).toContain(`${file}:4:34: code_configuration.scoring_script: names a file that does not exist`);
    expect(writes()).toEqual([]);
  });

  it('ends with 4 when there is no file, and with 2 without one', async () => {
    const io = ioFor(standIn);
    expect(await main(['deploy', '-f', join(folder, 'none.yml')], io)).toBe(4);
    expect(io.error).toContain('[DEPLOYMENT_FILE_NOT_FOUND]');
    expect(await main(['deploy'], ioFor(standIn))).toBe(2);
  });

  it('runs a local service until Ctrl-C, with its log, and then takes it away', async () => {
    const io = ioFor(standIn);
    const abort = new AbortController();
    io.abortSignal = abort.signal;
    let answer: unknown;
    const asked = Promise.withResolvers<void>();
    io.writeError = (text) => {
      io.error += text;
      const url = /answers at (\S+)/.exec(text)?.[1];
      if (url !== undefined) {
        fetch(url, { method: 'POST', body: '{"data":[1,2,3]}' })
          .then(async (response) => {
            answer = await response.json();
          })
          .finally(() => abort.abort(new Error('Interrupted')))
          .then(asked.resolve, asked.reject);
      }
    };
    const local =
      'type: local\nname: svc\ncode_configuration: { code: src, scoring_script: score.mjs }\ndirectory: services\n';
    const { code, out } = await run(local, [], io);
    await asked.promise;
    expect(answer).toBe(3);
    expect(code).toBe(130);
    expect(out).toMatch(/^name +svc\nkind +LocalWebservice\nstate +Healthy/);
  }, 60_000);

  it('prints the requests of a classic service in a dry run, each body once, and sends only GETs', async () => {
    const { code, out, error } = await run(`${ACI}environment_variables: { A: "\${{ env.API_KEY }}" }\n`, [
      '--dry-run',
    ]);
    expect([code, error]).toEqual([0, '']);
    expect(out).toMatch(/^Classic service "svc" \(AciWebservice\): nothing was changed\.$/m);
    expect(out).toMatch(/^Upload of the folder of the script, packed as .*: 4 files, \d+ bytes, to aml:/m);
    expect(out).toMatch(/^# Checking the request\nPOST https:.*\/services\/validate\n/m);
    expect(out).toMatch(/"createRequest": "\(the body of the last request\)"/);
    expect(out).toMatch(/^# Making the service svc\nPOST https:.*\/services\n\{$/m);
    expect(out.match(/"computeType": "ACI"/g)).toHaveLength(1);
    expect(out).not.toContain('value-of-the-variable');
    expect(standIn.exchanges().filter(({ method }) => method !== 'GET')).toEqual([]);
    const json = JSON.parse((await run(ACI, ['--dry-run', '--output', 'json'])).out);
    expect(json).toMatchObject({ schemaVersion: 1, plan: { name: 'svc', kind: 'AciWebservice' } });
    expect(json.plan.requests.at(-2).body).toEqual(json.plan.requests.at(-1).body);
  });

  it('tells what a local service would start in a dry run, and starts nothing', async () => {
    const local =
      'type: local\nname: svc\ncode_configuration: { code: src, scoring_script: score.mjs }\ndirectory: services\nport: 5001\n';
    const { code, out, error } = await run(local, ['--dry-run']);
    expect([code, error]).toEqual([0, '']);
    expect(out).toMatch(/^Service "svc" on this machine: nothing was started\.$/m);
    expect(out).toMatch(/^.* --entry-script .*score\.mjs --port 5001 --host 127\.0\.0\.1$/m);
    expect(out).toMatch(/^SERVICE_NAME=svc$/m);
    expect(await readdir(folder)).toEqual(['deployment.yml', 'src']);
    const json = await run(local, ['--dry-run', '--output', 'json']);
    expect(JSON.parse(json.out)).toMatchObject({ plan: { kind: 'LocalWebservice', port: 5001 } });
  });
});

describe('azureml-ts deploy to an online endpoint', () => {
  it('prints the requests of a dry run, and changes nothing', async () => {
    const { code, out, error } = await run(ONLINE, ['--dry-run']);
    expect([code, error]).toEqual([0, '']);
    expect(out).toMatch(/^Deployment "blue" of online endpoint "loans": nothing was changed\.$/m);
    expect(out).toMatch(/^Upload of the environment azureml-ts-loans-blue:.* files, \d+ bytes/m);
    expect(out).toMatch(/^PUT https:.*\/onlineEndpoints\/loans\?api-version=/m);
    expect(out).toMatch(/^PUT https:.*\/onlineEndpoints\/loans\/deployments\/blue\?api-version=/m);
    expect(out).not.toContain('value-of-the-variable');
    expect(writes()).toEqual([]);
    const json = await run(ONLINE, ['--dry-run', '--output', 'json']);
    expect(JSON.parse(json.out)).toMatchObject({ schemaVersion: 1, plan: { name: 'loans', deploymentName: 'blue' } });
  });

  it('deploys, and a second time sends nothing', async () => {
    const first = await run(ONLINE, ['--wait']);
    expect(first.error).toMatch(/^loans: Healthy /m);
    expect(first.code).toBe(0);
    expect(first.out).toMatch(/^kind +OnlineEndpoint$/m);
    expect(standIn.endpoint('loans')?.resource).toMatchObject({ properties: { traffic: { blue: 100 } } });
    const before = writes().length;
    expect((await run(ONLINE, ['--wait'])).code).toBe(0);
    expect(writes()).toHaveLength(before);
    expect((await run(ONLINE, ['--dry-run'])).out).toContain('nothing would be sent');
  });

  it('shows the log of a new deployment that failed and was taken back, with 1', async () => {
    standIn.planOperations(
      {},
      {
        outcome: 'Failed',
        error: { code: 'ResourceNotReady', message: 'User container has crashed' },
        logs: { InferenceServer: ['loading', 'Error: no such model'] },
      },
      {},
    );
    const io = ioFor(standIn, { TF_BUILD: 'True' });
    const { code, out, error } = await run(ONLINE, ['--wait', '--output', 'json'], io);
    expect(code).toBe(1);
    expect(error).toMatch(/^==> loans: end of the log of .*inference-server.* <==\nloading\nError: no such model$/m);
    expect(error).toMatch(/^##vso\[task\.logissue type=error;code=DEPLOYMENT_FAILED;\]/m);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'DEPLOYMENT_FAILED' } });
    expect(error).toContain('a file of the type local');
    expect(standIn.deployment('loans', 'blue')).toBeUndefined();
    expect(out + error).not.toContain('value-of-the-variable');
  });

  it('says in the words of the file that a model is registered with other files, and that a named one is not there', async () => {
    await writeFile(join(folder, 'net.bin'), 'one');
    expect((await run(`${ONLINE}model: net.bin\n`, ['--wait'])).code).toBe(0);
    await writeFile(join(folder, 'net.bin'), 'another');
    const changed = await run(`${ONLINE}model: net.bin\n`, ['--dry-run']);
    expect(changed.error).toContain('Give another one in the file: model: { path, version }. [MODEL_EXISTS]');
    const missing = await run(`${ONLINE}model: azureml:net:7\n`, ['--dry-run']);
    expect([missing.code, missing.error]).toEqual([4, expect.stringContaining('the studio shows all.')]);
  });

  it('tells at its line that the lock file lacks what the switches need', async () => {
    const { code, error } = await run(`${ONLINE}data_collector: true\n`);
    expect(code).toBe(2);
    expect(error).toContain('npm install @azureml-ts/monitoring');
    expect(error).toMatch(/^.*deployment\.yml:\d+:\d+: code_configuration/m);
    expect(writes()).toEqual([]);
  });
});

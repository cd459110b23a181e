import { readFileSync } from 'node:fs';
import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { DeploymentFailedError, type DeploymentProgress, InferenceConfig, Model } from '../../src/index.ts';
import { isAlive, localServices, rejection, SCRIPT } from '../support/local-services.ts';

type Echo = { pid: number; cwd: string };

let local: Awaited<ReturnType<typeof localServices>>;
beforeEach(async () => {
  local = await localServices();
});
afterEach(() => local.close());

describe('deploying a LocalWebservice', () => {
  it('returns at once, then becomes healthy, telling each step', async () => {
    const service = await local.deploy();
    const steps: DeploymentProgress[] = [];
    expect(service.state).toBe('Transitioning');
    expect(service.scoringUri).toBeUndefined();

    await service.waitForDeployment({ onProgress: (progress) => steps.push(progress), showOutput: false });

    expect(service.state).toBe('Healthy');
    expect(service.scoringUri).toBe(`http://127.0.0.1:${service.port}/score`);
    expect(service.swaggerUri).toBe(`http://127.0.0.1:${service.port}/swagger.json`);
    expect(steps.map(({ state }) => state)).toEqual(['Transitioning', 'Transitioning', 'Healthy']);
    expect(steps.at(-1)?.elapsedMs).toBeGreaterThanOrEqual(0);
  });

  it('gives the script its place, its models and the names of the workspace', async () => {
    const path = join(local.directory, 'weights.bin');
    await writeFile(path, 'w');
    const service = await local.deployed({ models: [new Model({ name: 'm', version: 2, path })] });

    const names = [
      'SERVICE_NAME',
      'WORKSPACE_NAME',
      'AZUREML_ARM_SUBSCRIPTION',
      'AZUREML_MODEL_DIR',
      'AZUREML_ENTRY_SCRIPT',
      'AML_MODEL_DC_STORAGE',
    ];
    const env = await service.run<Record<string, string>>({ env: names });

    const modelDirectory = join(local.directory, 'svc', 'models', 'm', '2');
    expect(env).toEqual({
      SERVICE_NAME: 'svc',
      WORKSPACE_NAME: 'ws',
      AZUREML_ARM_SUBSCRIPTION: 'sub',
      AZUREML_MODEL_DIR: modelDirectory,
      AZUREML_ENTRY_SCRIPT: SCRIPT,
      AML_MODEL_DC_STORAGE: null,
    });
    expect(readFileSync(join(modelDirectory, 'weights.bin'), 'utf8')).toBe('w');
    expect((await lstat(join(modelDirectory, 'weights.bin'))).isSymbolicLink()).toBe(true);
  });

  it('gives the folder of all models when there are several', async () => {
    const path = join(local.directory, 'weights');
    await mkdir(path);
    const models = ['a', 'b'].map((name) => new Model({ name, path }));
    const service = await local.deployed({ models });

    expect(await service.run({ env: ['AZUREML_MODEL_DIR'] })).toEqual({
      AZUREML_MODEL_DIR: join(local.directory, 'svc', 'models'),
    });
    expect(await readdir(join(local.directory, 'svc', 'models', 'b', '1'))).toEqual(['weights']);
  });

  it('says why init() failed, with code, reason and log lines', async () => {
    const service = await local.deploy({
      config: { environmentVariables: { BREAK_INIT: 'no weights at AccountKey=c2VjcmV0;' } },
    });
    const error = (await rejection(service.waitForDeployment())) as DeploymentFailedError;

    expect(error).toBeInstanceOf(DeploymentFailedError);
    expect(error).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      reason: 'INIT_FAILED',
      details: { exitCode: 3 },
      cause: { code: 'INIT_FAILED' },
    });
    expect(error.message).toContain('init() failed: no weights');
    expect(error.logs).toContain('init without greeting');
    expect(inspect(error)).not.toContain('c2VjcmV0');
    expect(service.state).toBe('Failed');
    expect((await rejection(service.run({}))).message).toContain('no weights');
  });

  it('takes the telling line from the log when the process just ends', async () => {
    const service = await local.deploy({ config: { environmentVariables: { EXIT_IN_INIT: '1' } } });
    const error = await rejection(service.waitForDeployment());

    expect(error.message).toContain('ended with exit code 7: TypeError: weights.map is not a function');
    expect(error).toMatchObject({ reason: 'PROCESS_EXITED', details: { exitCode: 7 } });
  });

  it('says that the port is in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => blocker.once('listening', listening));
    const { port } = blocker.address() as AddressInfo;
    const service = await local.deploy({ config: { port } });
    const error = await rejection(service.waitForDeployment());
    await new Promise((closed) => blocker.close(closed));

    expect(error).toMatchObject({ code: 'DEPLOYMENT_FAILED', reason: 'PORT_IN_USE' });
    expect(error.message).toContain(`Port ${port} is in use`);
  });

  it('gives up a wait at its time limit or signal, while the service goes on', async () => {
    const script = join(local.directory, 'slow.mjs');
    await writeFile(
      script,
      'export const init = () => { console.log("loading"); return new Promise((r) => setTimeout(r, 700)); }; export const run = () => 1;',
    );
    const service = await local.deploy({ inferenceConfig: new InferenceConfig({ entryScript: script }) });

    expect(await rejection(service.waitForDeployment({ timeoutMs: 50 }))).toMatchObject({
      code: 'TIMEOUT',
      details: { state: 'Transitioning' },
    });
    const abort = new AbortController();
    const aborted = service.waitForDeployment({ abortSignal: abort.signal });
    abort.abort(new Error('changed my mind'));
    await expect(aborted).rejects.toThrow('changed my mind');
    expect(await service.run('x')).toBe(1);
  });

  it('refuses a name that is taken unless it may overwrite', async () => {
    const first = await local.deployed();
    expect(await rejection(local.deploy())).toMatchObject({ code: 'WEBSERVICE_EXISTS' });
    const { pid } = await first.run<Echo>({});

    const second = await local.deployed({ overwrite: true });

    expect(isAlive(pid)).toBe(false);
    expect(first.state).toBe('Deleted');
    expect(await second.run({ echo: 'second' })).toMatchObject({ echo: 'second' });
  });

  it('leaves one service when two deployments of one name come at once', async () => {
    const outcomes = await Promise.allSettled([local.deploy(), local.deploy()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);

    const both = await Promise.all([local.deploy({ overwrite: true }), local.deploy({ overwrite: true })]);
    // Which of the two comes second depends on the file system.
    await both.find(({ state }) => state !== 'Deleted')?.waitForDeployment();
    expect(both.map(({ state }) => state).sort()).toEqual(['Deleted', 'Healthy']);
  });
});

describe('scoring', () => {
  it('sends strings and bytes as they are and anything else as JSON', async () => {
    const service = await local.deployed();

    expect(await service.run('as it is')).toMatchObject({ echo: 'as it is' });
    expect(await service.run(Buffer.from('bytes €'))).toMatchObject({ echo: 'bytes €' });
    expect(await service.run({ echo: [1, 'ü'] })).toMatchObject({ echo: [1, 'ü'] });
    await expect(service.run(undefined)).rejects.toMatchObject({ code: 'VALIDATION' });
    await expect(service.run({ big: 1n })).rejects.toMatchObject({ code: 'VALIDATION' });
    await expect(service.run({}, { headers: { 'x-bad': 'a\nb' } })).rejects.toMatchObject({ code: 'VALIDATION' });
  });

  it.each(['Transfer-Encoding', 'content-length', 'Connection', 'HOST', 'upgrade'])(
    'refuses the header %s, which the request itself determines',
    async (name) => {
      const service = await local.deploy();
      expect(await rejection(service.run('x', { headers: { [name]: '1' } }))).toMatchObject({
        code: 'VALIDATION',
        path: `headers.${name}`,
      });
    },
  );

  it('gives text that is not JSON as text, and other content as bytes', async () => {
    const service = await local.deployed();

    expect(await service.run({ raw: 'plain text', type: 'text/plain' })).toBe('plain text');
    expect(await service.run({ raw: 'PNG', type: 'image/png' })).toEqual(Buffer.from('PNG'));
  });

  it('sends request id and headers, over a connection that is kept', async () => {
    const service = await local.deployed();
    const headers = await service.run<Record<string, string>>(
      { headers: true },
      { requestId: 'r-1', headers: { 'X-Mine': 'y' } },
    );

    expect(headers).toMatchObject({
      'x-request-id': 'r-1',
      'x-mine': 'y',
      'content-type': 'application/json',
      connection: 'keep-alive',
    });
  });

  it('tells what the service answered to a bad request', async () => {
    const service = await local.deployed();

    const refused = await rejection(service.run({ refuse: 'age must be a number', status: 400 }, { requestId: 'r-2' }));
    expect(refused).toMatchObject({ code: 'SCORING_FAILED', statusCode: 400, requestId: 'r-2', retryable: false });
    expect(refused.message).toContain('answered 400: age must be a number (request r-2)');
    expect(await rejection(service.run({ refuse: 'later', status: 503 }))).toMatchObject({
      statusCode: 503,
      retryable: true,
    });
  });

  it('is cut off at its time limit or signal', async () => {
    const service = await local.deployed({ internals: { stopLimits: { requestsMs: 100, serverMs: 300 } } });

    expect(await rejection(service.run({ hang: true }, { timeoutMs: 50 }))).toMatchObject({ code: 'TIMEOUT' });
    await expect(service.run({ hang: true }, { abortSignal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow(
      'stop',
    );
    expect(await service.run({ echo: 1 })).toMatchObject({ echo: 1 });
  });

  it('says that the process crashed, and an update starts it again on its port', async () => {
    const service = await local.deployed();
    const { port } = service;
    const error = await rejection(service.run({ crash: true }));

    expect(error).toMatchObject({
      code: 'WEBSERVICE_UNREACHABLE',
      details: { signal: 'SIGKILL', logs: ['init without greeting'] },
    });
    expect(error.message).toContain('was ended by SIGKILL');
    expect(service.state).toBe('Unhealthy');
    expect(await rejection(service.run({}))).toMatchObject({ code: 'WEBSERVICE_UNREACHABLE' });
    expect(await rejection(service.waitForDeployment())).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      reason: 'PROCESS_EXITED',
    });

    await service.update({});
    expect(service.port).toBe(port);
    expect(await service.run({ echo: 'again' })).toMatchObject({ echo: 'again' });
  });
});

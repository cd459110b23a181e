import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LocalDeploymentConfiguration } from '../../src/local/deployment-configuration.ts';
import { planLocal } from '../../src/local/plan-local.ts';
import { InferenceConfig } from '../../src/model/inference-config.ts';
import { Model } from '../../src/model/model.ts';
import { localServices, rejection, SCRIPT, SERVER, workspace } from '../support/local-services.ts';

let here: Awaited<ReturnType<typeof localServices>>;
beforeEach(async () => {
  here = await localServices();
});
afterEach(() => here.close());

const planned = (config: object = {}, more: object = {}) =>
  planLocal(
    workspace,
    {
      name: 'svc',
      inferenceConfig: new InferenceConfig({ entryScript: SCRIPT, environmentVariables: { TOKEN: 'a-secret-value' } }),
      deploymentConfig: new LocalDeploymentConfiguration({ directory: here.directory, ...config }),
      ...more,
    },
    { serverCommand: SERVER },
  );

describe('planning a local deployment', () => {
  it('tells the process, its folder and its variables, and makes nothing', async () => {
    await mkdir(join(here.directory, 'net'));
    await writeFile(join(here.directory, 'net', 'w.bin'), 'weights');
    const model = new Model({ name: 'net', version: '2', path: join(here.directory, 'net') });
    const plan = await planned({ port: 5001, collectModelData: true }, { models: [model] });

    const folder = join(here.directory, 'svc');
    expect(plan).toMatchObject({
      name: 'svc',
      kind: 'LocalWebservice',
      command: [process.execPath, SERVER, '--entry-script', SCRIPT, '--port', '5001', '--host', '127.0.0.1'],
      workingDirectory: join(SCRIPT, '..'),
      directory: folder,
      port: 5001,
      models: [{ id: 'net:2', path: model.path, target: join(folder, 'models', 'net', '2', 'net') }],
      environmentVariables: {
        SERVICE_NAME: 'svc',
        AML_MODEL_DC_STORAGE_ENABLED: 'true',
        AML_MODEL_DC_STORAGE: expect.stringMatching(/^file:.*\/svc$/),
        AZUREML_MODEL_DIR: join(folder, 'models', 'net', '2'),
      },
    });
    expect(JSON.stringify(plan)).not.toContain('a-secret-value');
    expect(existsSync(folder)).toBe(false);
  });

  it('gives the variables that the service then has', async () => {
    const { environmentVariables } = await planned();
    const service = await here.deployed({
      inferenceConfig: new InferenceConfig({ entryScript: SCRIPT, environmentVariables: { TOKEN: 'a-secret-value' } }),
    });
    const { TOKEN, ...shown } = environmentVariables;
    expect(Object.keys(shown).length).toBeGreaterThan(8);
    expect(await service.run({ env: Object.keys(shown) })).toEqual(shown);
    expect(TOKEN).not.toContain('secret');
  });

  it('says that this process runs one of the name, unless it is to be replaced', async () => {
    await here.deploy();
    expect(await rejection(planned())).toMatchObject({ code: 'WEBSERVICE_EXISTS' });
    expect((await planned({}, { overwrite: true })).port).toBeNull();
  });

  it('says that another process runs one of the name', async () => {
    await mkdir(join(here.directory, 'svc'));
    const owner = { id: 'one', pid: process.ppid, host: hostname() };
    await writeFile(join(here.directory, 'svc', 'owner.json'), JSON.stringify(owner));
    expect(await rejection(planned())).toMatchObject({
      code: 'WEBSERVICE_EXISTS',
      message: expect.stringContaining(`Process ${process.ppid} runs the service "svc"`),
    });
  });

  it('lists every fault', async () => {
    expect(await rejection(planned({}, { name: 'S', target: 'aks1' }))).toMatchObject({
      faults: [{ path: 'name' }, { path: 'target' }],
    });
  });
});

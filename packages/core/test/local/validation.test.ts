import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { DeploymentConfigurationError, InferenceConfig, LocalWebservice, Model, Workspace } from '../../src/index.ts';
import { rejection, SCRIPT, workspace } from '../support/local-services.ts';

function faultsOf(options: object): string[] {
  try {
    LocalWebservice.deployConfiguration(options);
    return [];
  } catch (error) {
    return (error as DeploymentConfigurationError).faults.map(({ path }) => path);
  }
}

describe('LocalWebservice.deployConfiguration', () => {
  it.each([undefined, 0, 1, 8890, 65535])('takes port %p', (port) => {
    expect(faultsOf({ port })).toEqual([]);
  });

  it.each([-1, 65536, 80.5, Number.NaN, true, '80', null])('refuses port %p', (port) => {
    expect(faultsOf({ port })).toEqual(['port']);
  });

  it('lists all faults at once, also settings of other kinds of service', () => {
    const error = (() => {
      try {
        return LocalWebservice.deployConfiguration({
          port: '80',
          cpuCores: 2,
          collectModelData: 'yes',
          enableAppInsights: 1,
          storage: 'AccountName=a;AccountKey',
          appInsightsConnectionString: 'nonsense',
          directory: '',
          environmentVariables: { AML_MODEL_DC_STORAGE: 'x', 'A=B': 'x', COUNT: 3, FINE: 'x' },
        } as object);
      } catch (thrown) {
        return thrown as DeploymentConfigurationError;
      }
    })();

    expect(error).toBeInstanceOf(DeploymentConfigurationError);
    expect(error).toMatchObject({ code: 'DEPLOYMENT_CONFIGURATION_INVALID' });
    const { faults, message, details } = error as DeploymentConfigurationError;
    expect(faults.map(({ path }) => path)).toEqual([
      'cpuCores',
      'port',
      'directory',
      'collectModelData',
      'enableAppInsights',
      'storage',
      'appInsightsConnectionString',
      'environmentVariables.AML_MODEL_DC_STORAGE',
      'environmentVariables',
      'environmentVariables.COUNT',
    ]);
    expect(details['faults']).toEqual(faults);
    expect(message).toContain('10 faults');
    expect(message).toContain('use storage');
  });

  it('shows no connection string when printed or turned into JSON', () => {
    const config = LocalWebservice.deployConfiguration({
      storage: 'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=dG9wLXNlY3JldA==;EndpointSuffix=x.test',
      environmentVariables: { API: 'top-secret' },
    });

    expect(inspect(config, { depth: 9 })).not.toMatch(/dG9w|top-secret/);
    expect(JSON.stringify(config)).not.toMatch(/dG9w|top-secret/);
  });
});

describe('Model.deploy', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'validation-'));
    await writeFile(join(root, 'score.py'), '');
    await writeFile(join(root, 'model.bin'), '');
  });
  afterAll(() => rm(root, { recursive: true }));

  const deploy = (options: object) =>
    Model.deploy(workspace, {
      name: 'svc',
      inferenceConfig: new InferenceConfig({ entryScript: SCRIPT }),
      deploymentConfig: LocalWebservice.deployConfiguration({ directory: root, environmentVariables: { MODE: 'a' } }),
      ...options,
    });
  const faults = async (options: object) =>
    ((await rejection(deploy(options))) as DeploymentConfigurationError).faults?.map(({ path }) => path);

  it.each(['a', 'ab', 'a'.repeat(33), '-ab', 'ab-', 'a_b', 'a.b', '', 'Abc', '1ab', 'abc\n', 7, undefined])(
    'refuses the service name %p',
    async (name) => {
      expect(await faults({ name })).toEqual(['name']);
    },
  );

  it('lists what is wrong with name, script, models and configuration at once', async () => {
    const model = new Model({ name: 'm', path: join(root, 'model.bin') });
    const error = await rejection(
      deploy({
        name: 'NO',
        inferenceConfig: new InferenceConfig({
          entryScript: join(root, 'score.py'),
          sourceDirectory: join(root, 'nowhere'),
          environmentVariables: { MODE: 'b', SERVICE_NAME: 'x' },
        }),
        models: [model, model, new Model({ name: '../m', version: '1/2', path: join(root, 'gone.bin') })],
      }),
    );

    expect(error.code).toBe('DEPLOYMENT_CONFIGURATION_INVALID');
    expect((error as DeploymentConfigurationError).faults.map(({ path }) => path)).toEqual([
      'name',
      'inferenceConfig.sourceDirectory',
      'inferenceConfig.environmentVariables.SERVICE_NAME',
      'inferenceConfig.environmentVariables.MODE',
      'inferenceConfig.entryScript',
      'models[1]',
      'models[2].name',
      'models[2].version',
      'models[2].path',
    ]);
  });

  it('names the configuration when it is none', async () => {
    const inferenceConfig = new InferenceConfig({ entryScript: SCRIPT });
    const deployment = Model.deploy(workspace, {
      name: 'svc',
      inferenceConfig,
      deploymentConfig: { kind: 'Other' } as never,
    });
    expect(await rejection(deployment)).toMatchObject({
      code: 'DEPLOYMENT_CONFIGURATION_INVALID',
      faults: [{ path: 'deploymentConfig', message: expect.stringContaining('deployConfiguration()') }],
    });
  });

  it('refuses a subscription that would be more than one part of the path of its rows', async () => {
    const elsewhere = new Workspace({ subscriptionId: '../s', resourceGroup: 'r', workspaceName: 'w' });
    const error = await rejection(
      Model.deploy(elsewhere, {
        name: 'svc',
        inferenceConfig: new InferenceConfig({ entryScript: SCRIPT }),
        deploymentConfig: LocalWebservice.deployConfiguration({ directory: root }),
      }),
    );
    expect(error).toMatchObject({ faults: [{ path: 'workspace.subscriptionId' }] });
  });

  it('refuses an entry script that does not exist, and deployments without their parts', async () => {
    expect(await faults({ inferenceConfig: new InferenceConfig({ entryScript: 'gone.mjs' }) })).toEqual([
      'inferenceConfig.entryScript',
    ]);
    expect(await faults({ inferenceConfig: undefined, deploymentConfig: undefined, models: 'm' })).toEqual([
      'inferenceConfig',
      'models',
      'deploymentConfig',
    ]);
  });
});

describe('Model', () => {
  it('has version 1 unless told otherwise, and an absolute path', () => {
    expect(new Model({ name: 'm', path: 'x' })).toMatchObject({ version: '1', path: join(process.cwd(), 'x') });
    expect(new Model({ name: 'm', version: 3, path: '/x' }).version).toBe('3');
  });
});

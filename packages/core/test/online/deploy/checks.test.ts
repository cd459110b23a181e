import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Environment } from '../../../src/environment/environment.ts';
import { DeploymentConfigurationError } from '../../../src/errors.ts';
import { Model } from '../../../src/model/model.ts';
import { checkOnlineDeploy } from '../../../src/online/deploy/check-online-deploy.ts';
import { rejection } from '../../support/local-services.ts';
import { type DeployCall, deployTests, projectFiles, SERVER } from './support.ts';

const { optionsOf, writeProject, folder } = deployTests();

async function faultsOf(call: DeployCall): Promise<string[]> {
  const error = await rejection(checkOnlineDeploy(optionsOf(call), { serverCommand: SERVER }));
  expect(error).toBeInstanceOf(DeploymentConfigurationError);
  return (error as DeploymentConfigurationError).faults.map(({ path, message }) => `${path}: ${message}`);
}

describe('the checks before an online deployment', () => {
  it('find nothing wrong with a whole project', async () => {
    const checked = await checkOnlineDeploy(optionsOf(), { serverCommand: SERVER });
    expect(checked).toMatchObject({ endpointName: 'loans', deploymentName: 'default', rollback: true });
  });

  it('list every fault at once', async () => {
    const faults = await faultsOf({
      name: 'a',
      deploymentName: '-b',
      target: 'aks1',
      traffic: { blue: 50 },
      overwrite: 'yes' as never,
      models: [new Model({ name: 'a b', path: '/nowhere' }), new Model({ name: 'c', path: '/nowhere' })],
      inference: {
        entryScript: 'missing.mjs',
        environmentVariables: { AML_MODEL_DC_STORAGE_ENABLED: 'true', AML_APP_ROOT: '/x', A: '1' },
      },
      config: { environmentVariables: { A: '2' } },
    });
    for (const start of [
      'name: must be 3 to 32',
      'deploymentName: must be 3 to 32',
      'target: must be left out',
      'overwrite: must be true or false',
      'traffic: traffic must sum to 100',
      'models: must hold one model at most',
      'models[0].name: must be 1 to 255',
      'models[0].path: must be a file or folder',
      'inferenceConfig.environmentVariables.AML_MODEL_DC_STORAGE_ENABLED: changes together',
      'inferenceConfig.environmentVariables.A: has another value',
      'inferenceConfig.environmentVariables.AML_APP_ROOT: is set by the deployment',
      'inferenceConfig.entryScript: names a file that does not exist',
    ]) {
      expect(faults).toContainEqual(expect.stringContaining(start));
    }
    expect(faults).toHaveLength(12);
  });

  it.each([
    ['no package.json', { 'package.json': 'not json' }, {}, 'package.json that is not a JSON object'],
    ['a lock of another package.json', { 'package.json': '{"dependencies":{"left-pad":"1"}}' }, {}, 'does not fit'],
    ['no server in the lock', projectFiles({ '@azure/identity': '1' }), {}, '@azureml-ts/inference-server, which'],
    [
      'no monitoring although it collects',
      projectFiles({ '@azureml-ts/inference-server': '1', '@azure/identity': '1' }),
      { collectModelData: true },
      'npm install @azureml-ts/monitoring',
    ],
    [
      'no identity although rows go to an account',
      projectFiles({ '@azureml-ts/inference-server': '1', '@azureml-ts/monitoring': '1' }),
      { collectModelData: true, storage: 'https://account.blob.core.windows.net' },
      'npm install @azure/identity',
    ],
  ])('tell of %s', async (_, files, config, said) => {
    await writeProject(files);
    const faults = await faultsOf({ config });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(said);
  });

  it('tell of a lock that the image cannot be installed from', async () => {
    const lock = JSON.parse(projectFiles()['package-lock.json'] ?? '');
    Object.assign(lock.packages, {
      'node_modules/lib': { resolved: '../lib', link: true },
      'node_modules/lib/node_modules/@own/packed': { resolved: 'file:../packed.tgz' },
      'node_modules/tool': { resolved: '../tool', link: true, dev: true },
      'node_modules/inside': { resolved: 'packages/inside', link: true },
      'packages/inside': {},
    });
    await writeProject({ 'package-lock.json': JSON.stringify(lock) });
    expect(await faultsOf({})).toEqual([
      expect.stringContaining('has lib as a link to ../lib, which the image cannot install'),
      expect.stringContaining('has @own/packed as a link to file:../packed.tgz'),
    ]);
  });

  it.each(['pnpm-lock.yaml', 'yarn.lock', 'package-lock.json'])(
    'tell how npm makes a lock beside the script when %s is above it',
    async (name) => {
      await writeProject({ [name]: '{}', 'service/package.json': '{}', 'service/score.mjs': '' });
      const faults = await faultsOf({ inference: { sourceDirectory: join(folder(), 'service') } });
      expect(faults).toEqual([expect.stringContaining(`There is ${join(folder(), name)}`)]);
      expect(faults[0]).toContain('npm install --package-lock-only --no-workspaces');
    },
  );

  it('tell of the lock and of a link too when the script is not there', async () => {
    await symlink('nowhere', join(folder(), 'lost'));
    await writeProject(projectFiles({ '@azure/identity': '1' }));
    expect(await faultsOf({ inference: { entryScript: 'missing.mjs' } })).toEqual([
      expect.stringContaining('names a file that does not exist'),
      expect.stringContaining('@azureml-ts/inference-server, which'),
    ]);
    expect(await faultsOf({})).toEqual([
      expect.stringContaining('@azureml-ts/inference-server, which'),
      expect.stringMatching(/^inferenceConfig.sourceDirectory: .*lost/),
    ]);
  });

  it('refuse a configuration that no class made', async () => {
    const options = { ...optionsOf(), deploymentConfig: { kind: 'OnlineEndpoint' } as never };
    expect(await rejection(checkOnlineDeploy(options, {}))).toMatchObject({
      faults: [{ path: 'deploymentConfig' }],
    });
  });

  it('need neither monitoring nor identity when nothing is collected', async () => {
    await writeProject(projectFiles({ '@azureml-ts/inference-server': '1' }));
    await checkOnlineDeploy(optionsOf(), { serverCommand: SERVER });
  });

  it('refuse a Python script, one outside the folder, one that is left out, and a name that Docker would not take', async () => {
    await writeProject({ 'score.py': '', 'a b.mjs': '', '.gitignore': 'score.mjs\n' });
    expect(await faultsOf({ inference: { entryScript: 'score.py' } })).toEqual([
      expect.stringContaining('must end in .js'),
    ]);
    expect(await faultsOf({ inference: { entryScript: SERVER } })).toEqual([
      expect.stringContaining(`must be in the source directory ${folder()}`),
    ]);
    expect(await faultsOf({})).toEqual([expect.stringContaining('leaves out score.mjs')]);
    expect(await faultsOf({ inference: { entryScript: 'a b.mjs' } })).toEqual([
      expect.stringMatching(/entryScript: cannot be put into a container: .*entryScript/),
    ]);
    expect(await faultsOf({ inference: { ignoreFile: 'nowhere' } })).toEqual([
      expect.stringContaining('inferenceConfig.ignoreFile'),
    ]);
  });

  it('take an environment with its image as it is, and no classic definition', async () => {
    const environment = new Environment({ name: 'own', image: 'registry.example/own:1' });
    const inference = { sourceDirectory: undefined, entryScript: 'src/score.js' };
    const checked = await checkOnlineDeploy(optionsOf({ inference: { ...inference, environment } }), {});
    expect(checked.image).toEqual({ environment });
    expect(await faultsOf({ inference: { ...inference, environment: { name: 'classic' } } })).toEqual([
      expect.stringContaining('must be an Environment'),
    ]);
  });
});

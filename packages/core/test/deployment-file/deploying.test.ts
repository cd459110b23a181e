import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Azurite, startAzurite } from '@azureml-ts/testing';
import { Model, type OnlineDeployOptions, readDeploymentFile } from '../../src/index.ts';
import { rejection } from '../support/local-services.ts';
import { openStorage } from '../support/storage.ts';

let azurite: Azurite;
let folder: string;
beforeAll(async () => {
  azurite = await startAzurite();
}, 60_000);
afterAll(() => azurite.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-deploy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Reads a file with an image of one's own, and opens a workspace for it. */
async function place(environment: string) {
  const file = join(folder, 'deployment.yml');
  await writeFile(
    file,
    `endpoint_name: loans\nname: blue\ncode_configuration: { scoring_script: /srv/score.mjs }\nenvironment: ${environment}\n`,
  );
  const { standIn, workspace } = await openStorage(azurite);
  const { options } = await readDeploymentFile(file);
  const whole = { ...options, showOutput: false } as OnlineDeployOptions;
  const deployed = () => (standIn.deployment('loans', 'blue')?.resource['properties'] ?? {}) as Record<string, unknown>;
  return { standIn, workspace, options: whole, deployed };
}

describe('a deployment file with an image of your own', () => {
  it('registers an image by its address once, and names the script in it', async () => {
    const { standIn, workspace, options, deployed } = await place('{ image: "registry.example.com/net:7" }');
    await Model.deploy(workspace, { ...options, wait: true });
    const [environment] = standIn.assets('environments');
    expect(environment).toMatchObject({
      name: 'azureml-ts-loans-blue',
      resource: { properties: { image: 'registry.example.com/net:7' } },
    });
    expect(deployed()).toMatchObject({
      environmentId: environment?.resource['id'],
      environmentVariables: { AZUREML_ENTRY_SCRIPT: '/srv/score.mjs' },
    });
    expect((await Model.planDeployment(workspace, options)).requests).toEqual([]);
  });

  it('uploads the folder that an image is built from', async () => {
    await writeFile(join(folder, 'gpu.Dockerfile'), 'FROM scratch\n');
    const { standIn, workspace, options } = await place(
      '{ name: net, build: { path: ., dockerfile_path: gpu.Dockerfile } }',
    );
    const { uploads } = await Model.planDeployment(workspace, options);
    expect(uploads[0]?.files.map(({ path }) => path)).toEqual(['deployment.yml', 'gpu.Dockerfile']);
    await Model.deploy(workspace, { ...options, wait: true });
    expect(standIn.assets('environments')).toMatchObject([
      {
        name: 'net',
        resource: { properties: { build: { contextUri: `${uploads[0]?.url}/`, dockerfilePath: 'gpu.Dockerfile' } } },
      },
    ]);
  });

  it('takes a registered one by its name and version, and says when it is not there', async () => {
    const { standIn, workspace, options, deployed } = await place('azureml:net:3');
    expect(await rejection(Model.planDeployment(workspace, options))).toMatchObject({ code: 'ENVIRONMENT_NOT_FOUND' });
    const { resource } = standIn.addAsset('environments', 'net', '3', { properties: { image: 'a' } });
    await Model.deploy(workspace, { ...options, wait: true });
    expect(deployed()).toMatchObject({ environmentId: resource['id'] });
    expect(standIn.assets('environments')).toHaveLength(1);
  });
});

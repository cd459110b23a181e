import { Environment } from '../../../src/environment/environment.ts';
import { Model } from '../../../src/model/model.ts';
import { rejection } from '../../support/local-services.ts';
import { deployTests } from './support.ts';

const { open, folder, writeProject, optionsOf } = deployTests();

describe('deploying to an online endpoint', () => {
  it('uploads the context, makes environment, endpoint and deployment, and gives it all traffic', async () => {
    const place = await open();
    const { standIn, workspace } = place;
    const steps: string[] = [];
    const service = await place.deploy({
      wait: true,
      config: { enableAppInsights: true, collectModelData: true, environmentVariables: { LEVEL: 'high' } },
      onProgress: ({ phase }) => steps.push(phase),
    });

    const [environment] = standIn.assets('environments');
    expect(environment?.name).toBe('azureml-ts-loans-default');
    expect(environment?.version).toMatch(/^[0-9a-f]{16}$/);
    expect(place.writes()).toEqual([
      `PUT environments/azureml-ts-loans-default/versions/${environment?.version}`,
      'PUT onlineEndpoints/loans',
      'PUT onlineEndpoints/loans/deployments/default',
      'PUT onlineEndpoints/loans',
    ]);
    expect(environment?.resource['properties']).toMatchObject({
      build: {
        contextUri: expect.stringMatching(
          new RegExp(`^https://[^/]+/${place.container}/azureml-ts/environments/[0-9a-f]{64}/$`),
        ),
        dockerfilePath: 'Dockerfile',
      },
      inferenceConfig: {
        livenessRoute: { path: '/ready', port: 5001 },
        readinessRoute: { path: '/ready', port: 5001 },
        scoringRoute: { path: '/score', port: 5001 },
      },
    });
    const names = (await place.blobs()).map((name) => name.split('/').slice(3).join('/'));
    expect(names.sort()).toEqual(['.dockerignore', 'Dockerfile', 'package-lock.json', 'package.json', 'score.mjs']);

    expect(standIn.endpoint('loans')?.resource).toMatchObject({
      location: 'westus',
      kind: 'Managed',
      identity: { type: 'SystemAssigned' },
      properties: { authMode: 'Key', publicNetworkAccess: 'Enabled', traffic: { default: 100 } },
    });
    expect(standIn.deployment('loans', 'default')?.resource).toMatchObject({
      sku: { name: 'Default', capacity: 1 },
      properties: {
        endpointComputeType: 'Managed',
        instanceType: 'Standard_DS3_v2',
        environmentId: `${workspace.id}/environments/azureml-ts-loans-default/versions/${environment?.version}`,
        appInsightsEnabled: true,
        dataCollector: { collections: { model_inputs: { dataCollectionMode: 'Enabled' } } },
        environmentVariables: {
          SERVICE_NAME: 'loans',
          AML_APP_INSIGHTS_ENABLED: 'true',
          AML_MODEL_DC_STORAGE_ENABLED: 'true',
          AML_MODEL_DC_STORAGE: expect.stringMatching(/^https:/),
          LEVEL: 'high',
        },
        requestSettings: { maxConcurrentRequestsPerInstance: 8, requestTimeout: 'PT60S' },
        provisioningState: 'Succeeded',
      },
    });
    expect(service.state).toBe('Healthy');
    expect(service.traffic).toEqual({ default: 100 });
    expect(await service.run({ data: [1] })).toEqual({ data: [1] });
    expect(steps.at(-1)).toBe('done');
    expect(steps.filter((phase) => phase !== 'running')).toEqual(['done']);
  });

  it('sends and uploads nothing when all is there', async () => {
    const place = await open();
    const call = { wait: true, config: { collectModelData: true, tags: { team: 'a' } } };
    await place.deploy(call);
    const blobs = await place.blobs();
    place.standIn.clearExchanges();
    const service = await place.deploy(call);

    expect(service.state).toBe('Healthy');
    expect(place.writes()).toEqual([]);
    expect(place.standIn.exchanges().filter(({ plane }) => plane === 'blob')).toEqual([]);
    expect(await place.blobs()).toEqual(blobs);
  });

  it('resolves without wait when the deployment is accepted; the wait sets the traffic', async () => {
    const place = await open();
    const service = await place.deploy();
    expect(service.traffic).toEqual({});
    expect(place.writes().at(-1)).toBe('PUT onlineEndpoints/loans/deployments/default');
    await service.waitForDeployment({ showOutput: false });
    expect(service.traffic).toEqual({ default: 100 });
    expect(place.standIn.endpoint('loans')?.resource).toMatchObject({ properties: { traffic: { default: 100 } } });
  });

  it('registers a model that has a path, and takes a registered one by its id', async () => {
    const place = await open();
    await writeProject({ 'net/weights.bin': 'weights' });
    const model = new Model({ name: 'net', version: '3', path: `${folder()}/net` });
    await place.deploy({ wait: true, models: [model] });
    expect(place.standIn.assets('models')).toMatchObject([{ name: 'net', version: '3' }]);
    const { workspace, standIn } = place;
    const wanted = `${workspace.id}/models/net/versions/3`;
    expect(standIn.deployment('loans', 'default')?.resource).toMatchObject({ properties: { model: wanted } });

    standIn.clearExchanges();
    await place.deploy({ wait: true, models: [{ id: 'net:3' }] });
    await place.deploy({ wait: true, models: [await Model.get(workspace, 'net', '3')] });
    expect(place.writes()).toEqual([]);
    expect(await rejection(place.deploy({ models: [{ id: 'net:4' }], overwrite: true }))).toMatchObject({
      code: 'MODEL_NOT_FOUND',
    });
    expect(place.writes()).toEqual([]);
  });

  it('makes a Kubernetes endpoint on an attached cluster', async () => {
    const place = await open();
    const config = {
      instanceType: 'small',
      computeTargetName: 'aks1',
      cpuCores: 0.5,
      memoryGb: 1,
      memoryGbLimit: 2,
      primaryKey: 'a-first-key-of-my-own',
      description: 'Loans',
    };
    await place.deploy({ wait: true, config });
    const compute = `${place.workspace.id}/computes/aks1`;
    expect(place.standIn.endpoint('loans')).toMatchObject({
      keys: { primaryKey: 'a-first-key-of-my-own' },
      resource: { kind: 'Kubernetes', properties: { compute, description: 'Loans' } },
    });
    expect(place.standIn.deployment('loans', 'default')?.resource['properties']).toMatchObject({
      endpointComputeType: 'Kubernetes',
      containerResourceRequirements: {
        containerResourceRequests: { cpu: '0.5', memory: '1Gi' },
        containerResourceLimits: { memory: '2Gi' },
      },
    });
    place.standIn.clearExchanges();
    const told: string[] = [];
    await place.deploy({ wait: true, config, onProgress: ({ message }) => told.push(message) });
    expect(place.writes()).toEqual([]);
    expect(told.join()).toContain('its keys stay');
    const closed = { ...config, authMode: 'Key' as const, enablePublicNetworkAccess: false };
    expect(String(await rejection(place.deploy({ config: closed })))).toContain('publicNetworkAccess is Enabled');
    expect(await rejection(place.deploy())).toMatchObject({
      code: 'WEBSERVICE_EXISTS',
      message: expect.stringContaining('aks1'),
    });
  });

  it('uploads a file that changed under a new version, and the others not again under the old one', async () => {
    const place = await open();
    await place.deploy({ wait: true });
    await writeProject({ 'score.mjs': 'export const run = () => 2;' });
    const error = await rejection(place.deploy({ wait: true }));
    expect(error).toMatchObject({ code: 'WEBSERVICE_EXISTS' });
    expect(String(error)).toContain(
      '/properties/environmentId (the environment, or the code or packages in it, changed)',
    );
    expect(place.standIn.assets('environments')).toHaveLength(1);
    await place.deploy({ wait: true, overwrite: true });
    expect(place.standIn.assets('environments')).toHaveLength(2);
  });

  it('keeps secrets of the project out of the upload', async () => {
    const place = await open();
    await writeProject({
      '.env': 'PASSWORD=x',
      '.npmrc': '//registry/:_authToken=x',
      'keys/tls.pem': 'x',
      'node_modules/a/index.js': 'x',
      'notes.txt': 'x',
      'lib/test/fixture.json': '{}',
      Dockerfile: 'FROM own',
      '.amlignore': 'notes.txt\n',
    });
    await place.deploy({ wait: true });
    const names = (await place.blobs()).map((name) => name.split('/').slice(3).join('/'));
    expect(names.sort()).toEqual([
      '.dockerignore',
      'Dockerfile',
      'lib/test/fixture.json',
      'package-lock.json',
      'package.json',
      'score.mjs',
    ]);
    expect(await place.text('Dockerfile')).toContain('AZUREML_ENTRY_SCRIPT="score.mjs"');
  });
});

describe('deploying with an environment', () => {
  it('registers one with an image, uploads nothing, and tells the image which script', async () => {
    const place = await open();
    const environment = new Environment({ name: 'own', image: 'registry.example/own:1' });
    const inference = { sourceDirectory: undefined, entryScript: 'src/score.js', environment };
    await place.deploy({ wait: true, inference });
    expect(await place.blobs()).toEqual([]);
    const [asset] = place.standIn.assets('environments');
    expect(asset?.resource['properties']).toMatchObject({ image: 'registry.example/own:1' });
    expect(place.standIn.deployment('loans', 'default')?.resource['properties']).toMatchObject({
      environmentId: asset?.resource['id'],
      environmentVariables: { AZUREML_ENTRY_SCRIPT: 'src/score.js' },
    });
    place.standIn.clearExchanges();
    const registered = await Environment.get(place.workspace, 'own', asset?.version);
    await place.deploy({ wait: true, inference: { ...inference, environment: registered } });
    expect(place.writes()).toEqual([]);
  });
});

describe('Model.deploy', () => {
  it('deploys to an online endpoint what has such a configuration', async () => {
    const place = await open();
    const environment = new Environment({ name: 'own', image: 'registry.example/own:1' });
    const service = await Model.deploy(place.workspace, {
      ...optionsOf({ inference: { sourceDirectory: undefined, entryScript: 'score.js', environment } }),
      wait: true,
    });
    expect(service.kind).toBe('OnlineEndpoint');
    expect(service.traffic).toEqual({ default: 100 });
  });
});

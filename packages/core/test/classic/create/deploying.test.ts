import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { extract } from 'tar';
import { packFolder } from '../../../src/classic/create/source-archive.ts';
import {
  AciWebservice,
  AksEndpoint,
  AksWebservice,
  ClassicWebservice,
  InferenceConfig,
  Model,
} from '../../../src/index.ts';
import { openStandIn } from '../../support/stand-in.ts';
import { pathOf, rejection } from '../support.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'classic-'));
  await mkdir(join(folder, 'src', 'lib'), { recursive: true });
  await writeFile(join(folder, 'src', 'score.py'), 'def init():\n    pass\ndef run(d):\n    return d\n');
  await writeFile(join(folder, 'src', 'lib', 'helper.py'), 'x = 1\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const script = (change: object = {}) =>
  new InferenceConfig({
    entryScript: 'score.py',
    sourceDirectory: join(folder, 'src'),
    environment: { name: 'myenv', version: '3', environmentVariables: { A: '1' } },
    environmentVariables: { B: '2' },
    ...change,
  });
const models = [{ id: 'best_model:10' }];

describe('deploying to the classic plane', () => {
  it('makes a service on AKS: uploads, checks, creates, and waits for the end', async () => {
    const { standIn, workspace } = await openStandIn();
    const service = await Model.deploy(workspace, {
      name: 'svc',
      models,
      inferenceConfig: script(),
      deploymentConfig: AksWebservice.deployConfiguration({
        collectModelData: true,
        enableAppInsights: true,
        cpuCores: 0.5,
        primaryKey: 'first-key-of-svc',
      }),
      target: 'aks1',
    });

    expect(service).toBeInstanceOf(AksWebservice);
    expect(service.state).toBe('Transitioning');
    await service.waitForDeployment();
    expect(service.state).toBe('Healthy');
    expect([service.collectModelData, service.enableAppInsights]).toEqual([true, true]);
    expect((await service.getKeys()).primaryKey).toBe('first-key-of-svc');
    const sent = standIn.exchanges().filter(({ plane }) => plane === 'classic');
    expect(sent.map(pathOf).slice(0, 9)).toEqual([
      expect.stringMatching(/^POST artifacts\/batch\/metadata\/LocalUpload\/[0-9a-f]{8}$/),
      expect.stringMatching(/^PUT /),
      expect.stringMatching(/^POST artifacts\/batch\/metadata\/LocalUpload\/[0-9a-f]{8}$/),
      expect.stringMatching(/^PUT /),
      'POST services/validate/name/svc',
      'POST services/validate',
      'POST services/validate/resource',
      'POST services',
      'GET services/svc?expand=true',
    ]);
    const created = sent.find(({ method, url }) => method === 'POST' && url.endsWith('/services'));
    expect(created?.body).toMatchObject({
      computeName: 'aks1',
      environmentImageRequest: {
        modelIds: ['best_model:10'],
        environment: {
          name: 'myenv',
          environmentVariables: {
            A: '1',
            B: '2',
            AZUREML_ENTRY_SCRIPT: 'src/score.py',
            AZUREML_SOURCE_DIRECTORY: 'src',
          },
        },
      },
    });
    const uploads = sent.filter(({ method }) => method === 'PUT');
    expect(uploads.every(({ headers }) => headers['authorization'] === undefined)).toBe(true);
  });

  it('packs the folder of the script whole, and equally for equal files', async () => {
    await mkdir(join(folder, 'src', '__pycache__'));
    await writeFile(join(folder, 'src', '__pycache__', 'score.pyc'), 'x');
    const first = await packFolder(join(folder, 'src'), 'src');
    await writeFile(join(folder, 'src', 'score.py'), 'def init():\n    pass\ndef run(d):\n    return d\n');
    const second = await packFolder(join(folder, 'src'), 'src');

    await writeFile(join(folder, 'packed.tar.gz'), first.bytes);
    await mkdir(join(folder, 'out'));
    await extract({ file: join(folder, 'packed.tar.gz'), cwd: join(folder, 'out') });
    expect((await readdir(join(folder, 'out'), { recursive: true })).sort()).toEqual([
      'src',
      'src/lib',
      'src/lib/helper.py',
      'src/score.py',
    ]);
    expect(await readFile(join(folder, 'out', 'src', 'lib', 'helper.py'), 'utf8')).toBe('x = 1\n');
    expect(Buffer.compare(first.bytes, second.bytes)).toBe(0);
    await writeFile(join(folder, 'src', 'score.py'), 'other');
    expect((await packFolder(join(folder, 'src'), 'src')).hash).not.toBe(first.hash);
  });

  it('waits when it is asked to, and says why a deployment failed', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.planOperations({
      outcome: 'Failed',
      error: { code: 'KubernetesDeploymentFailed', message: 'Container has crashed.' },
      logs: { InferenceServer: ['Traceback', 'ImportError: no module named joblib'] },
    });
    const error = await rejection(
      Model.deploy(workspace, {
        name: 'svc',
        models,
        inferenceConfig: script(),
        deploymentConfig: AciWebservice.deployConfiguration(),
        wait: true,
      }),
    );

    expect(error).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      reason: 'KubernetesDeploymentFailed',
      logs: ['Traceback', 'ImportError: no module named joblib'],
    });
  });

  it('makes an endpoint with its first version, which versions and traffic go on from', async () => {
    const { workspace } = await openStandIn();
    const endpoint = await Model.deploy(workspace, {
      name: 'front',
      models,
      inferenceConfig: script(),
      deploymentConfig: AksEndpoint.deployConfiguration({
        versionName: 'blue',
        trafficPercentile: 100,
        numReplicas: 2,
      }),
      target: 'aks1',
      wait: true,
    });

    expect(endpoint).toBeInstanceOf(AksEndpoint);
    const { blue } = endpoint.versions;
    expect([blue?.trafficPercentile, blue?.numReplicas]).toEqual([100, 2]);
    await endpoint.createVersion('green', {
      models: [{ id: 'm:1', modelFramework: 'Onnx' }],
      trafficPercentile: 0,
    });
    expect(Object.keys(endpoint.versions)).toEqual(['blue', 'green']);
  });

  it('does not take a name that is in use, unless it may replace the service', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.addService('svc', {});
    const deploy = (overwrite: boolean) =>
      Model.deploy(workspace, {
        name: 'svc',
        models,
        inferenceConfig: script(),
        deploymentConfig: AciWebservice.deployConfiguration({ collectModelData: false }),
        overwrite,
      });

    expect(await rejection(deploy(false))).toMatchObject({ code: 'REQUEST_REFUSED' });
    standIn.clearExchanges();
    expect((await deploy(true)).kind).toBe('AciWebservice');
    const paths = standIn.exchanges().map(pathOf);
    expect(paths).not.toContain('POST services/validate/name/svc');
    expect(paths).not.toContain('POST services/validate/resource');
    const created = standIn.exchanges().find(({ method, url }) => method === 'POST' && url.endsWith('/services'));
    expect(created?.body).toMatchObject({ overwrite: true, dataCollection: { storageEnabled: false } });
  });

  it('lists everything that is wrong before it sends anything', async () => {
    const { standIn, workspace } = await openStandIn();
    const error = await rejection(
      Model.deploy(workspace, {
        name: 'Bad_Name',
        models: [{} as never],
        inferenceConfig: new InferenceConfig({
          entryScript: 'score.js',
          sourceDirectory: join(folder, 'nowhere'),
          environmentVariables: { AZUREML_ENTRY_SCRIPT: 'x' },
        }),
        deploymentConfig: AksWebservice.deployConfiguration(),
      }),
    );

    expect((error as unknown as { faults: { path: string }[] }).faults.map(({ path }) => path)).toEqual([
      'name',
      'target',
      'models[0]',
      'inferenceConfig.environment',
      'inferenceConfig.environmentVariables.AZUREML_ENTRY_SCRIPT',
      'inferenceConfig.entryScript',
      'inferenceConfig.sourceDirectory',
    ]);
    expect(standIn.exchanges()).toEqual([]);
  });

  it('serves one model of a known framework without a script', async () => {
    const { standIn, workspace } = await openStandIn();
    await Model.deploy(workspace, {
      name: 'svc',
      models: [{ id: 'iris:1', modelFramework: 'ScikitLearn' }],
      deploymentConfig: AciWebservice.deployConfiguration(),
    });

    const created = standIn.exchanges().find(({ method, url }) => method === 'POST' && url.endsWith('/services'));
    expect(created?.body).toMatchObject({ environmentImageRequest: { modelIds: ['iris:1'] } });
  });

  it('makes a service from an image, with all that was asked for', async () => {
    const { standIn, workspace } = await openStandIn();
    const service = await ClassicWebservice.deployFromImage(workspace, {
      name: 'svc',
      imageId: 'img:1',
      deploymentConfig: AciWebservice.deployConfiguration({ collectModelData: true, primaryKey: 'first-key-of-svc' }),
      wait: true,
    });

    expect(service.state).toBe('Healthy');
    const created = standIn.exchanges().find(({ method, url }) => method === 'POST' && url.endsWith('/services'));
    expect(created?.body).toMatchObject({ imageId: 'img:1', dataCollection: { storageEnabled: true } });
    expect((await service.getKeys()).primaryKey).toBe('first-key-of-svc');
  });

  it.each([/services\/validate$/, /validate\/resource$/, /\/services$/, /operations\//])(
    'shows no key, variable or password when %s says something of the request',
    async (url) => {
      const { standIn, workspace } = await openStandIn();
      const secrets = ['first-key-of-svc', 'value-of-variable', 'registry-password'];
      const said = { error: { code: 'Bad', message: `not with ${secrets.join()}`, details: [{ code: secrets[1] }] } };
      const isCheck = String(url).includes('validate');
      const isEnd = String(url).includes('operations');
      const body = isEnd ? { state: 'Failed', ...said } : said;
      standIn.fail({ url, method: isEnd ? 'GET' : 'POST', status: isCheck || isEnd ? 200 : 400, body });
      const error = await rejection(
        Model.deploy(workspace, {
          name: 'svc',
          models,
          inferenceConfig: script({
            environment: {
              name: 'myenv',
              environmentVariables: { A: secrets[1] },
              docker: { baseImageRegistry: { address: 'r.example', username: 'me', password: secrets[2] } },
            },
          }),
          deploymentConfig: AksWebservice.deployConfiguration({ primaryKey: secrets[0] }),
          target: 'aks1',
          wait: true,
        }),
      );
      expect(error.message).toContain('not with [redacted],[redacted],[redacted]');
      const texts = [String(error.stack), inspect(error, { depth: 9 }), JSON.stringify(error)].join();
      expect(secrets.filter((secret) => texts.includes(secret))).toEqual([]);
    },
  );

  it('creates once: an answer that is lost is not sent again', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ url: /\/services$/, method: 'POST', status: 503 });
    const error = await rejection(
      Model.deploy(workspace, {
        name: 'svc',
        models,
        inferenceConfig: script(),
        deploymentConfig: AciWebservice.deployConfiguration(),
      }),
    );

    expect(error).toMatchObject({ statusCode: 503 });
    const creations = standIn.exchanges().filter(({ method, url }) => method === 'POST' && url.endsWith('/services'));
    expect(creations).toHaveLength(1);
  });
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { ServiceConfiguration } from '../../../src/index.ts';
import { AciWebservice, AksEndpoint, AksWebservice, InferenceConfig, Model } from '../../../src/index.ts';
import { openStandIn } from '../../support/stand-in.ts';
import { rejection } from '../support.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'classic-plan-'));
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'src', 'score.py'), 'def init():\n    pass\ndef run(d):\n    return d\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const optionsOf = (deploymentConfig: ServiceConfiguration, more: object = {}) => ({
  name: 'svc',
  models: [{ id: 'best_model:10' }],
  inferenceConfig: new InferenceConfig({
    entryScript: 'score.py',
    sourceDirectory: join(folder, 'src'),
    environment: { name: 'myenv', version: '3' },
  }),
  deploymentConfig,
  ...more,
});

describe('planning a classic deployment', () => {
  it.each([
    ['AKS', AksWebservice.deployConfiguration({ computeTargetName: 'aks1', collectModelData: true }), {}],
    ['an AKS endpoint', AksEndpoint.deployConfiguration({ computeTargetName: 'aks1', versionName: 'blue' }), {}],
    ['ACI', AciWebservice.deployConfiguration({ cpuCores: 0.5 }), {}],
    ['ACI, over another one', AciWebservice.deployConfiguration(), { overwrite: true }],
  ])('tells exactly what a deployment to %s then sends, and sends only GETs itself', async (_, config, more) => {
    const { standIn, workspace } = await openStandIn();
    if ('overwrite' in more) {
      standIn.addService('svc', { computeType: 'ACI' });
    }
    const plan = await Model.planDeployment(workspace, optionsOf(config, more));
    expect(standIn.exchanges().filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(plan).toMatchObject({ name: 'svc', kind: config.kind });

    standIn.clearExchanges();
    await Model.deploy(workspace, optionsOf(config, more));
    const sent = standIn.exchanges().filter(({ method }) => method === 'POST');
    const planned = 'requests' in plan ? plan.requests : [];
    expect(planned.map(({ method, url }) => ({ method, url }))).toEqual(
      sent.map(({ method, url }) => ({ method, url })),
    );
    // The check gets the whole request: keys are null there, and the variables those of the script.
    expect(planned.map(({ body }) => body)).toEqual(sent.map(({ body }) => body));
    const puts = standIn.exchanges().filter(({ method }) => method === 'PUT');
    expect('uploads' in plan && plan.uploads.map(({ bytes }) => String(bytes))).toEqual(
      puts.map(({ headers }) => headers['content-length']),
    );
    expect('uploads' in plan && plan.uploads.map(({ files }) => files.map(({ path }) => path))).toEqual([
      [expect.stringMatching(/^driver_[0-9a-f]{8}\.py$/)],
      ['src/score.py'],
    ]);
  });

  it('masks keys, the private key of a certificate, and variables', async () => {
    const { workspace } = await openStandIn();
    await writeFile(join(folder, 'cert.pem'), 'the-certificate');
    await writeFile(join(folder, 'key.pem'), 'the-private-key');
    const plan = await Model.planDeployment(
      workspace,
      optionsOf(
        AciWebservice.deployConfiguration({
          primaryKey: 'the-first-key',
          authEnabled: true,
          sslEnabled: true,
          sslCertPemFile: join(folder, 'cert.pem'),
          sslKeyPemFile: join(folder, 'key.pem'),
          sslCname: 'host.example.com',
        }),
        {
          inferenceConfig: new InferenceConfig({
            entryScript: 'score.py',
            sourceDirectory: join(folder, 'src'),
            environment: {
              name: 'myenv',
              environmentVariables: { A: 'the-variable' },
              docker: { baseImageRegistry: { address: 'r.example', username: 'me', password: 'the-password' } },
            },
            environmentVariables: { B: 'the-variable' },
          }),
        },
      ),
    );
    const text = inspect(plan, { depth: 20 });
    for (const secret of ['the-first-key', 'the-private-key', 'the-variable', 'the-password']) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('the-certificate');
    expect(text).toContain("AZUREML_ENTRY_SCRIPT: 'src/score.py'");
  });

  it('says that a name is taken, and lists every fault before it asks', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.addService('svc', { computeType: 'ACI' });
    const config = AciWebservice.deployConfiguration();
    expect(await rejection(Model.planDeployment(workspace, optionsOf(config)))).toMatchObject({
      code: 'WEBSERVICE_EXISTS',
    });
    standIn.clearExchanges();
    expect(
      await rejection(Model.planDeployment(workspace, optionsOf(config, { name: 'Svc', target: 'aks1' }))),
    ).toMatchObject({ code: 'DEPLOYMENT_CONFIGURATION_INVALID', faults: [{ path: 'name' }, { path: 'target' }] });
    expect(standIn.exchanges()).toEqual([]);
  });
});

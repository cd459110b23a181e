import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { AciWebservice } from '../../src/classic/aci-webservice.ts';
import type { AksWebservice } from '../../src/classic/aks-webservice.ts';
import type { AksUpdateSettings } from '../../src/classic/update-settings.ts';
import { DeploymentConfigurationError } from '../../src/errors.ts';
import { collectLog, lastPatch, openService, rejection } from './support.ts';

const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });

describe('updating a service on AKS', () => {
  it('lets the service check the patch, sends it, and reads the service again', async () => {
    const { service, sent, paths } = await openService<AksWebservice>();

    const report = await service.update({ enableAppInsights: true, collectModelData: true });

    const patch = [replace('/dataCollection/storageEnabled', true), replace('/appInsightsEnabled', true)];
    expect(paths()).toEqual(['POST services/validate', 'PATCH services/svc', 'GET services/svc?expand=true']);
    expect(sent()[0]?.body).toEqual({
      type: 'Update',
      serviceName: 'svc',
      createRequest: null,
      updateRequest: patch,
    });
    expect(sent()[1]).toMatchObject({ body: patch, headers: { 'content-type': 'application/json-patch+json' } });
    expect(service).toMatchObject({ enableAppInsights: true, collectModelData: true });
    expect(report).toEqual({
      name: 'svc',
      kind: 'AksWebservice',
      isDryRun: false,
      parts: [
        {
          deploymentName: undefined,
          changes: [
            { path: '/dataCollection/storageEnabled', from: false, to: true },
            { path: '/appInsightsEnabled', from: false, to: true },
          ],
          isRolling: true,
          outcome: 'accepted',
        },
      ],
    });
  });

  it('has every setting, in the order of the Python client, whatever the order that they are given in', async () => {
    const { azure, service } = await openService<AksWebservice>();
    const settings: AksUpdateSettings = {
      description: 'd',
      properties: { p: '1', 'a/b~c': '2' },
      tags: { t: '1' },
      namespace: 'ns',
      failureThreshold: 5,
      successThreshold: 4,
      timeoutSeconds: 3,
      initialDelaySeconds: 2,
      periodSeconds: 1,
      maxRequestWaitTime: 10,
      replicaMaxConcurrentRequests: 3,
      scoringTimeoutMs: 1000,
      enableAppInsights: true,
      gpuCores: 0,
      memoryGbLimit: 2,
      memoryGb: 1.5,
      cpuCoresLimit: 1,
      cpuCores: 0.5,
      tokenAuthEnabled: true,
      authEnabled: false,
      collectModelData: false,
      autoscaleTargetUtilization: 70,
      autoscaleRefreshSeconds: 2,
      autoscaleMaxReplicas: 4,
      autoscaleMinReplicas: 1,
      autoscaleEnabled: true,
      models: [{ id: 'm:1', modelFramework: 'ScikitLearn' }],
    };
    const copy = structuredClone(settings);

    await service.update(settings);

    expect(lastPatch(azure)).toEqual([
      replace('/environmentImageRequest', { modelIds: ['m:1'] }),
      replace('/autoScaler/autoscaleEnabled', true),
      replace('/autoScaler/minReplicas', 1),
      replace('/autoScaler/maxReplicas', 4),
      replace('/autoScaler/refreshPeriodInSeconds', 2),
      replace('/autoScaler/targetUtilization', 70),
      replace('/dataCollection/storageEnabled', false),
      replace('/authEnabled', false),
      replace('/aadAuthEnabled', true),
      replace('/containerResourceRequirements/cpu', 0.5),
      replace('/containerResourceRequirements/cpuLimit', 1),
      replace('/containerResourceRequirements/memoryInGB', 1.5),
      replace('/containerResourceRequirements/memoryInGBLimit', 2),
      replace('/containerResourceRequirements/gpu', 0),
      replace('/appInsightsEnabled', true),
      replace('/scoringTimeoutMs', 1000),
      replace('/maxConcurrentRequestsPerContainer', 3),
      replace('/maxQueueWaitMs', 10),
      replace('/livenessProbeRequirements/periodSeconds', 1),
      replace('/livenessProbeRequirements/initialDelaySeconds', 2),
      replace('/livenessProbeRequirements/timeoutSeconds', 3),
      replace('/livenessProbeRequirements/successThreshold', 4),
      replace('/livenessProbeRequirements/failureThreshold', 5),
      replace('/namespace', 'ns'),
      replace('/kvTags', { t: '1' }),
      { op: 'add', path: '/properties/p', value: '1' },
      { op: 'add', path: '/properties/a~1b~0c', value: '2' },
      replace('/description', 'd'),
    ]);
    expect(settings).toEqual(copy);
    expect(service.properties).toMatchObject({ 'a/b~c': '2' });
  });

  it.each([
    [{ description: '' }, replace('/description', '')],
    [{ description: null }, replace('/description', null)],
    [{ tags: {} }, replace('/kvTags', {})],
    [{ gpuCores: 0 }, replace('/containerResourceRequirements/gpu', 0)],
    [{ enableAppInsights: false }, replace('/appInsightsEnabled', false)],
    [{ imageId: 'img:2' }, replace('/imageId', 'img:2')],
    [
      { properties: { hasInferenceSchema: 'True' } },
      { op: 'add', path: '/properties/hasInferenceSchema', value: 'True' },
    ],
  ] satisfies [AksUpdateSettings, unknown][])('means %j', async (settings, step) => {
    const { azure, service } = await openService<AksWebservice>({ description: 'old', kvTags: { a: 'b' } });

    await service.update(settings);

    expect(lastPatch(azure)).toEqual([step]);
  });

  it('adds the object around a field where the service has null', async () => {
    const { azure, service } = await openService<AksWebservice>({ autoScaler: null, dataCollection: null });

    await service.update({ autoscaleEnabled: true, autoscaleMaxReplicas: 3, collectModelData: true });

    expect(lastPatch(azure)).toEqual([
      { op: 'add', path: '/autoScaler', value: { autoscaleEnabled: true, maxReplicas: 3 } },
      { op: 'add', path: '/dataCollection', value: { storageEnabled: true } },
    ]);
    expect(service.collectModelData).toBe(true);
  });

  it('sends nothing that was not asked for, wherever the process runs', async () => {
    process.env['AZUREML_GIT_REPOSITORY_URI'] = 'https://user:secret@example.com/r.git';
    const { azure, service } = await openService<AksWebservice>();

    try {
      await service.update({ enableAppInsights: true, collectModelData: undefined, description: undefined });
    } finally {
      delete process.env['AZUREML_GIT_REPOSITORY_URI'];
    }

    expect(lastPatch(azure)).toEqual([replace('/appInsightsEnabled', true)]);
  });

  it.each([{}, { enableAppInsights: undefined }, { properties: {} }])(
    'refuses %j before any request',
    async (settings) => {
      const { azure, service } = await openService<AksWebservice>();

      await expect(service.update(settings)).rejects.toMatchObject({ code: 'NOTHING_TO_UPDATE' });
      expect(azure.exchanges()).toEqual([]);
    },
  );

  it('lists all faults at once, before any request', async () => {
    const { azure, service } = await openService<AksWebservice>();

    const error = await rejection(
      service.update({
        cpuCores: 0,
        memoryGbLimit: 0.1,
        numReplicas: 0,
        namespace: 'X',
        autoscaleMinReplicas: 2,
        tokenAuthEnabled: true,
        models: [],
        imageId: '',
      }),
    );

    expect(error).toBeInstanceOf(DeploymentConfigurationError);
    expect((error as DeploymentConfigurationError).faults.map(({ path }) => path).sort()).toEqual(
      [
        'autoscaleMinReplicas',
        'cpuCores',
        'imageId',
        'imageId',
        'memoryGbLimit',
        'models',
        'namespace',
        'numReplicas',
        'tokenAuthEnabled',
      ].sort(),
    );
    expect(azure.exchanges()).toEqual([]);
  });

  it('takes numbers of autoscaling when the service scales already', async () => {
    const { azure, service } = await openService<AksWebservice>({ autoScaler: { autoscaleEnabled: true } });

    await service.update({ autoscaleMaxReplicas: 5 });

    expect(lastPatch(azure)).toEqual([replace('/autoScaler/maxReplicas', 5)]);
  });

  it('does not exchange what a service is made from for the other kind', async () => {
    const { service: fromEnvironment } = await openService<AksWebservice>({
      environmentImageRequest: { environment: { name: 'env' } },
    });
    const { service: fromImage } = await openService<AksWebservice>({ imageDetails: { id: 'img:1' } });
    const models = [{ id: 'm:1', modelFramework: 'Onnx' }] as const;

    await expect(fromEnvironment.update({ imageId: 'img:2' })).rejects.toThrow('made from an environment');
    await expect(fromImage.update({ models })).rejects.toThrow('made from an image');
    await expect(fromEnvironment.update({ models: [...models, ...models] })).rejects.toThrow('exactly one model');
    await expect(
      fromEnvironment.update({ models: [{ id: 'm:1', modelFramework: 'Custom' as 'Onnx' }] }),
    ).rejects.toThrow('ScikitLearn');
  });

  it('refuses settings and options by name, saying who has them', async () => {
    const { azure, service } = await openService<AksWebservice>();

    const setting = await rejection(service.update({ sslEnabled: true, enableAppInsights: true } as object));
    expect(setting).toMatchObject({ code: 'UNSUPPORTED_SETTING', details: { settings: ['sslEnabled'] } });
    expect(setting.message).toContain('AciWebservice');
    await expect(service.update({ enable_app_insights: true } as object)).rejects.toThrow('enableAppInsights');
    await expect(service.update({ enableAppInsights: true }, { dryrun: true } as object)).rejects.toThrow('dryrun');
    await expect(service.update(null as unknown as object)).rejects.toMatchObject({ code: 'VALIDATION' });
    expect(azure.exchanges()).toEqual([]);
  });

  it('reports a dry run from the service as it is now, and writes nothing', async () => {
    const { state, service, sent } = await openService<AksWebservice>();
    state.resource = { ...state.resource, numReplicas: 7 };

    const report = await service.update({ numReplicas: 3, enableAppInsights: false, tags: {} }, { dryRun: true });

    expect(report).toMatchObject({
      isDryRun: true,
      parts: [{ outcome: 'planned', isRolling: true, changes: [{ path: '/numReplicas', from: 7, to: 3 }] }],
    });
    expect(sent().map(({ method }) => method)).toEqual(['GET']);
    expect((await service.update({ numReplicas: 3 }, { dryRun: true })).parts[0]?.isRolling).toBe(false);
  });

  it('waits for the end when asked to', async () => {
    const { azure, service, paths } = await openService<AksWebservice>();
    azure.planOperations({ polls: 2 });
    const messages: string[] = [];

    const report = await service.update(
      { enableAppInsights: true },
      { wait: true, onProgress: ({ state, message }) => messages.push(`${state}: ${message}`) },
    );

    expect(report.parts[0]?.outcome).toBe('completed');
    expect(messages).toEqual(['Transitioning: Running', 'Healthy: Succeeded']);
    expect(
      paths()
        .slice(3)
        .map((path) => path.replace(/operations\/[^?]*/, 'operations/ID')),
    ).toEqual([
      'GET operations/ID',
      'GET operations/ID?offset=0',
      'GET operations/ID?offset=0',
      'GET services/svc?expand=true',
    ]);
  });

  it('raises what the check of the service says, and changes nothing', async () => {
    const { azure, service, paths } = await openService<AksWebservice>();
    azure.fail({
      url: '/services/validate',
      status: 200,
      body: { error: { code: 'NoRoom', message: 'no room\\nin the cluster' } },
    });

    const error = await rejection(service.update({ numReplicas: 300 }));

    expect(error).toMatchObject({ code: 'REQUEST_REFUSED', details: { code: 'NoRoom' } });
    expect(error.message).toContain('no room\nin the cluster');
    expect(paths()).toEqual(['POST services/validate']);
    expect(service.numReplicas).toBe(1);
  });

  it.each([
    ['answers 500 for ever', { status: 500 }],
    ['breaks the connection', { cut: 'before' as const }],
    ['answers 400', { status: 400 }],
  ])('goes on with a warning when the check %s', async (_, fault) => {
    const { azure, service, paths } = await openService<AksWebservice>();
    azure.fail({ ...fault, url: '/services/validate', times: Number.POSITIVE_INFINITY });
    const log = collectLog();

    const report = await service.update({ enableAppInsights: true });

    expect(report.parts[0]?.outcome).toBe('accepted');
    expect(paths().at(-2)).toBe('PATCH services/svc');
    expect(log.filter((line) => line.includes('check'))).toEqual([
      expect.stringContaining("goes on without the service's check"),
    ]);
  });

  it('does not send the patch when the caller gave up during the check', async () => {
    const { azure, service } = await openService<AksWebservice>();
    const controller = new AbortController();
    azure.fail({ url: '/services/validate', status: 500, onHit: () => controller.abort(new Error('enough')) });

    await expect(service.update({ enableAppInsights: true }, { abortSignal: controller.signal })).rejects.toThrow(
      'enough',
    );
    expect(azure.exchanges().some(({ method }) => method === 'PATCH')).toBe(false);
  });

  it('keeps one time limit for all steps, and begins none that is too late', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.fail({ url: '/services/validate', delayMs: 5_000 });

    await expect(service.update({ enableAppInsights: true }, { timeoutMs: 60 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    expect(azure.exchanges().some(({ method }) => method === 'PATCH')).toBe(false);
    await expect(service.update({ enableAppInsights: true }, { timeoutMs: -1 })).rejects.toMatchObject({
      code: 'VALIDATION',
    });
  });

  it('fills the error of a refused patch, and leaves the object as it was', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.fail({
      method: 'PATCH',
      status: 409,
      headers: { 'x-ms-request-id': 'r-7' },
      body: { code: 'Conflict', message: 'busy', details: [{ code: 'c', message: 'm' }] },
    });

    const error = await rejection(service.addTags({ team: 'b' }));

    expect(error).toMatchObject({
      code: 'CONFLICT',
      statusCode: 409,
      requestId: 'r-7',
      details: { code: 'Conflict', message: 'busy', details: [{ code: 'c', message: 'm' }] },
    });
    expect(service.tags).toEqual({});
  });

  it('sends the patch again after an answer 500', async () => {
    const { azure, service, paths } = await openService<AksWebservice>();
    azure.fail({ method: 'PATCH', status: 500 });

    await service.update({ enableAppInsights: true });

    expect(paths().filter((path) => path.startsWith('PATCH'))).toHaveLength(2);
  });

  it('takes an answer 200: with an operation in it, and without one', async () => {
    const { azure, service, paths } = await openService<AksWebservice>();
    azure.fail({ method: 'PATCH', status: 200, body: { name: 'svc', operationId: 'op 1' } });
    azure.fail({ method: 'PATCH', status: 200, body: { name: 'svc' } });
    azure.fail({ url: '/operations/op%201', status: 200, body: { state: 'Succeeded' } });

    expect((await service.update({ numReplicas: 2 }, { wait: true })).parts[0]?.outcome).toBe('completed');
    expect(paths()).toContain('GET operations/op%201');
    expect((await service.update({ numReplicas: 3 })).parts[0]?.outcome).toBe('completed');
  });

  it('says so when an accepted patch names no operation', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.fail({ method: 'PATCH', status: 202, body: '' });

    const error = await rejection(service.update({ numReplicas: 2 }));

    expect(error).toMatchObject({ code: 'INVALID_ANSWER', statusCode: 202 });
    expect(error.message).toContain('was accepted');
  });

  it('does not fail an accepted update because the service cannot be read again', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.fail({ method: 'GET', url: '/services/svc?', status: 403 });
    const log = collectLog();

    expect((await service.update({ numReplicas: 2 })).parts[0]?.outcome).toBe('accepted');
    expect(log.join()).toContain('could not be read again');
  });
});

describe('updating a service on ACI', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'classic-'));
    await writeFile(join(folder, 'c.pem'), 'PEM');
    await writeFile(join(folder, 'k.pem'), 'KEYPEM');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('has every setting, in the order of the Python client, and data collection', async () => {
    const { azure, service } = await openService<AciWebservice>({ computeType: 'ACI' });

    const report = await service.update({
      collectModelData: true,
      enableAppInsights: true,
      sslCname: 'www.example.com',
      sslKeyPemFile: join(folder, 'k.pem'),
      sslCertPemFile: join(folder, 'c.pem'),
      sslEnabled: true,
      authEnabled: false,
      description: 'd',
      properties: { p: '1' },
      tags: { a: '1' },
    });

    expect(lastPatch(azure)).toEqual([
      replace('/kvTags', { a: '1' }),
      { op: 'add', path: '/properties/p', value: '1' },
      replace('/description', 'd'),
      replace('/authEnabled', false),
      replace('/sslEnabled', true),
      replace('/sslCertificate', 'PEM'),
      replace('/sslKey', 'KEYPEM'),
      replace('/cname', 'www.example.com'),
      replace('/appInsightsEnabled', true),
      replace('/dataCollection/storageEnabled', true),
    ]);
    expect(service.collectModelData).toBe(true);
    expect(JSON.stringify(report) + inspect(service, { depth: 9 })).not.toContain('KEYPEM');
    expect(report.parts[0]?.changes).toContainEqual({ path: '/sslKey', from: '', to: '[redacted]' });
  });

  it('lists all faults at once', async () => {
    const { azure, service } = await openService<AciWebservice>({ computeType: 'ACI' });

    const error = await rejection(
      service.update({
        sslCertPemFile: join(folder, 'none.pem'),
        sslKeyPemFile: join(folder, 'k.pem'),
        authEnabled: 'yes' as unknown as boolean,
        collectModelData: 1 as unknown as boolean,
      }),
    );

    expect(new Set((error as DeploymentConfigurationError).faults.map(({ path }) => path))).toEqual(
      new Set(['sslCertPemFile', 'sslKeyPemFile', 'authEnabled', 'collectModelData']),
    );
    await expect(service.update({ cpuCores: 2 } as object)).rejects.toMatchObject({ code: 'UNSUPPORTED_SETTING' });
    expect(azure.exchanges()).toEqual([]);
  });
});

describe('tags and properties', () => {
  it('are added to those that are there', async () => {
    const { azure, service } = await openService<AksWebservice>({ kvTags: { team: 'a', x: '1' } });

    await service.addTags({ team: 'b', y: '2' });
    expect(lastPatch(azure)).toEqual([replace('/kvTags', { team: 'b', x: '1', y: '2' })]);
    expect(service.tags).toEqual({ team: 'b', x: '1', y: '2' });

    await service.addProperties({ p: '1' });
    expect(lastPatch(azure)).toEqual([{ op: 'add', path: '/properties/p', value: '1' }]);
    expect(service.properties).toEqual({ hasInferenceSchema: 'False', p: '1' });
    await expect(service.addTags({})).rejects.toMatchObject({ code: 'VALIDATION' });
    await expect(service.addProperties({ p: 1 } as object as Record<string, string>)).rejects.toMatchObject({
      code: 'VALIDATION',
    });
  });

  it('are taken away by name; names that are not there do not count', async () => {
    const { azure, service } = await openService<AksWebservice>({ kvTags: { team: 'a', x: '1' } });

    await service.removeTags(['team', 'nope']);
    expect(lastPatch(azure)).toEqual([replace('/kvTags', { x: '1' })]);

    azure.clearExchanges();
    const report = await service.removeTags('toString');
    expect(report.parts).toMatchObject([{ outcome: 'unchanged', changes: [] }]);
    expect(azure.exchanges()).toEqual([]);
    await expect(service.removeTags([])).rejects.toMatchObject({ code: 'VALIDATION' });
  });

  it('can be tried without a change', async () => {
    const { service, sent } = await openService<AksWebservice>();

    const report = await service.addTags({ a: 'b' }, { dryRun: true });

    expect(report.parts[0]?.changes).toEqual([{ path: '/kvTags', from: {}, to: { a: 'b' } }]);
    expect(sent().map(({ method }) => method)).toEqual(['GET']);
  });
});

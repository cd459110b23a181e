import type { AksEndpoint } from '../../src/classic/aks-endpoint.ts';
import type { AksVersionSettings } from '../../src/classic/update-settings.ts';
import type { DeploymentConfigurationError } from '../../src/errors.ts';
import { lastPatch, openService, rejection } from './support.ts';

const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });
const MODELS = [{ id: 'm:1', modelFramework: 'ScikitLearn' }] as const;

const endpoint = () =>
  openService<AksEndpoint>({
    computeType: 'AKSENDPOINT',
    versions: { v1: {}, v2: { isDefault: false, trafficPercentile: 0, type: 'Treatment', kvTags: { a: 'b' } } },
  });

describe('an endpoint on AKS', () => {
  it('has its versions', async () => {
    const { service } = await endpoint();

    expect(Object.keys(service.versions)).toEqual(['v1', 'v2']);
    expect(service.namespace).toBe('azureml-ws1');
    expect(service.versions['v2']).toMatchObject({
      name: 'v2',
      state: 'Healthy',
      isDefault: false,
      versionType: 'Treatment',
      trafficPercentile: 0,
      tags: { a: 'b' },
      collectModelData: false,
      containerResourceRequirements: { cpu: 0.1 },
      livenessProbeRequirements: { periodSeconds: 10 },
      createdTime: new Date('2021-10-21T10:00:00.123Z'),
    });
    expect(service.serialize()).toMatchObject({ versions: { v2: { tags: { a: 'b' } } } });
  });

  it('can be updated as a whole', async () => {
    const { azure, service, paths } = await endpoint();

    const report = await service.update({ enableAppInsights: true, authEnabled: false, tokenAuthEnabled: true });

    expect(lastPatch(azure)).toEqual([
      replace('/authEnabled', false),
      replace('/aadAuthEnabled', true),
      replace('/appInsightsEnabled', true),
    ]);
    expect(paths()[0]).toBe('POST services/validate');
    expect(report.kind).toBe('AksEndpoint');
    await expect(service.update({ cpuCores: 1 } as object)).rejects.toMatchObject({ code: 'UNSUPPORTED_SETTING' });
    await expect(service.update({ authEnabled: true, tokenAuthEnabled: true })).rejects.toMatchObject({
      code: 'DEPLOYMENT_CONFIGURATION_INVALID',
    });
  });

  it('gets a new version with sizes and a model without a script', async () => {
    const { azure, service } = await endpoint();

    const report = await service.createVersion(
      'v3-x',
      {
        models: MODELS,
        trafficPercentile: 10,
        isDefault: false,
        cpuCores: 0.5,
        memoryGb: 1,
        tags: { t: '1' },
        properties: { p: '1' },
        collectModelData: true,
      },
      { wait: true },
    );

    expect(lastPatch(azure)).toEqual([
      {
        op: 'add',
        path: '/versions/v3-x',
        value: {
          name: 'v3-x',
          computeType: 'AKSENDPOINT',
          environmentImageRequest: { modelIds: ['m:1'] },
          dataCollection: { storageEnabled: true },
          containerResourceRequirements: { cpu: 0.5, memoryInGB: 1 },
          kvTags: { t: '1' },
          properties: { p: '1' },
          trafficPercentile: 10,
          isDefault: false,
        },
      },
    ]);
    expect(report.parts[0]).toMatchObject({ deploymentName: 'v3-x', outcome: 'completed' });
    expect(service.versions['v3-x']).toMatchObject({ trafficPercentile: 10, tags: { t: '1' } });
  });

  it('has one default and one control version', async () => {
    const { azure, service } = await endpoint();

    await service.createVersion('v3-x', { models: MODELS, isDefault: true, isControlVersionType: true });

    const [first, ...others] = lastPatch(azure) as { value: object }[];
    expect(first?.value).toMatchObject({ isDefault: true, type: 'Control' });
    expect(others).toEqual([
      replace('/versions/v1/isDefault', false),
      replace('/versions/v2/isDefault', false),
      replace('/versions/v1/type', 'Treatment'),
      replace('/versions/v2/type', 'Treatment'),
    ]);
    await service.updateVersion('v2', { isDefault: true, isControlVersionType: false });
    expect(lastPatch(azure)).toEqual([
      replace('/versions/v2/isDefault', true),
      replace('/versions/v2/type', 'Treatment'),
      replace('/versions/v1/isDefault', false),
      replace('/versions/v3-x/isDefault', false),
    ]);
  });

  it('changes a version, with its tags and properties in their places', async () => {
    const { azure, service } = await endpoint();

    const report = await service.updateVersion('v2', {
      collectModelData: true,
      cpuCores: 0.5,
      tags: { team: 'x' },
      properties: { 'a/b': '1' },
      description: '',
      trafficPercentile: 0,
    });

    expect(lastPatch(azure)).toEqual([
      replace('/versions/v2/dataCollection/storageEnabled', true),
      replace('/versions/v2/containerResourceRequirements/cpu', 0.5),
      replace('/versions/v2/kvTags', { team: 'x' }),
      { op: 'add', path: '/versions/v2/properties/a~1b', value: '1' },
      replace('/versions/v2/description', ''),
      replace('/versions/v2/trafficPercentile', 0),
    ]);
    expect(report.parts[0]).toMatchObject({ deploymentName: 'v2', isRolling: true });
    expect(service.versions['v2']?.tags).toEqual({ team: 'x' });
  });

  it('deletes a version', async () => {
    const { azure, service } = await endpoint();

    await service.deleteVersion('v2', { wait: true });

    expect(lastPatch(azure)).toEqual([{ op: 'remove', path: '/versions/v2' }]);
    expect(Object.keys(service.versions)).toEqual(['v1']);
  });

  it.each<[string, AksVersionSettings, string[]]>([
    ['v2', { cpuCores: 0, trafficPercentile: 101 }, ['cpuCores', 'trafficPercentile']],
    ['v9', { numReplicas: 1.5 }, ['numReplicas', 'versionName']],
    ['v2', { isDefault: 1 as unknown as boolean, autoscaleMinReplicas: 1 }, ['autoscaleMinReplicas', 'isDefault']],
    ['v2', { cpuCoresLimit: 0.05 }, ['cpuCoresLimit']],
  ])('lists all faults of an update of %s with %j before any request', async (version, settings, paths) => {
    const { azure, service } = await endpoint();

    const error = (await rejection(service.updateVersion(version, settings))) as DeploymentConfigurationError;

    expect(error.faults.map(({ path }) => path).sort()).toEqual(paths);
    expect(azure.exchanges()).toEqual([]);
  });

  it('refuses versions that are there, or have no name, or no model', async () => {
    const { azure, service } = await endpoint();

    await expect(service.createVersion('v1', { models: MODELS })).rejects.toThrow('versionName');
    await expect(service.createVersion('V_1', { models: MODELS })).rejects.toThrow('versionName');
    await expect(service.createVersion('v-3', { cpuCores: 1 })).rejects.toThrow('models');
    await expect(service.deleteVersion('v9')).rejects.toThrow('v1, v2');
    await expect(service.updateVersion('v1', { authEnabled: true } as object)).rejects.toMatchObject({
      code: 'UNSUPPORTED_SETTING',
    });
    await expect(service.updateVersion('v1', {})).rejects.toMatchObject({ code: 'NOTHING_TO_UPDATE' });
    expect(azure.exchanges()).toEqual([]);
  });

  it('scores and has tokens', async () => {
    const { azure, service } = await endpoint();

    expect(await service.run([1])).toEqual([1]);
    azure.fail({ url: '/token', status: 200, body: { accessToken: 't', refreshAfter: 1, expiryOn: 2 } });
    expect(await service.getToken()).toMatchObject({ accessToken: 't', tokenType: 'Bearer' });
  });
});

import { inspect } from 'node:util';
import type { AciWebservice } from '../../src/classic/aci-webservice.ts';
import { AciWebservice as Aci } from '../../src/classic/aci-webservice.ts';
import { AksEndpoint } from '../../src/classic/aks-endpoint.ts';
import { AksWebservice } from '../../src/classic/aks-webservice.ts';
import { UnknownWebservice } from '../../src/classic/unknown-webservice.ts';
import { Workspace } from '../../src/workspace/workspace.ts';
import { openService } from './support.ts';

const workspace = new Workspace({ subscriptionId: 'sub', resourceGroup: 'rg1', workspaceName: 'ws1' });
const KEY = '-----BEGIN PRIVATE KEY-----verysecret';

describe('attributes of classic services', () => {
  it('are those of the service on AKS', async () => {
    const { service } = await openService<AksWebservice>({
      kvTags: { team: 'a' },
      description: 'd',
      aadAuthEnabled: true,
      authEnabled: false,
      dataCollection: { storageEnabled: true, eventHubEnabled: false },
      autoScaler: { autoscaleEnabled: true, minReplicas: 1, maxReplicas: 4, refreshPeriodInSeconds: 2 },
      containerResourceRequirements: { cpu: 0.5, cpuLimit: 1, memoryInGB: 1.5, memoryInGBLimit: 2, gpu: 1 },
      maxQueueWaitMs: 500,
      imageDetails: { id: 'img:1' },
      environmentImageRequest: { environment: { name: 'env' } },
      error: { code: 'X', message: 'm' },
    });

    expect(service).toMatchObject({
      kind: 'AksWebservice',
      computeType: 'AKS',
      computeName: 'aks1',
      state: 'Healthy',
      error: { code: 'X', message: 'm' },
      tags: { team: 'a' },
      properties: { hasInferenceSchema: 'False' },
      description: 'd',
      authEnabled: false,
      tokenAuthEnabled: true,
      enableAppInsights: false,
      collectModelData: true,
      dataCollection: { storageEnabled: true, eventHubEnabled: false },
      deploymentStatus: 'Succeeded',
      namespace: 'azureml-ws1',
      autoscaler: {
        autoscaleEnabled: true,
        minReplicas: 1,
        maxReplicas: 4,
        refreshPeriodSeconds: 2,
        targetUtilization: undefined,
      },
      containerResourceRequirements: { cpu: 0.5, cpuLimit: 1, memoryInGb: 1.5, memoryInGbLimit: 2, gpu: 1 },
      livenessProbeRequirements: { periodSeconds: 10, initialDelaySeconds: 310, timeoutSeconds: 2 },
      maxConcurrentRequestsPerContainer: 1,
      maxRequestWaitTime: 500,
      numReplicas: 1,
      scoringTimeoutMs: 60_000,
      isDefault: true,
      trafficPercentile: 100,
      versionType: 'Control',
      image: { id: 'img:1' },
      environment: { name: 'env' },
      models: [],
      createdBy: { userName: 'A User' },
    });
    expect(service.createdTime).toEqual(new Date('2021-10-21T10:00:00.123Z'));
    expect(service.scoringUri).toMatch(/\/score$/);
    expect(service.swaggerUri).toBe(service.scoringUri?.replace(/score$/, 'swagger.json'));
  });

  it('are those of the service on ACI, with its data collection', async () => {
    const { service } = await openService<AciWebservice>({
      computeType: 'ACI',
      dataCollection: { storageEnabled: true, eventHubEnabled: false },
      cname: 'www.example.com',
      sslEnabled: true,
      sslCertificate: 'CERT',
      vnetConfiguration: { vnetName: 'vn', subnetName: 'sn' },
      encryptionProperties: { vaultBaseUrl: 'https://v', keyName: 'k', keyVersion: '1' },
      publicFqdn: 'fqdn',
    });

    expect(service).toMatchObject({
      kind: 'AciWebservice',
      collectModelData: true,
      location: 'westus',
      sslCname: 'www.example.com',
      sslEnabled: true,
      sslCertificate: 'CERT',
      publicIp: '10.0.0.1',
      publicFqdn: 'fqdn',
      tokenAuthEnabled: false,
      vnetConfiguration: { vnetName: 'vn', subnetName: 'sn' },
      encryptionProperties: { vaultBaseUrl: 'https://v', keyName: 'k', keyVersion: '1' },
    });
    expect(service.serialize()).toMatchObject({ dataCollection: { storageEnabled: true } });
  });

  it('can be read when the service leaves out or nulls whatever it likes', () => {
    const empty = new AksWebservice(workspace, { name: 'svc', computeType: 'AKS' });
    const nulls = new AksWebservice(workspace, {
      name: 'svc',
      computeType: 'AKS',
      autoScaler: null,
      dataCollection: null,
      livenessProbeRequirements: null,
      kvTags: null,
      createdTime: 'never',
    });

    for (const service of [empty, nulls]) {
      expect(service).toMatchObject({ state: 'Unknown', tags: {}, properties: {}, models: [] });
      expect(service.autoscaler ?? service.dataCollection ?? service.createdTime ?? service.scoringUri).toBeUndefined();
      expect(service.livenessProbeRequirements).toEqual({
        periodSeconds: 10,
        initialDelaySeconds: 310,
        timeoutSeconds: 1,
        failureThreshold: 3,
        successThreshold: 1,
      });
      expect(service.serialize()).toMatchObject({ autoScaler: null, dataCollection: null, scoringUri: null });
    }
    expect(() => new AksWebservice(workspace, { computeType: 'AKS' })).toThrow('has no name');
  });

  it('keep fields that have no name here, in a copy', () => {
    const service = new AksWebservice(workspace, { name: 'svc', computeType: 'AKS', future: { x: [1] } });

    (service.resource['future'] as { x: number[] }).x.push(2);
    service.tags['a'] = 'b';

    expect(service.resource['future']).toEqual({ x: [1] });
    expect(service.tags).toEqual({});
  });

  it('are those of a kind that has no class', async () => {
    const { service, azure } = await openService<UnknownWebservice>({ computeType: 'FPGA' });

    expect(service).toBeInstanceOf(UnknownWebservice);
    expect(service).toMatchObject({ ipAddress: '10.0.0.2', port: 80, numReplicas: 1, sslEnabled: false });
    expect([service.scoringUri, service.swaggerUri]).toEqual(['10.0.0.2:80', undefined]);
    for (const call of [
      () => service.update({ enableAppInsights: true }),
      () => service.run({}),
      () => service.addTags({ a: 'b' }),
      () => service.getToken(),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'UNSUPPORTED_OPERATION' });
    }
    expect(azure.exchanges()).toEqual([]);
  });
});

describe('serialize', () => {
  it('has the names and forms of the Python client', async () => {
    const { service } = await openService<AksWebservice>({ kvTags: { team: 'a' } });

    expect(service.serialize()).toMatchObject({
      name: 'svc',
      tags: { team: 'a' },
      createdTime: '2021-10-21T10:00:00.123456+00:00',
      workspaceName: 'ws1',
      environmentDetails: null,
      modelDetails: null,
      versionType: 'Control',
      autoScaler: { autoscaleEnabled: null, maxReplicas: null },
      containerResourceRequirements: { cpu: 0.1, cpuLimit: null, gpu: null, memoryInGB: 0.5, memoryInGBLimit: null },
    });
    expect(service.toJSON()).toMatchObject({ kind: 'AksWebservice', swaggerUri: service.swaggerUri });
    expect(
      new UnknownWebservice(workspace, { name: 'o', createdTime: '2021-10-21T10:00:00Z' }).serialize(),
    ).toMatchObject({ createdTime: '2021-10-21T10:00:00+00:00', updatedTime: null });
  });

  it('can be taken back, for every kind', async () => {
    const { service } = await openService<AksWebservice>({
      environmentImageRequest: { environment: { name: 'env' } },
      models: [{ id: 'm:1' }],
      livenessProbeRequirements: null,
    });
    const { service: aci } = await openService<AciWebservice>({ computeType: 'ACI', sslKey: KEY });
    const { service: endpoint } = await openService<AksEndpoint>({
      computeType: 'AKSENDPOINT',
      versions: { v1: {}, v2: { kvTags: { a: 'b' } } },
    });
    const { service: other } = await openService<UnknownWebservice>({ computeType: 'FPGA' });

    expect(AksWebservice.deserialize(service.workspace, service.serialize()).serialize()).toEqual(service.serialize());
    expect(Aci.deserialize(aci.workspace, aci.serialize()).serialize()).toEqual(aci.serialize());
    expect(AksEndpoint.deserialize(endpoint.workspace, endpoint.serialize()).serialize()).toEqual(endpoint.serialize());
    expect(UnknownWebservice.deserialize(other.workspace, other.serialize()).serialize()).toEqual(other.serialize());
    expect(AksWebservice.deserialize(workspace, { ...service.resource }).tags).toEqual(service.tags);
    expect(() => AksWebservice.deserialize(workspace, aci.serialize())).toThrow('AciWebservice');
    expect(() => AksWebservice.deserialize(workspace, { tags: {} })).toThrow('what serialize() gave');
  });

  it('never shows environment variables and signatures, of versions neither', async () => {
    const secret = 'hunter2hunter2';
    const environmentImageRequest = {
      environment: { name: 'env', environmentVariables: { PASS: secret, AML_APP_INSIGHTS_ENABLED: 'true' } },
      assets: [{ url: `https://a.blob.core.windows.net/c/x?sv=1&sig=${secret}` }],
      modelConfigMap: { m: { environmentVariables: { PASS: secret } } },
    };
    const { service } = await openService<AksWebservice>({ environmentImageRequest });
    const { service: endpoint } = await openService<AksEndpoint>({
      computeType: 'AKSENDPOINT',
      versions: { v1: { environmentImageRequest } },
    });

    expect(service.serialize()).toMatchObject({
      environmentDetails: {
        name: 'env',
        environmentVariables: { PASS: '[redacted]', AML_APP_INSIGHTS_ENABLED: 'true' },
      },
    });
    expect(AksWebservice.deserialize(workspace, service.serialize()).environment).toEqual(service.environment);
    for (const one of [
      service,
      service.resource,
      endpoint,
      endpoint.resource,
      endpoint.versions,
      service.environment,
    ]) {
      expect(JSON.stringify(one)).not.toContain(secret);
      expect(inspect(one, { depth: 12, showHidden: true, getters: true })).not.toContain(secret);
    }
    const report = await service.update(
      { models: [{ id: 'best_model:10', modelFramework: 'Onnx' }] },
      { dryRun: true },
    );
    expect(report.parts[0]?.changes).toHaveLength(1);
    expect(JSON.stringify(report)).not.toContain(secret);
  });

  it('never shows the private key, wherever the service is shown', async () => {
    const { service } = await openService<AciWebservice>({
      computeType: 'ACI',
      sslKey: KEY,
      keys: { primaryKey: 'verysecret' },
    });

    expect(service.serialize()).toMatchObject({ sslKey: '[redacted]' });
    for (const shown of [
      JSON.stringify(service),
      JSON.stringify(service.resource),
      inspect(service, { depth: 9, showHidden: true }),
      String(inspect(service.resource, { depth: 9 })),
    ]) {
      expect(shown).not.toContain('verysecret');
    }
  });
});

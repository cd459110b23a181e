import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AzureResource } from '@azureml-ts/testing';
import fc from 'fast-check';
import {
  AksWebservice,
  formatMigrationPlan,
  type MigrationPlan,
  type OnlineDeploymentConfiguration,
  planMigration,
  readDeploymentFile,
  Webservice,
} from '../../../src/index.ts';
import { openStandIn, workspaceOn } from '../../support/stand-in.ts';
import { rejection } from '../support.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plan-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ENV = { PRIMARY_KEY: 'key-1', SECONDARY_KEY: 'key-2', TOKEN: 'a token', REGION: 'north' };

async function planOf(resource: AzureResource, options = {}): Promise<MigrationPlan> {
  const { standIn, workspace } = await openStandIn();
  standIn.addService('svc', resource);
  const plan = planMigration(await Webservice.get(workspace, 'svc'), options);
  expect(standIn.exchanges().every(({ method }) => method === 'GET')).toBe(true);
  return plan;
}

/** Reads a file of a plan as `azureml-ts deploy` would. */
async function read(text: string) {
  const file = join(folder, 'deployment.yml');
  await writeFile(file, text);
  return readDeploymentFile(file, { env: ENV });
}

function notesOf({ deployments }: MigrationPlan, outcome: string): Record<string, string> {
  const notes = deployments.flatMap((deployment) => deployment.notes);
  return Object.fromEntries(notes.filter((note) => note.outcome === outcome).map((note) => [note.field, note.message]));
}

describe('planning the move of a classic service', () => {
  it('makes a file that can be deployed, with everything that carries over', async () => {
    const plan = await planOf({
      description: 'Risk: "high"',
      kvTags: { team: 'risk', release: '1.10', on: 'yes' },
      properties: { owner: 'me', 'azureml.git.branch': 'main', hasInferenceSchema: 'False' },
      appInsightsEnabled: true,
      dataCollection: { storageEnabled: true, eventHubEnabled: true },
      containerResourceRequirements: { cpu: 6, memoryInGB: 20, gpu: null },
      maxConcurrentRequestsPerContainer: 2,
      maxQueueWaitMs: 900,
      numReplicas: 3,
      scoringTimeoutMs: 30_000,
      environmentImageRequest: {
        environment: {
          environmentVariables: {
            AZUREML_ENTRY_SCRIPT: 'score.py',
            AML_APP_INSIGHTS_ENABLED: 'true',
            TOKEN: 'very-secret-token',
            REGION: 'north',
          },
        },
      },
    });
    const text = formatMigrationPlan(plan);
    expect(text).not.toContain('very-secret');
    const { options } = await read(text);
    expect(options).toMatchObject({
      name: 'svc',
      models: [{ id: 'best_model:10' }],
      inferenceConfig: { entryScript: 'score.ts', sourceDirectory: join(folder, 'src') },
    });
    expect((options.deploymentConfig as OnlineDeploymentConfiguration).settings).toEqual({
      deploymentName: 'blue',
      description: 'Risk: "high"',
      tags: { team: 'risk', release: '1.10', on: 'yes' },
      properties: { owner: 'me' },
      authMode: 'Key',
      enableAppInsights: true,
      collectModelData: true,
      environmentVariables: { TOKEN: 'a token', REGION: 'north' },
      instanceType: 'Standard_DS4_v2',
      instanceCount: 3,
      requestSettings: { requestTimeoutMs: 30_000, maxConcurrentRequestsPerInstance: 2, maxQueueWaitMs: 900 },
      livenessProbe: {
        initialDelayMs: 310_000,
        periodMs: 10_000,
        timeoutMs: 2_000,
        failureThreshold: 3,
        successThreshold: 1,
      },
    });
    expect(notesOf(plan, 'lost')).toMatchObject({
      'dataCollection.eventHubEnabled': expect.stringContaining('storage account only'),
      properties: expect.stringContaining('azureml.git.branch'),
    });
    expect(notesOf(plan, 'changed')['scoringUri']).toContain('inference.ml.azure.com');
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it('offers to keep the keys: its lines work once they are switched on', async () => {
    const text = formatMigrationPlan(await planOf({}));
    expect(text).toMatch(/^# primary_key: /m);
    const { options } = await read(text.replace(/^# (primary_key|secondary_key)/gm, '$1'));
    const { settings } = options.deploymentConfig as OnlineDeploymentConfiguration;
    expect([settings.primaryKey, settings.secondaryKey]).toEqual(['key-1', 'key-2']);
  });

  it('says that nobody is let in without a key any more, and where tokens come from', async () => {
    const open = await planOf({ authEnabled: false });
    expect(open.deployments[0]?.file['auth_mode']).toBe('key');
    expect(notesOf(open, 'changed')['authEnabled']).toContain('let everybody call');
    expect(formatMigrationPlan(open)).not.toContain('primary_key');
    const tokens = await planOf({ authEnabled: false, aadAuthEnabled: true });
    expect(tokens.deployments[0]?.file['auth_mode']).toBe('aml_token');
  });

  const SCALED = {
    autoScaler: {
      autoscaleEnabled: true,
      minReplicas: 2,
      maxReplicas: 5,
      targetUtilization: 60,
      refreshPeriodInSeconds: 3,
    },
    numReplicas: null,
    scoringTimeoutMs: 400_000,
    containerResourceRequirements: { cpu: 0.5, memoryInGB: 1.5, gpu: 1, cpuLimit: 2 },
  };

  it('turns autoscaling into a rule to make, and keeps it on Kubernetes', async () => {
    const managed = await planOf(SCALED);
    expect(managed.deployments[0]?.file).toMatchObject({
      instance_type: 'Standard_NC4as_T4_v3',
      instance_count: 2,
      request_settings: { request_timeout_ms: 180_000 },
    });
    expect(notesOf(managed, 'todo')['autoScaler']).toContain('2 to 5 instances at 60 % CPU');
    const cluster = await planOf(SCALED, { computeTargetName: 'cluster1' });
    const { options } = await read(formatMigrationPlan(cluster));
    expect((options.deploymentConfig as OnlineDeploymentConfiguration).settings).toMatchObject({
      computeTargetName: 'cluster1',
      cpuCores: 0.5,
      cpuCoresLimit: 2,
      memoryGb: 1.5,
      gpuCores: 1,
      scaleSettings: {
        scaleType: 'TargetUtilization',
        minInstances: 2,
        maxInstances: 5,
        targetUtilizationPercentage: 60,
      },
      requestSettings: { requestTimeoutMs: 400_000 },
    });
  });

  it('tells what a service on ACI loses', async () => {
    const plan = await planOf({
      computeType: 'ACI',
      sslEnabled: true,
      cname: 'svc.example.org',
      sslKey: 'PRIVATE',
      vnetConfiguration: { vnetName: 'v', subnetName: 's' },
      encryptionProperties: { vaultBaseUrl: 'https://vault', keyName: 'k', keyVersion: '1' },
    });
    expect(Object.keys(notesOf(plan, 'lost'))).toEqual([
      'sslEnabled, sslCertificate, sslKey',
      'cname',
      'vnetConfiguration',
      'encryptionProperties',
      'location',
      'publicIp, publicFqdn',
    ]);
    const text = formatMigrationPlan(plan);
    expect(text).not.toContain('PRIVATE');
    await read(text);
  });

  it('makes a file for each version of an endpoint, or for one', async () => {
    const resource = {
      computeType: 'AKSENDPOINT',
      aadAuthEnabled: true,
      authEnabled: false,
      versions: { v1: { trafficPercentile: 80 }, green: { trafficPercentile: 20, type: 'Treatment' } },
    };
    const plan = await planOf(resource);
    expect(
      plan.deployments.map(({ deploymentName, file }) => [deploymentName, file['traffic'], file['auth_mode']]),
    ).toEqual([
      ['version-v1', undefined, 'aml_token'],
      // The endpoint has all deployments only when the last one is there.
      ['green', { 'version-v1': 80, green: 20 }, 'aml_token'],
    ]);
    const documents = formatMigrationPlan(plan).split('---\n');
    expect(documents).toHaveLength(2);
    for (const document of documents) {
      expect((await read(document)).options.name).toBe('svc');
    }
    const one = await planOf(resource, { versionName: 'green' });
    expect(one.deployments.map(({ deploymentName }) => deploymentName)).toEqual(['green']);
    expect(await rejection(planOf(resource, { versionName: 'none' }))).toMatchObject({
      code: 'VALIDATION',
      message: expect.stringContaining('v1, green'),
    });
  });

  it('carries what the endpoint of a version says, unless the version says it itself', async () => {
    const plan = await planOf({
      computeType: 'AKSENDPOINT',
      description: 'of the endpoint',
      kvTags: { team: 'risk', stage: 'live' },
      versions: { one: { trafficPercentile: 100, kvTags: { stage: 'test' } } },
    });
    expect(plan.deployments[0]?.file).toMatchObject({
      description: 'of the endpoint',
      tags: { team: 'risk', stage: 'test' },
      traffic: { one: 100 },
    });
  });

  const EVERYTHING = {
    description: 'x',
    kvTags: { a: 'b' },
    properties: { own: '1', hasInferenceSchema: 'False' },
    appInsightsEnabled: true,
    dataCollection: { storageEnabled: true, eventHubEnabled: true },
    containerResourceRequirements: { cpu: 1, cpuLimit: 2, memoryInGB: 2, memoryInGBLimit: 4, gpu: 1, fpga: 1 },
    imageId: 'image:1',
    environmentImageRequest: {
      environment: { environmentVariables: { TOKEN: '1', 'no-name': '2', AML_APP_ROOT: '3' } },
    },
  };
  const OF_AKS = {
    ...EVERYTHING,
    autoScaler: {
      autoscaleEnabled: true,
      minReplicas: 1,
      maxReplicas: 2,
      targetUtilization: 7,
      refreshPeriodInSeconds: 1,
    },
    maxQueueWaitMs: 5,
    numReplicas: 3,
    scoringTimeoutMs: 400_000,
    type: 'Treatment',
  };
  /** How the service is, and not how it was set. */
  const OF_STATE =
    'id createdTime updatedTime createdBy state error operationId deploymentStatus imageDigest models modelConfigMap swaggerUri computeType';
  it.each<[string, AzureResource, string]>([
    ['AKS', { computeType: 'AKS', ...OF_AKS }, 'isDefault trafficPercentile'],
    [
      'ACI',
      {
        computeType: 'ACI',
        ...EVERYTHING,
        sslEnabled: true,
        sslCertificate: 'c',
        sslKey: 'k',
        cname: 'c.example',
        publicFqdn: 'f.example',
        vnetConfiguration: { vnetName: 'v', subnetName: 's' },
        encryptionProperties: { vaultBaseUrl: 'https://v', keyName: 'k', keyVersion: '1' },
      },
      '',
    ],
    ['an AKS endpoint', { computeType: 'AKSENDPOINT', versions: { one: OF_AKS } }, 'versions'],
  ])('says of every setting of a service on %s what becomes of it', async (_, given, others) => {
    for (const options of [{}, { computeTargetName: 'cluster1' }]) {
      const { standIn, workspace } = await openStandIn();
      const { resource } = standIn.addService('svc', given);
      const plan = planMigration(await Webservice.get(workspace, 'svc'), options);
      const told = plan.deployments.flatMap(({ notes }) => notes.flatMap(({ field }) => field.split(/[., ]+/)));
      const { versions } = resource as { versions?: Record<string, AzureResource> };
      const settings = Object.entries({ ...resource, ...versions?.['one'] }).filter(([, value]) => value !== false);
      const untold = settings.flatMap(([name]) => (`${OF_STATE} ${others}`.split(' ').includes(name) ? [] : [name]));
      expect(untold.filter((name) => !told.includes(name))).toEqual([]);
      await read(formatMigrationPlan(plan));
    }
  });

  it('refuses what is no classic service', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.addEndpoint('loans');
    const endpoint = await Webservice.get(workspace, 'loans');
    expect(() => planMigration(endpoint)).toThrow(/online endpoint already/);
  });

  it('writes YAML that reads as it was, whatever the texts', async () => {
    const { standIn } = await openStandIn();
    const workspace = workspaceOn(standIn);
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    const tricky = fc.constantFrom(
      'yes',
      '1.10',
      '0x1f',
      '2026-01-01',
      '# no',
      'a: b',
      '- a',
      '"',
      '\u2028',
      '~',
      '*x',
      `\${{ env.TOKEN }}`,
      `$$\${{ x`,
      '',
    );
    const value = fc.oneof(text, tricky);
    await fc.assert(
      fc.asyncProperty(value, fc.dictionary(value, value, { maxKeys: 4 }), async (description, tags) => {
        const service = AksWebservice.deserialize(workspace, {
          name: 'svc',
          computeType: 'AKS',
          description,
          kvTags: tags,
          numReplicas: 1,
        });
        const { options } = await read(formatMigrationPlan(planMigration(service)));
        const { settings } = options.deploymentConfig as OnlineDeploymentConfiguration;
        expect(settings.description ?? '').toBe(description);
        expect(settings.tags ?? {}).toEqual(tags);
      }),
      { numRuns: 60 },
    );
  });
});

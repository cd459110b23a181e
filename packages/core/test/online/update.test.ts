import { type Json, openLoans, propertiesOf } from './support.ts';

const COLLECTOR = {
  collections: {
    model_inputs: { dataCollectionMode: 'Disabled', samplingRate: 0.25, dataId: '/data/1' },
    request: { dataCollectionMode: 'Enabled' },
  },
  rollingRate: 'Day',
  requestLogging: { captureHeaders: ['x-team'] },
};
const STORAGE = 'https://acc.blob.core.windows.net';

function propertiesIn(body: Json | undefined): Json {
  return body?.['properties'] as Json;
}

describe('update of an online endpoint', () => {
  it('switches Application Insights on by the flag and the variable together, and leaves the data collector alone', async () => {
    const { service, puts, standIn } = await openLoans({
      deployments: { blue: { properties: { dataCollector: COLLECTOR, environmentVariables: { A: '1' } } } },
    });

    const report = await service.update({ enableAppInsights: true });

    expect(propertiesIn(puts()['blue'])).toMatchObject({
      appInsightsEnabled: true,
      environmentVariables: { A: '1', AML_APP_INSIGHTS_ENABLED: 'true' },
      dataCollector: COLLECTOR,
    });
    expect(report).toEqual({
      name: 'loans',
      kind: 'OnlineEndpoint',
      isDryRun: false,
      parts: [
        {
          deploymentName: 'blue',
          isRolling: true,
          outcome: 'accepted',
          changes: [
            { path: '/properties/appInsightsEnabled', from: false, to: true },
            { path: '/properties/environmentVariables/AML_APP_INSIGHTS_ENABLED', from: undefined, to: 'true' },
          ],
        },
      ],
    });
    expect(service.enableAppInsights).toBe(true);
    expect(service.state).toBe('Transitioning');
    await service.waitForDeployment();
    expect(service.state).toBe('Healthy');
    expect(propertiesOf(standIn, 'blue')['dataCollector']).toEqual(COLLECTOR);
  });

  it('switches collection on with the workspace’s storage and the endpoint’s only identity, and leaves the flag alone', async () => {
    const { service, puts, standIn, workspace } = await openLoans({
      endpoint: {
        identity: {
          type: 'UserAssigned',
          userAssignedIdentities: {
            '/subscriptions/s/resourceGroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u': {
              clientId: '88888888-4444-4444-4444-444444444444',
              principalId: '88888888-3333-3333-3333-333333333333',
            },
          },
        },
      },
      deployments: { blue: { properties: { appInsightsEnabled: true } } },
    });
    const { storageAccount } = await workspace.get();
    const account = storageAccount?.split('/').at(-1);

    await service.update({ collectModelData: true }, { wait: true });

    expect(propertiesIn(puts()['blue'])).toMatchObject({
      appInsightsEnabled: true,
      dataCollector: {
        collections: {
          model_inputs: { dataCollectionMode: 'Enabled', samplingRate: 1 },
          model_outputs: { dataCollectionMode: 'Enabled', samplingRate: 1 },
        },
      },
      environmentVariables: {
        AML_MODEL_DC_STORAGE_ENABLED: 'true',
        AML_MODEL_DC_STORAGE: `https://${account}.blob.core.windows.net`,
        AZURE_CLIENT_ID: '88888888-4444-4444-4444-444444444444',
      },
    });
    expect(propertiesIn(puts()['blue'])['environmentVariables']).not.toHaveProperty('AML_APP_INSIGHTS_ENABLED');
    expect(service.collectModelData).toBe(true);
    expect(propertiesOf(standIn, 'blue')['dataCollector']).toBeDefined();
  });

  it('names no identity when the script signs in with a key, or when there are several', async () => {
    const user = {
      clientId: '88888888-4444-4444-4444-444444444444',
      principalId: '88888888-3333-3333-3333-333333333333',
    };
    const { service, puts } = await openLoans({
      endpoint: { identity: { type: 'UserAssigned', userAssignedIdentities: { '/a': user, '/b': user } } },
    });

    await service.update({ collectModelData: true, storage: STORAGE });

    expect(propertiesIn(puts()['blue'])['environmentVariables']).toEqual({
      AML_MODEL_DC_STORAGE_ENABLED: 'true',
      AML_MODEL_DC_STORAGE: STORAGE,
    });
  });

  it('says so when the workspace names no storage, and sends nothing', async () => {
    const { service, standIn, writes } = await openLoans({ isChecked: false });
    (standIn.workspace['properties'] as Json)['storageAccount'] = null;

    await expect(service.update({ collectModelData: true })).rejects.toMatchObject({ code: 'STORAGE_UNKNOWN' });
    expect(writes()).toEqual([]);
  });

  it('switches existing collections on and off and keeps their settings', async () => {
    const { service, puts } = await openLoans({
      deployments: {
        blue: { properties: { dataCollector: COLLECTOR, environmentVariables: { AML_MODEL_DC_STORAGE: STORAGE } } },
      },
    });

    await service.update({ collectModelData: true }, { wait: true });
    expect(propertiesIn(puts()['blue'])['dataCollector']).toEqual({
      collections: {
        model_inputs: { dataCollectionMode: 'Enabled', samplingRate: 0.25, dataId: '/data/1' },
        request: { dataCollectionMode: 'Enabled' },
      },
      rollingRate: 'Day',
      requestLogging: { captureHeaders: ['x-team'] },
    });

    await service.update({ collectModelData: false }, { wait: true });
    expect(propertiesIn(puts()['blue'])).toMatchObject({
      dataCollector: {
        collections: {
          model_inputs: { dataCollectionMode: 'Disabled', samplingRate: 0.25, dataId: '/data/1' },
          request: { dataCollectionMode: 'Disabled' },
        },
        rollingRate: 'Day',
      },
      environmentVariables: { AML_MODEL_DC_STORAGE_ENABLED: 'false', AML_MODEL_DC_STORAGE: STORAGE },
    });
    expect(service.collectModelData).toBe(false);
  });

  it('changes single settings of the data collector', async () => {
    const { service, puts } = await openLoans({
      deployments: {
        blue: { properties: { dataCollector: COLLECTOR, environmentVariables: { AML_MODEL_DC_STORAGE: STORAGE } } },
      },
    });

    await service.update({
      collectModelData: {
        collections: {
          model_inputs: { enabled: true, dataAssetId: null },
          request: null,
          mine: { samplingRate: 0.1, dataAssetId: '/data/2' },
        },
        rollingRate: 'Minute',
        captureHeaders: ['a', 'b'],
      },
    });

    expect(propertiesIn(puts()['blue'])).toMatchObject({
      dataCollector: {
        collections: {
          model_inputs: { dataCollectionMode: 'Enabled', samplingRate: 0.25 },
          mine: { dataCollectionMode: 'Enabled', samplingRate: 0.1, dataId: '/data/2' },
        },
        rollingRate: 'Minute',
        requestLogging: { captureHeaders: ['a', 'b'] },
      },
      environmentVariables: { AML_MODEL_DC_STORAGE_ENABLED: 'true' },
    });
    const collector = propertiesIn(puts()['blue'])['dataCollector'] as Json;
    expect(Object.keys(collector['collections'] as Json)).toEqual(['model_inputs', 'mine']);
    expect((collector['collections'] as Json)['model_inputs']).not.toHaveProperty('dataId');
  });

  it('takes null for the default: no flag, no collector, no variables', async () => {
    const { service, puts } = await openLoans({
      deployments: {
        blue: {
          properties: {
            appInsightsEnabled: true,
            dataCollector: COLLECTOR,
            environmentVariables: {
              AML_APP_INSIGHTS_ENABLED: 'true',
              AML_MODEL_DC_STORAGE_ENABLED: 'true',
              AML_MODEL_DC_STORAGE: STORAGE,
              APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=1',
              KEPT: '',
            },
          },
        },
      },
    });

    await service.update({
      enableAppInsights: null,
      collectModelData: null,
      storage: null,
      appInsightsConnectionString: null,
    });

    const sent = propertiesIn(puts()['blue']);
    expect(sent['appInsightsEnabled']).toBe(false);
    expect(sent).not.toHaveProperty('dataCollector');
    expect(sent['environmentVariables']).toEqual({ KEPT: '' });
  });

  it('merges environment variables, removes those that are null, and keeps the rest', async () => {
    const { service, puts } = await openLoans({
      deployments: { blue: { properties: { environmentVariables: { A: '1', B: '2', C: '3' } } } },
    });

    await service.update({
      environmentVariables: { B: null, C: '', D: '4' },
      appInsightsConnectionString: 'InstrumentationKey=1;IngestionEndpoint=https://x/',
    });

    expect(propertiesIn(puts()['blue'])['environmentVariables']).toEqual({
      A: '1',
      C: '',
      D: '4',
      APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=1;IngestionEndpoint=https://x/',
    });
  });

  it('sends limits in the words of the service, and leaves a duration alone that is the same in other words', async () => {
    const { service, puts } = await openLoans({
      deployments: {
        blue: {
          properties: {
            requestSettings: {
              requestTimeout: 'PT0H1M0S',
              maxQueueWait: 'PT0.5S',
              maxConcurrentRequestsPerInstance: 1,
            },
          },
        },
      },
    });

    const report = await service.update({
      requestSettings: { requestTimeoutMs: 60_000, maxQueueWaitMs: 1_500, maxConcurrentRequestsPerInstance: null },
      livenessProbe: { periodMs: 20_000 },
      instanceCount: 3,
    });

    expect(puts()['blue']).toMatchObject({
      sku: { name: 'Default', capacity: 3 },
      properties: {
        requestSettings: { requestTimeout: 'PT0H1M0S', maxQueueWait: 'PT1.5S' },
        livenessProbe: { period: 'PT20S', failureThreshold: 30 },
      },
    });
    expect(report.parts[0]?.changes.map(({ path }) => path).sort()).toEqual([
      '/properties/livenessProbe/period',
      '/properties/requestSettings/maxConcurrentRequestsPerInstance',
      '/properties/requestSettings/maxQueueWait',
      '/sku/capacity',
    ]);
  });

  it('scales a Kubernetes deployment by load', async () => {
    const { service, puts } = await openLoans({
      deployments: { blue: { properties: { endpointComputeType: 'Kubernetes' } } },
    });

    const report = await service.update(
      { scaleSettings: { scaleType: 'TargetUtilization', minInstances: 2, maxInstances: 5, pollingIntervalMs: 2_000 } },
      { wait: true },
    );

    expect(propertiesIn(puts()['blue'])['scaleSettings']).toEqual({
      scaleType: 'TargetUtilization',
      minInstances: 2,
      maxInstances: 5,
      pollingInterval: 'PT2S',
      targetUtilizationPercentage: 70,
    });
    expect(report.parts[0]?.isRolling).toBe(false);

    await service.update({ scaleSettings: { scaleType: 'Default' }, instanceCount: 2 });
    expect(propertiesIn(puts()['blue'])['scaleSettings']).toEqual({ scaleType: 'Default' });
  });

  it('puts tags, properties and description on the endpoint, or on the deployment that is named', async () => {
    const { service, puts, writes } = await openLoans({ endpoint: { tags: { old: '1' } } });

    const report = await service.update(
      { tags: { team: 'risk' }, properties: { stage: 'prod' }, description: 'Loans' },
      { wait: true },
    );
    expect(writes()).toEqual(['PUT loans']);
    expect(puts()['loans']).toMatchObject({
      tags: { team: 'risk' },
      properties: { authMode: 'Key', description: 'Loans', properties: { stage: 'prod' } },
    });
    expect(puts()['loans']?.['tags']).toEqual({ team: 'risk' });
    expect(report.parts).toMatchObject([{ deploymentName: undefined, isRolling: false, outcome: 'completed' }]);

    const named = await service.update({ tags: { v: '2' }, description: null }, { deploymentName: 'blue' });
    expect(puts()['blue']).toMatchObject({ tags: { v: '2' } });
    expect(named.parts).toMatchObject([{ deploymentName: 'blue', isRolling: false }]);
    expect(service.tags).toEqual({ team: 'risk' });
  });

  it('changes only the deployment that is named, in the options or in the settings', async () => {
    const { service, writes } = await openLoans({ deployments: { blue: {}, green: {} } });

    await service.update({ enableAppInsights: true }, { deploymentName: 'green' });
    await service.update({ enableAppInsights: true, deploymentName: 'blue' });

    expect(writes()).toEqual(['PUT green', 'PUT blue']);
    await expect(
      service.update({ enableAppInsights: true, deploymentName: 'blue' }, { deploymentName: 'green' }),
    ).rejects.toMatchObject({ code: 'VALIDATION', path: 'deploymentName' });
    await expect(service.update({ enableAppInsights: true }, { deploymentName: 'red' })).rejects.toMatchObject({
      code: 'WEBSERVICE_NOT_FOUND',
      message: expect.stringContaining('"red"'),
    });
  });

  it('sends nothing to a deployment that is as asked already', async () => {
    const { service, writes } = await openLoans({
      deployments: {
        blue: {
          properties: { appInsightsEnabled: true, environmentVariables: { AML_APP_INSIGHTS_ENABLED: 'True' } },
        },
        green: {},
      },
    });

    const report = await service.update({ enableAppInsights: true });

    expect(writes()).toEqual(['PUT green']);
    expect(report.parts.map(({ outcome }) => outcome)).toEqual(['unchanged', 'accepted']);
    const off = await service.update({ collectModelData: false });
    expect(off.parts.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
  });

  it.each([
    [{ appInsightsEnabled: false, environmentVariables: { AML_APP_INSIGHTS_ENABLED: 'true' } }, false],
    [{ appInsightsEnabled: true, environmentVariables: { AML_APP_INSIGHTS_ENABLED: 'false' } }, true],
    [{ appInsightsEnabled: true, environmentVariables: {} }, false],
  ])('brings a flag and a variable together that disagree: %j to %j', async (properties, enableAppInsights) => {
    const { service, puts } = await openLoans({ deployments: { blue: { properties } } });

    await service.update({ enableAppInsights });

    expect(propertiesIn(puts()['blue'])).toMatchObject({
      appInsightsEnabled: enableAppInsights,
      environmentVariables: { AML_APP_INSIGHTS_ENABLED: String(enableAppInsights) },
    });
  });

  it('says what it would do without doing it, masking what may be a secret', async () => {
    const { service, writes } = await openLoans({
      deployments: { blue: { properties: { environmentVariables: { PASSWORD: 'old-secret' } } }, green: {} },
    });

    const report = await service.update(
      { environmentVariables: { PASSWORD: 'new-secret' }, instanceCount: 1 },
      { dryRun: true, wait: true },
    );

    expect(writes()).toEqual([]);
    expect(report).toMatchObject({
      isDryRun: true,
      parts: [
        {
          deploymentName: 'blue',
          outcome: 'planned',
          isRolling: true,
          changes: [{ path: '/properties/environmentVariables/PASSWORD', from: '[redacted]', to: '[redacted]' }],
        },
        { deploymentName: 'green', outcome: 'planned' },
      ],
    });
    expect(JSON.stringify(report)).not.toContain('secret');
    const count = await service.update({ instanceCount: 4 }, { dryRun: true, deploymentName: 'blue' });
    expect(count.parts).toMatchObject([{ isRolling: false, changes: [{ path: '/sku/capacity', from: 1, to: 4 }] }]);
  });

  it('sends the capacity that an autoscaler set just before, unless a number was asked for', async () => {
    const { service, puts, standIn } = await openLoans();
    const blue = standIn.deployment('loans', 'blue');
    standIn.fail({
      method: 'GET',
      url: /deployments\/blue\?/,
      after: 1,
      onHit: () => {
        Object.assign(blue?.resource['sku'] as Json, { capacity: 7 });
      },
    });

    await service.update({ enableAppInsights: true }, { wait: true });
    expect(puts()['blue']).toMatchObject({ sku: { capacity: 7 } });

    await service.update({ instanceCount: 2 });
    expect(puts()['blue']).toMatchObject({ sku: { capacity: 2 } });
  });

  it('has something to say when there are no deployments', async () => {
    const { service } = await openLoans({ deployments: {} });

    await expect(service.update({ enableAppInsights: true })).rejects.toMatchObject({ code: 'DEPLOYMENT_NOT_FOUND' });
    await expect(service.update({ tags: { a: '1' } })).resolves.toMatchObject({ parts: [{ outcome: 'accepted' }] });
  });
});

describe('settings that cannot be', () => {
  it('are refused by name, with the kinds that have them, before any request', async () => {
    const { service, standIn } = await openLoans();

    await expect(service.update({ sslEnabled: true, numReplicas: 2 } as never)).rejects.toMatchObject({
      code: 'UNSUPPORTED_SETTING',
      details: { settings: ['sslEnabled', 'numReplicas'] },
      message: expect.stringContaining('AciWebservice'),
    });
    await expect(service.update({ enableAppInsights: true }, { dryrun: true } as never)).rejects.toMatchObject({
      code: 'VALIDATION',
      path: 'dryrun',
    });
    await expect(service.update(undefined as never)).rejects.toMatchObject({ code: 'VALIDATION', path: 'settings' });
    expect(standIn.exchanges()).toEqual([]);
  });

  it('are told all at once, without quoting what may be a secret', async () => {
    const { service, standIn } = await openLoans();

    const error = await service
      .update({
        enableAppInsights: 'yes' as never,
        appInsightsConnectionString: 'c2VjcmV0LWtleQ',
        storage: 'c2VjcmV0LWtleQ',
        collectModelData: {
          collections: { a: { samplingRate: 2 }, b: { mode: 'x' } as never },
          rollingRate: 'hour' as never,
        },
        environmentVariables: { AML_APP_INSIGHTS_ENABLED: 'true', 'A=B': '1', C: 5 as never },
        instanceCount: 1.5,
        requestSettings: { requestTimeoutMs: -1, timeout: 5 } as never,
        scaleSettings: { scaleType: 'Default', minInstances: 2 },
        livenessProbe: { periodMs: 0 },
        tags: { a: 1 as never },
      })
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'DEPLOYMENT_CONFIGURATION_INVALID' });
    const { faults } = error as { faults: { path: string }[] };
    expect(faults.map(({ path }) => path)).toEqual([
      'enableAppInsights',
      'appInsightsConnectionString',
      'storage',
      'collectModelData.rollingRate',
      'collectModelData.collections.a.samplingRate',
      'collectModelData.collections.b.mode',
      'environmentVariables.AML_APP_INSIGHTS_ENABLED',
      'environmentVariables',
      'environmentVariables.C',
      'instanceCount',
      'requestSettings.timeout',
      'requestSettings.requestTimeoutMs',
      'livenessProbe.periodMs',
      'scaleSettings',
      'tags.a',
    ]);
    expect(String(error)).not.toContain('c2VjcmV0');
    expect(standIn.exchanges()).toEqual([]);
  });
});

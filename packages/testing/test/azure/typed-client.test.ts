import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { type AzureStandIn, startAzureStandIn } from '../../src/index.ts';
import { issuesOf } from '../specification/support.ts';

const QUICKLY = { updateIntervalInMs: 1 };
const RG = 'rg1';
const WS = 'ws1';

describe('the named client of the management plane, against the stand-in', () => {
  let azure: AzureStandIn;
  let client: AzureMachineLearningWorkspaces;

  beforeEach(async () => {
    azure = await startAzureStandIn();
    client = new AzureMachineLearningWorkspaces(azure.credential, azure.subscriptionId, {
      additionalPolicies: [...azure.clientOptions.additionalPolicies],
      retryOptions: azure.clientOptions.retryOptions,
    });
  });

  afterEach(() => azure.close());

  const managed = () => azure.exchanges().filter(({ plane }) => plane === 'management');

  it('makes, changes and deletes an endpoint and a deployment, all as the specification says', async () => {
    const made = await client.onlineEndpoints.beginCreateOrUpdateAndWait(
      RG,
      WS,
      'loans',
      { location: 'westus', identity: { type: 'SystemAssigned' }, properties: { authMode: 'Key' } },
      QUICKLY,
    );
    expect(made.properties).toMatchObject({
      provisioningState: 'Succeeded',
      scoringUri: 'https://loans.westus.inference.ml.azure.com/score',
    });
    const deployed = await client.onlineDeployments.beginCreateOrUpdateAndWait(
      RG,
      WS,
      'loans',
      'blue',
      {
        location: 'westus',
        sku: { name: 'Default', capacity: 3 },
        properties: {
          endpointComputeType: 'Managed',
          instanceType: 'Standard_DS3_v2',
          appInsightsEnabled: true,
          codeConfiguration: { codeId: 'azureml:code:1', scoringScript: 'score.py' },
        },
      },
      QUICKLY,
    );
    expect(deployed).toMatchObject({
      sku: { capacity: 3 },
      properties: { appInsightsEnabled: true, provisioningState: 'Succeeded' },
    });
    await client.onlineEndpoints.beginCreateOrUpdateAndWait(
      RG,
      WS,
      'loans',
      { location: 'westus', properties: { authMode: 'Key', traffic: { blue: 100 } } },
      QUICKLY,
    );
    await client.onlineEndpoints.beginUpdateAndWait(RG, WS, 'loans', { tags: { team: 'a' } }, QUICKLY);
    const scaled = await client.onlineDeployments.beginUpdateAndWait(
      RG,
      WS,
      'loans',
      'blue',
      { sku: { name: 'Default', capacity: 5 } },
      QUICKLY,
    );
    expect(scaled.sku?.capacity).toBe(5);
    expect((await client.onlineEndpoints.get(RG, WS, 'loans')).tags).toEqual({ team: 'a' });
    await client.onlineDeployments.beginDeleteAndWait(RG, WS, 'loans', 'blue', QUICKLY);
    await client.onlineEndpoints.beginDeleteAndWait(RG, WS, 'loans', QUICKLY);
    expect(azure.endpoint('loans')).toBeUndefined();
    expect(await issuesOf(managed())).toEqual([]);
  });

  it('reads the workspace, its keys, lists, logs, keys and tokens, all as the specification says', async () => {
    azure.addEndpoint('loans', { properties: { traffic: { blue: 100 } } });
    azure.addEndpoint('tokens', { properties: { authMode: 'AMLToken' } });
    azure.addDeployment('loans', 'blue').logs['InferenceServer'] = ['one', 'two'];
    azure.addDeployment('loans', 'green', { properties: { endpointComputeType: 'Kubernetes' } });

    expect(await client.workspaces.get(RG, WS)).toMatchObject({ name: WS, location: 'westus' });
    expect((await client.workspaces.listKeys(RG, WS)).userStorageKey).toBeDefined();
    const names: (string | undefined)[] = [];
    for await (const { name } of client.onlineEndpoints.list(RG, WS)) {
      names.push(name);
    }
    for await (const { name } of client.onlineDeployments.list(RG, WS, 'loans')) {
      names.push(name);
    }
    expect(names).toEqual(['loans', 'tokens', 'blue', 'green']);
    const { content } = await client.onlineDeployments.getLogs(RG, WS, 'loans', 'blue', { tail: 1 });
    expect(content).toBe('two\n');
    for await (const { sku } of client.onlineDeployments.listSkus(RG, WS, 'loans', 'blue')) {
      expect(sku?.name).toBe('Default');
    }
    const before = await client.onlineEndpoints.listKeys(RG, WS, 'loans');
    await client.onlineEndpoints.beginRegenerateKeysAndWait(RG, WS, 'loans', { keyType: 'Secondary' }, QUICKLY);
    const after = await client.onlineEndpoints.listKeys(RG, WS, 'loans');
    expect(after.primaryKey).toBe(before.primaryKey);
    expect(after.secondaryKey).not.toBe(before.secondaryKey);
    const { accessToken, tokenType } = await client.onlineEndpoints.getToken(RG, WS, 'tokens');
    expect(tokenType).toBe('Bearer');
    expect(azure.secrets()).toEqual(expect.arrayContaining([accessToken, after.secondaryKey, before.secondaryKey]));
    expect(await issuesOf(managed())).toEqual([]);
  });

  it('follows pages of any size to the end', async () => {
    for (let number = 0; number < 45; number += 1) {
      azure.addEndpoint(`ep${number}`);
    }
    const names: (string | undefined)[] = [];
    for await (const { name } of client.onlineEndpoints.list(RG, WS)) {
      names.push(name);
    }
    expect(names).toEqual(Array.from({ length: 45 }, (_, number) => `ep${number}`));
    expect(managed()).toHaveLength(3);
    expect(await issuesOf(managed())).toEqual([]);
  });

  it('loses dataCollector without a word, as in Azure: the next GET shows that collection is off', async () => {
    azure.addEndpoint('loans');
    azure.addDeployment('loans', 'blue', {
      properties: { dataCollector: { collections: { model_inputs: { dataCollectionMode: 'Enabled' } } } },
    });
    const { id, name, type, systemData, ...deployment } = await client.onlineDeployments.get(RG, WS, 'loans', 'blue');
    await client.onlineDeployments.beginCreateOrUpdateAndWait(RG, WS, 'loans', 'blue', deployment, QUICKLY);
    expect(azure.deployment('loans', 'blue')?.resource['properties']).not.toHaveProperty('dataCollector');
  });

  it('waits for a failed operation and throws its code', async () => {
    azure.planOperations({ polls: 3, outcome: 'Failed', error: { code: 'ImageBuildFailure', message: 'pip failed' } });
    await expect(
      client.onlineEndpoints.beginCreateOrUpdateAndWait(
        RG,
        WS,
        'loans',
        { location: 'westus', properties: { authMode: 'Key' } },
        QUICKLY,
      ),
    ).rejects.toThrow(/ImageBuildFailure.*pip failed/s);
    expect(azure.exchanges().filter(({ plane }) => plane === 'operation')).toHaveLength(4);
    expect(azure.endpoint('loans')?.resource['properties']).toMatchObject({ provisioningState: 'Failed' });
  });

  it('asks for tokens of the management plane only', async () => {
    await client.workspaces.get(RG, WS);
    expect(azure.tokenRequests).toEqual(['https://management.azure.com/.default']);
  });
});

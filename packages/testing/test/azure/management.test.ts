import { type AzureStandIn, startAzureStandIn } from '../../src/index.ts';
import { issuesOf } from '../specification/support.ts';
import { arm, MANAGEMENT_SCOPE, send, sendMeant, VERSION } from './support.ts';

const ENDPOINT = '/onlineEndpoints/loans';
const BLUE = `${ENDPOINT}/deployments/blue`;

describe('the management plane of the stand-in', () => {
  let azure: AzureStandIn;
  let api: ReturnType<typeof arm>;

  beforeEach(async () => {
    azure = await startAzureStandIn();
    api = arm(azure);
    azure.addEndpoint('loans');
    azure.addDeployment('loans', 'blue');
  });

  // Whatever was refused: requests may break the rules, answers never do.
  afterEach(async () => {
    await azure.close();
    const issues = await issuesOf(azure.exchanges().filter(({ plane }) => plane === 'management'));
    expect(issues.filter(({ issue }) => issue.where === 'response')).toEqual([]);
  });

  /** What a careful client sends back after reading: without what only the service may say. */
  function sendable(path: string) {
    const state = path === ENDPOINT ? azure.endpoint('loans') : azure.deployment('loans', 'blue');
    const { id, name, type, systemData, ...body } = structuredClone(state?.resource ?? {});
    const properties = body['properties'] as Record<string, unknown>;
    delete properties['provisioningState'];
    delete properties['scoringUri'];
    delete properties['swaggerUri'];
    const identity = body['identity'] as Record<string, unknown> | undefined;
    delete identity?.['principalId'];
    delete identity?.['tenantId'];
    return { ...body, properties };
  }

  it.each(['2022-10-01', '2024-04-01'])('answers every kind of request as %s says', async (version) => {
    const { call, finished } = arm(azure, version);
    azure.addEndpoint('kube', { kind: 'Kubernetes', properties: { mirrorTraffic: {} } });
    azure.addDeployment('kube', 'green', {
      properties: {
        endpointComputeType: 'Kubernetes',
        dataCollector: { collections: { request: { dataCollectionMode: 'Enabled', samplingRate: 0.5 } } },
      },
    });
    azure.addEndpoint('tokens', { properties: { authMode: 'AADToken' } });
    const before = azure.exchanges().length;
    const green = { endpointComputeType: 'Managed', instanceType: 'Standard_DS3_v2' };
    for (const [status, method, path, body] of [
      [200, 'GET', ''],
      [200, 'PATCH', '', { tags: { a: '1' }, properties: { friendlyName: 'new' } }],
      [200, 'POST', '/listKeys'],
      [200, 'GET', '/onlineEndpoints'],
      [200, 'GET', ENDPOINT],
      [200, 'PUT', ENDPOINT, sendable(ENDPOINT)],
      [201, 'PUT', '/onlineEndpoints/fresh', { location: 'westus', properties: { authMode: 'AMLToken' } }],
      [202, 'PATCH', ENDPOINT, { tags: { a: '1' } }],
      [200, 'POST', `${ENDPOINT}/listKeys`],
      [202, 'POST', `${ENDPOINT}/regenerateKeys`, { keyType: 'Primary' }],
      [200, 'POST', '/onlineEndpoints/tokens/token'],
      [200, 'GET', `${ENDPOINT}/deployments`],
      [200, 'GET', '/onlineEndpoints/kube/deployments'],
      [200, 'GET', '/onlineEndpoints/kube/deployments/green'],
      [200, 'GET', BLUE],
      [200, 'PUT', BLUE, sendable(BLUE)],
      [201, 'PUT', `${ENDPOINT}/deployments/green`, { location: 'westus', properties: green }],
      [202, 'PATCH', BLUE, { tags: {}, sku: { capacity: 2 } }],
      [200, 'POST', `${BLUE}/getLogs`, { containerType: 'StorageInitializer', tail: 10 }],
      [200, 'GET', `${BLUE}/skus`],
      [202, 'DELETE', BLUE],
      [204, 'DELETE', `${ENDPOINT}/deployments/missing`],
      [202, 'DELETE', ENDPOINT],
      [204, 'DELETE', '/onlineEndpoints/missing'],
      [404, 'GET', '/onlineEndpoints/missing'],
      [404, 'GET', '/onlineEndpoints/kube/deployments/missing'],
    ] as const) {
      const reply = await call(method, path, body);
      expect([method, path, reply.status]).toEqual([method, path, status]);
      if (reply.headers['azure-asyncoperation'] !== undefined || reply.headers['location'] !== undefined) {
        await finished(reply);
      }
    }
    const managed = azure.exchanges().slice(before);
    expect(await issuesOf(managed.filter(({ plane }) => plane === 'management'))).toEqual([]);
    expect(managed.every(({ answer }) => /^[0-9a-f-]{36}$/.test(answer.headers['x-ms-request-id'] ?? ''))).toBe(true);
  });

  it('answers the workspace in the version of the classic services too', async () => {
    const { call } = arm(azure, '2021-04-01');
    expect((await call('GET', '')).status).toBe(200);
    expect((await call('POST', '/listKeys')).status).toBe(200);
    expect((await call('GET', '/onlineEndpoints')).body.error.code).toBe('NoRegisteredProviderFound');
  });

  it('shows dataCollector in the versions that have it only', async () => {
    const dataCollector = { collections: {}, rollingRate: 'Hour' };
    azure.addDeployment('loans', 'green', { properties: { dataCollector } });
    const path = `${ENDPOINT}/deployments/green`;
    expect((await arm(azure, '2024-04-01').call('GET', path)).body.properties.dataCollector).toEqual(dataCollector);
    expect((await arm(azure, '2022-10-01').call('GET', path)).body.properties).not.toHaveProperty('dataCollector');
  });

  it('refuses an unknown api-version and none', async () => {
    const unknown = await arm(azure, '2099-01-01').call('GET', ENDPOINT);
    expect([unknown.status, unknown.body.error.code]).toEqual([400, 'NoRegisteredProviderFound']);
    const { token } = await azure.credential.getToken(MANAGEMENT_SCOPE);
    const none = await sendMeant(azure, 'GET', api.workspace, { headers: { authorization: `Bearer ${token}` } });
    expect([none.status, none.body.error.code]).toEqual([400, 'MissingApiVersionParameter']);
  });

  it('lets in only tokens that its credential gave for the management plane', async () => {
    const scoring = await azure.credential.getToken('https://ml.azure.com/.default');
    const url = `${api.workspace}?api-version=${VERSION}`;
    for (const headers of [
      {},
      { authorization: 'Bearer made-up' },
      { authorization: `Bearer ${scoring.token}` },
    ] as Record<string, string>[]) {
      const reply = await sendMeant(azure, 'GET', url, { headers });
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toMatch(/^Bearer authorization_uri=/);
    }
    expect((await api.call('GET', '')).status).toBe(200);
  });

  it('knows its own subscription, group and workspace only, in any letter case', async () => {
    const { token } = await azure.credential.getToken(MANAGEMENT_SCOPE);
    const get = (url: string) => sendMeant(azure, 'GET', url, { headers: { authorization: `Bearer ${token}` } });
    const url = `${api.workspace}?api-version=${VERSION}`;
    expect((await get(url.replace('11111111', '22222222'))).body.error.code).toBe('SubscriptionNotFound');
    expect((await get(url.replace('/rg1', '/rg2'))).body.error.code).toBe('ResourceGroupNotFound');
    expect((await get(url.replace('/ws1', '/ws2'))).body.error.code).toBe('ResourceNotFound');
    expect((await get(url.replace('resourceGroups/rg1', 'resourcegroups/RG1'))).status).toBe(200);
  });

  it('answers the same at its own address, for clients without the policy', async () => {
    const { token } = await azure.credential.getToken(MANAGEMENT_SCOPE);
    const path = api.workspace.slice('https://management.azure.com'.length);
    const reply = await send('GET', `${azure.url}${path}?api-version=${VERSION}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(reply.body.name).toBe('ws1');
    expect(azure.exchanges().at(-1)?.url).toBe(`${api.workspace}?api-version=${VERSION}`);
  });

  describe('a PUT', () => {
    it('of a deployment replaces the whole resource, and keeps what the client does not know', async () => {
      const body = sendable(BLUE);
      const properties = { ...body.properties, appInsightsEnabled: true, madeUp: { deep: [1, null] } };
      await api.call('PUT', BLUE, {
        ...body,
        madeUpToo: 1,
        tags: { a: '1' },
        sku: { name: 'Default', capacity: 4 },
        properties,
      });
      expect(azure.deployment('loans', 'blue')?.resource).toMatchObject({
        madeUpToo: 1,
        tags: { a: '1' },
        sku: { name: 'Default', capacity: 4 },
        properties,
      });
      // No specification knows what was made up here.
      azure.clearExchanges();
    });

    it('of a deployment without dataCollector, or with null, switches collection off', async () => {
      for (const [name, value] of [
        ['a', null],
        ['b', undefined],
      ] as const) {
        const made = azure.addDeployment('loans', name, { properties: { dataCollector: { collections: {} } } });
        const body = { ...sendable(BLUE), properties: { ...sendable(BLUE).properties, dataCollector: value } };
        expect((await api.call('PUT', `${ENDPOINT}/deployments/${name}`, body)).status).toBe(200);
        expect(made.resource['properties']).not.toHaveProperty('dataCollector');
      }
    });

    it.each([
      ['id', (body: Record<string, unknown>) => ({ ...body, id: '/x' })],
      ['systemData', (body: Record<string, unknown>) => ({ ...body, systemData: {} })],
      [
        'properties.provisioningState',
        (body: Record<string, unknown>) => ({
          ...body,
          properties: { ...(body['properties'] as object), provisioningState: 'Succeeded' },
        }),
      ],
      [
        'identity.principalId',
        (body: Record<string, unknown>) => ({ ...body, identity: { type: 'SystemAssigned', principalId: 'x' } }),
      ],
    ])('with the read-only %s is refused', async (target, spoil) => {
      const reply = await api.call('PUT', BLUE, spoil(sendable(BLUE)));
      expect([reply.status, reply.body.error.target]).toEqual([400, target]);
    });

    it.each([
      ['instanceType', 'Standard_F4s_v2'],
      ['codeConfiguration', { codeId: 'other', scoringScript: 'score.py' }],
      ['codeConfiguration', undefined],
    ])('that changes %s of a deployment to %j is refused', async (name, value) => {
      const body = sendable(BLUE);
      const reply = await api.call('PUT', BLUE, { ...body, properties: { ...body.properties, [name]: value } });
      expect([reply.status, reply.body.error.code]).toEqual([400, 'ImmutableProperty']);
    });

    it('that takes away or alters an entry of properties is refused; more may be added', async () => {
      azure.addDeployment('loans', 'blue', { properties: { properties: { a: '1' } } });
      const put = (properties: unknown) =>
        api.call('PUT', BLUE, { ...sendable(BLUE), properties: { ...sendable(BLUE).properties, properties } });
      expect((await put({})).status).toBe(400);
      expect((await put({ a: '2' })).status).toBe(400);
      expect((await put({ a: '1', b: '2' })).status).toBe(200);
    });

    it.each([
      [{ blue: 50 }, /sum is 50/],
      [{ blue: 150 }, /sum is 150/],
      [{ blue: 50, red: 50 }, /do not exist: red/],
      [{ blue: 100.5 }, /must be integers/],
    ])('of an endpoint with traffic %j is refused', async (traffic, message) => {
      const body = sendable(ENDPOINT);
      const reply = await api.call('PUT', ENDPOINT, { ...body, properties: { ...body.properties, traffic } });
      expect(reply.status).toBe(400);
      expect(reply.body.error.message).toMatch(message);
    });

    it.each([[{}], [{ blue: 0 }], [{ blue: 100 }]])('of an endpoint with traffic %j is taken', async (traffic) => {
      const body = sendable(ENDPOINT);
      const reply = await api.call('PUT', ENDPOINT, { ...body, properties: { ...body.properties, traffic } });
      expect([reply.status, reply.body.properties.traffic]).toEqual([200, traffic]);
    });

    it('of a new endpoint may set its keys, which no GET shows', async () => {
      const keys = { primaryKey: 'mine-1', secondaryKey: 'mine-2' };
      const made = await api.call('PUT', '/onlineEndpoints/own', {
        location: 'westus',
        properties: { authMode: 'Key', keys },
      });
      expect(JSON.stringify(made.body)).not.toContain('mine-');
      expect((await api.call('POST', '/onlineEndpoints/own/listKeys')).body).toEqual(keys);
      expect(azure.secrets()).toEqual(expect.arrayContaining(['mine-1', 'mine-2']));
    });

    it.each([
      ['/onlineEndpoints/bad*name', { location: 'westus', properties: { authMode: 'Key' } }],
      ['/onlineEndpoints/ok', { properties: { authMode: 'Key' } }],
      ['/onlineEndpoints/ok', { location: 'westus', properties: { authMode: 'None' } }],
      ['/onlineEndpoints/ok', { location: 'westus' }],
      ['/onlineEndpoints/ok', []],
      [`${ENDPOINT}/deployments/ok`, { location: 'westus', properties: { endpointComputeType: 'Moon' } }],
    ])('of %s with %j is refused', async (path, body) => {
      expect((await api.call('PUT', path, body)).status).toBe(400);
    });

    it('below an endpoint that is not there is refused', async () => {
      expect((await api.call('PUT', '/onlineEndpoints/none/deployments/blue', sendable(BLUE))).status).toBe(404);
    });
  });

  it('a PATCH takes tags and the SKU of a deployment, tags and the identity of an endpoint, and nothing else', async () => {
    await api.finished(await api.call('PATCH', BLUE, { sku: { capacity: 7 } }));
    expect(azure.deployment('loans', 'blue')?.resource['sku']).toEqual({ name: 'Default', capacity: 7 });
    const identity = { type: 'UserAssigned', userAssignedIdentities: { '/id/1': {} } };
    const { body } = await api.finished(await api.call('PATCH', ENDPOINT, { identity }));
    expect(body.identity.userAssignedIdentities['/id/1']).toHaveProperty('clientId');
    for (const path of [ENDPOINT, BLUE]) {
      const reply = await api.call('PATCH', path, { properties: { appInsightsEnabled: true } });
      expect([reply.status, reply.body.error.target]).toEqual([400, 'properties']);
    }
  });

  it('a DELETE of an endpoint takes its deployments along; of a deployment, its traffic', async () => {
    azure.addEndpoint('other', { properties: { traffic: { blue: 0, green: 100 } } });
    azure.addDeployment('other', 'blue');
    await api.finished(await api.call('DELETE', '/onlineEndpoints/other/deployments/blue'));
    expect(azure.endpoint('other')?.resource['properties']).toMatchObject({ traffic: { green: 100 } });
    expect(azure.deployment('other', 'blue')).toBeUndefined();
    const loans = azure.endpoint('loans');
    await api.finished(await api.call('DELETE', ENDPOINT));
    expect(loans?.deployments.size).toBe(0);
    expect((await api.call('GET', ENDPOINT)).status).toBe(404);
    expect((await api.call('GET', BLUE)).status).toBe(404);
    expect((await api.call('DELETE', ENDPOINT)).status).toBe(204);
  });

  it('keys belong to the authentication mode Key, tokens to the others', async () => {
    azure.addEndpoint('aml', { properties: { authMode: 'AMLToken' } });
    azure.addEndpoint('aad', { properties: { authMode: 'AADToken' } });
    const statuses = async (name: string) => [
      (await api.call('POST', `/onlineEndpoints/${name}/listKeys`)).status,
      (await api.call('POST', `/onlineEndpoints/${name}/token`)).status,
      (await api.call('POST', `/onlineEndpoints/${name}/regenerateKeys`, { keyType: 'Primary' })).status,
    ];
    expect(await statuses('loans')).toEqual([200, 400, 202]);
    expect(await statuses('aml')).toEqual([400, 200, 400]);
    expect(await statuses('aad')).toEqual([400, 200, 400]);
  });

  it('a regenerated key is the one asked for, or a fresh one; the other stays; both are secrets for ever', async () => {
    const { primaryKey, secondaryKey } = azure.endpoint('loans')?.keys ?? {};
    const regenerate = async (body: unknown) =>
      api.finished(await api.call('POST', `${ENDPOINT}/regenerateKeys`, body));
    await regenerate({ keyType: 'Primary', keyValue: 'chosen' });
    expect(azure.endpoint('loans')?.keys).toEqual({ primaryKey: 'chosen', secondaryKey });
    await regenerate({ keyType: 'Primary' });
    const fresh = azure.endpoint('loans')?.keys.primaryKey;
    expect([primaryKey, 'chosen']).not.toContain(fresh);
    expect(azure.secrets()).toEqual(expect.arrayContaining([primaryKey, secondaryKey, 'chosen', fresh]));
    expect((await api.call('POST', `${ENDPOINT}/regenerateKeys`, { keyType: 'Third' })).status).toBe(400);
  });

  it('logs are those of the container, as many lines as asked', async () => {
    Object.assign(azure.deployment('loans', 'blue')?.logs ?? {}, {
      InferenceServer: ['a', 'b', 'c'],
      StorageInitializer: ['s'],
    });
    const logs = async (body?: unknown) => (await api.call('POST', `${BLUE}/getLogs`, body)).body.content;
    expect(await logs({})).toBe('a\nb\nc\n');
    expect(await logs({ tail: 2 })).toBe('b\nc\n');
    expect(await logs({ tail: null })).toBe('a\nb\nc\n');
    expect(await logs({ containerType: 'StorageInitializer' })).toBe('s\n');
    expect((await api.call('POST', `${BLUE}/getLogs`, { containerType: 'ModelDataCollector' })).status).toBe(400);
  });

  it('a list is filtered and paged as asked', async () => {
    azure.addEndpoint('kube', {
      kind: 'Kubernetes',
      tags: { team: 'a', x: '1' },
      properties: { properties: { p: '2' } },
    });
    const names = async (query: string) =>
      (await api.call('GET', `/onlineEndpoints?${query}`)).body.value.map(({ name }: { name: string }) => name);
    expect(await names('computeType=Kubernetes')).toEqual(['kube']);
    expect(await names('tags=team=a,x')).toEqual(['kube']);
    expect(await names('tags=team=b')).toEqual([]);
    expect(await names('properties=p=2')).toEqual(['kube']);
    expect(await names('name=loans')).toEqual(['loans']);
    const { body } = await api.call('GET', '/onlineEndpoints?count=1');
    expect(body.nextLink).toMatch(/^https:\/\/management\.azure\.com\/.*\$skipToken=1$/);
    const last = await api.call('GET', body.nextLink);
    expect(last.body).toMatchObject({ value: [{ name: 'kube' }] });
    expect(last.body).not.toHaveProperty('nextLink');
  });

  it('a change through a handle is what the next GET answers', async () => {
    const { resource } = azure.addDeployment('loans', 'blue');
    resource['properties'] = { ...(resource['properties'] as object), appInsightsEnabled: true };
    expect((await api.call('GET', BLUE)).body.properties.appInsightsEnabled).toBe(true);
    azure.workspace['location'] = 'mars';
    expect((await api.call('GET', '')).body.location).toBe('mars');
  });

  it('a method that a path does not have is refused', async () => {
    expect((await api.call('POST', ENDPOINT)).status).toBe(405);
    expect((await api.call('GET', '/jobs')).status).toBe(405);
  });
});

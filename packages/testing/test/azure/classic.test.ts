import { type AzureStandIn, startAzureStandIn } from '../../src/index.ts';
import { MANAGEMENT_SCOPE, mms, sendMeant } from './support.ts';

/** Keys that the Python client asks for, by compute type; a missing one makes it throw. */
const DEMANDED: Record<string, readonly string[]> = {
  AKS: [
    'appInsightsEnabled authEnabled autoScaler computeName containerResourceRequirements dataCollection',
    'maxConcurrentRequestsPerContainer maxQueueWaitMs numReplicas scoringTimeoutMs scoringUri livenessProbeRequirements',
    'aadAuthEnabled',
  ],
  ACI: [
    'appInsightsEnabled authEnabled cname containerResourceRequirements location publicIp scoringUri sslCertificate',
    'sslEnabled sslKey',
  ],
  AKSENDPOINT: ['appInsightsEnabled authEnabled computeName scoringUri aadAuthEnabled versions'],
  FPGA: ['ipAddress port numReplicas sslEnabled'],
};

describe('the classic service of the stand-in', () => {
  let azure: AzureStandIn;
  let api: ReturnType<typeof mms>;

  beforeEach(async () => {
    azure = await startAzureStandIn({ pageSize: 2 });
    api = mms(azure);
  });

  afterEach(() => azure.close());

  it('is found through the workspace and its discovery document, which needs no token', async () => {
    const { discoveryUrl } = azure.workspace['properties'] as { discoveryUrl: string };
    const { status, body } = await sendMeant(azure, 'GET', discoveryUrl);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(
      expect.arrayContaining(['api', 'history', 'experimentation', 'hyperdrive', 'modelmanagement', 'studio']),
    );
    expect(api.base.startsWith(`${body.modelmanagement}/modelmanagement/v1.0/subscriptions/`)).toBe(true);
    expect(azure.exchanges()[0]?.plane).toBe('discovery');
  });

  it.each(Object.entries(DEMANDED))(
    'gives a default %s service every field that clients demand',
    async (computeType, own) => {
      azure.addService('svc', { computeType });
      const { body } = await api.call('GET', '/services/svc?expand=true');
      const demanded = `computeType createdTime description kvTags name properties ${own.join(' ')}`.split(' ');
      expect(demanded.filter((name) => !(name in body))).toEqual([]);
      expect(body).toMatchObject({ name: 'svc', computeType, state: 'Healthy' });
    },
  );

  it('completes the versions of an endpoint too', async () => {
    azure.addService('ep', { computeType: 'AKSENDPOINT', versions: { a: { trafficPercentile: 20 }, b: {} } });
    const { body } = await api.call('GET', '/services/ep');
    expect(Object.keys(body.versions)).toEqual(['a', 'b']);
    expect(body.versions.a).toMatchObject({
      name: 'a',
      trafficPercentile: 20,
      dataCollection: { storageEnabled: false },
    });
  });

  it('lets in nobody without a token', async () => {
    azure.addService('svc');
    const { status, body } = await sendMeant(azure, 'GET', `${api.base}/services/svc`);
    expect([status, body.statusCode]).toEqual([401, 401]);
    const { token } = await azure.credential.getToken('https://ml.azure.com/.default');
    const headers = { authorization: `Bearer ${token}` };
    expect((await sendMeant(azure, 'GET', `${api.base}/services/svc`, { headers })).status).toBe(401);
    expect(azure.tokenRequests).toEqual(['https://ml.azure.com/.default']);
  });

  it('knows services that are there, of its own workspace', async () => {
    expect((await api.call('GET', '/services/none')).body).toMatchObject({ code: 'NotFound', statusCode: 404 });
    expect((await api.call('DELETE', '/services/none')).status).toBe(204);
    expect((await api.call('GET', `${api.base.replace('/ws1', '/ws2')}/services`)).status).toBe(404);
    expect((await api.call('GET', '/images')).status).toBe(404);
  });

  describe('a PATCH', () => {
    it('changes what it says, at once', async () => {
      azure.addService('svc', { kvTags: { old: '1' } });
      const reply = await api.patch('/services/svc', [
        { op: 'replace', path: '/appInsightsEnabled', value: true },
        { op: 'replace', path: '/dataCollection/storageEnabled', value: true },
        { op: 'replace', path: '/kvTags', value: { new: '2' } },
        { op: 'add', path: '/properties/a~1b~0c', value: 'x' },
        { op: 'remove', path: '/properties/hasInferenceSchema' },
      ]);
      expect([reply.status, reply.body]).toEqual([202, undefined]);
      expect((await api.call('GET', '/services/svc')).body).toMatchObject({
        appInsightsEnabled: true,
        dataCollection: { eventHubEnabled: false, storageEnabled: true },
        kvTags: { new: '2' },
        properties: { 'a/b~c': 'x' },
      });
      expect(azure.service('svc')?.resource['properties']).not.toHaveProperty('hasInferenceSchema');
    });

    it('adds and removes versions of an endpoint', async () => {
      azure.addService('ep', { computeType: 'AKSENDPOINT' });
      await api.patch('/services/ep', [
        { op: 'add', path: '/versions/v2', value: { name: 'v2', computeType: 'AKSENDPOINT' } },
        { op: 'remove', path: '/versions/v1' },
        { op: 'replace', path: '/versions/v2/isDefault', value: true },
      ]);
      expect(azure.service('ep')?.resource['versions']).toEqual({
        v2: { name: 'v2', computeType: 'AKSENDPOINT', isDefault: true },
      });
    });

    it.each([
      [[{ op: 'replace', path: '/nowhere/at/all', value: 1 }]],
      [[{ op: 'remove', path: '/properties/none' }]],
      [[{ op: 'replace', path: '/name', value: 'other' }]],
      [[{ op: 'jump', path: '/description', value: 1 }]],
      [[{ op: 'replace', path: 'description', value: 1 }]],
      [[{ op: 'replace', path: '/description' }]],
      [[{ op: 'test', path: '/description', value: 'other' }]],
      [[]],
    ])('%j is refused as a whole', async (patch) => {
      azure.addService('svc');
      const before = structuredClone(azure.service('svc')?.resource);
      const reply = await api.patch('/services/svc', [
        ...(patch.length === 0 ? [] : [{ op: 'replace', path: '/appInsightsEnabled', value: true }]),
        ...patch,
      ]);
      expect([reply.status, reply.body.code]).toEqual([400, 'BadRequest']);
      expect(azure.service('svc')?.resource).toEqual(before);
    });

    it('also moves, copies and works on lists', async () => {
      azure.addService('svc', { models: [{ id: 'a:1' }] });
      await api.patch('/services/svc', [
        { op: 'add', path: '/models/-', value: { id: 'b:1' } },
        { op: 'replace', path: '/models/0', value: { id: 'c:1' } },
        { op: 'remove', path: '/models/1' },
        { op: 'copy', from: '/models/0', path: '/models/0' },
        { op: 'move', from: '/description', path: '/kvTags/description' },
      ]);
      expect(azure.service('svc')?.resource).toMatchObject({
        models: [{ id: 'c:1' }, { id: 'c:1' }],
        kvTags: { description: '' },
      });
      expect(azure.service('svc')?.resource).not.toHaveProperty('description');
    });
  });

  it('validates without changing anything, and names the fault with status 200', async () => {
    azure.addService('svc');
    const validate = async (body: object) => (await api.call('POST', '/services/validate', body)).body;
    const update = (updateRequest: unknown, serviceName = 'svc') =>
      validate({ type: 'Update', serviceName, createRequest: null, updateRequest });
    expect(await update([{ op: 'replace', path: '/appInsightsEnabled', value: true }])).toEqual({});
    expect(azure.service('svc')?.resource['appInsightsEnabled']).toBe(false);
    expect((await update([{ op: 'replace', path: '/no/where', value: 1 }])).error.message).toMatch(/leads nowhere/);
    expect((await update([{ op: 'replace', path: '/aadAuthEnabled', value: true }])).error.message).toMatch(/both/);
    expect((await update([], 'none')).error.message).toMatch(/no service none/);
    expect(await validate({ type: 'Delete', serviceName: 'svc' })).toEqual({});
    expect(await validate({ type: 'Create', serviceName: 'n', createRequest: {} })).toEqual({});
    expect((await validate({ type: 'Create', serviceName: 'n' })).error).toBeDefined();
    expect((await validate({ type: 'Burn' })).error).toBeDefined();
    expect((await api.call('POST', '/services/validate/name/fresh', {})).body).toEqual({});
    expect((await api.call('POST', '/services/validate/name/svc', {})).body.error.message).toMatch(/already exists/);
    expect((await api.call('POST', '/services/validate/resource', {})).body).toEqual({});
  });

  it('creates a service, which is Healthy when its operation has ended', async () => {
    const body = {
      name: 'fresh',
      computeType: 'AKS',
      numReplicas: 3,
      containerResourceRequirements: { cpu: 0.5, memoryInGB: null },
      keys: { primaryKey: 'mine', secondaryKey: null },
    };
    const started = await api.call('POST', '/services', body);
    expect(started.status).toBe(202);
    expect(azure.service('fresh')?.resource).toMatchObject({
      state: 'Transitioning',
      scoringUri: null,
      numReplicas: 3,
      containerResourceRequirements: { cpu: 0.5, memoryInGB: 0.5 },
    });
    await api.finished(started);
    expect(azure.service('fresh')?.resource).toMatchObject({
      state: 'Healthy',
      scoringUri: 'https://aks1.westus.cloudapp.azure.com/api/v1/service/fresh/score',
    });
    expect(azure.service('fresh')?.keys.primaryKey).toBe('mine');
    expect(azure.secrets()).toContain('mine');
    expect((await api.call('POST', '/services', body)).status).toBe(409);
    expect((await api.call('POST', '/services', { ...body, overwrite: true })).status).toBe(202);
    expect((await api.call('POST', '/services', { name: 'x' })).status).toBe(400);
  });

  it('shows a creation that failed in the state of the service', async () => {
    azure.planOperations({ polls: 0, outcome: 'Failed', error: { code: 'Crash', message: 'it crashed' } });
    await api.finished(await api.call('POST', '/services', { name: 'fresh', computeType: 'ACI' }));
    expect(azure.service('fresh')?.resource).toMatchObject({ state: 'Failed', error: { code: 'Crash' } });
  });

  it('deletes: at once on ACI, by an operation elsewhere', async () => {
    azure.addService('aci', { computeType: 'ACI' });
    azure.addService('aks');
    expect((await api.call('DELETE', '/services/aci')).status).toBe(200);
    const started = await api.call('DELETE', '/services/aks');
    expect(started.status).toBe(202);
    await api.finished(started);
    expect([azure.service('aci'), azure.service('aks')]).toEqual([undefined, undefined]);
  });

  it('lists what the filters ask for', async () => {
    azure.addService('a', {
      kvTags: { team: 'x', 'c d': 'e=f' },
      modelIds: ['m:1'],
      imageId: 'img:3',
      imageDigest: 'd1',
    });
    azure.addService('b', { computeType: 'ACI', modelIds: ['m:2'], properties: { p: '1' } });
    azure.addService('c', { computeType: 'AKSENDPOINT', versions: { v1: { modelIds: ['other:7'] } } });
    const names = async (query: string) => {
      const { body } = await api.call('GET', `/services?expand=true&count=10&${query}`);
      return body.value.map(({ name }: { name: string }) => name).sort();
    };
    expect(await names('')).toEqual(['a', 'b', 'c']);
    expect(await names('computeType=aks')).toEqual(['a']);
    expect(await names('modelName=m')).toEqual(['a', 'b']);
    expect(await names('modelId=m%3A2')).toEqual(['b']);
    expect(await names('modelName=other')).toEqual(['c']);
    expect(await names('imageName=img')).toEqual(['a']);
    expect(await names('imageId=img%3A3')).toEqual(['a']);
    expect(await names('imageDigest=d1')).toEqual(['a']);
    expect(await names('tags=team')).toEqual(['a']);
    expect(await names('tags=team%3Dx%2Cc%20d%3De%3Df')).toEqual(['a']);
    expect(await names('tags=team%3Dy')).toEqual([]);
    expect(await names('properties=p%3D1')).toEqual(['b']);
    expect(await names('name=c')).toEqual(['c']);
  });

  it('lists in pages and in the order asked for, last changed first', async () => {
    for (const [name, minute] of [
      ['old', '01'],
      ['new', '59'],
      ['mid', '30'],
    ]) {
      azure.addService(name as string, { updatedTime: `2022-01-01T00:${minute}:00Z` });
    }
    const first = await api.call('GET', '/services?expand=true');
    expect(first.body.value.map(({ name }: { name: string }) => name)).toEqual(['new', 'mid']);
    expect(first.body.nextLink).toBe(`${api.base}/services?expand=true&$skipToken=2`);
    const second = await api.call('GET', first.body.nextLink);
    expect(second.body).toMatchObject({ value: [{ name: 'old' }] });
    expect(second.body).not.toHaveProperty('nextLink');
    const ascending = await api.call('GET', '/services?orderBy=UpdatedAtAsc');
    expect(ascending.body.value[0].name).toBe('old');
  });

  it('gives the last lines of a container, or of the one that prepares it', async () => {
    Object.assign(azure.addService('svc'), { logs: ['1', '2', '3'], initLogs: ['i'] });
    const logs = async (query: string) => (await api.call('GET', `/services/svc/logs?${query}`)).body;
    expect(await logs('tail=2&init=False')).toEqual({ content: '2\n3\n' });
    expect(await logs('tail=5000&init=True')).toEqual({ content: 'i\n' });
    expect(await logs('')).toEqual({ content: '1\n2\n3\n' });
  });

  it('gives keys, changes one, and gives a token where tokens are on', async () => {
    const service = azure.addService('svc');
    const { primaryKey, secondaryKey } = service.keys;
    expect((await api.call('POST', '/services/svc/listkeys')).body).toEqual({ primaryKey, secondaryKey });
    const regenerate = async (body: object) => {
      const started = await api.call('POST', '/services/svc/regenerateKeys', body);
      expect(started.status).toBe(202);
      await api.finished(started);
    };
    await regenerate({ keyType: 'Secondary', keyValue: 'abc' });
    expect(service.keys).toEqual({ primaryKey, secondaryKey: 'abc' });
    await regenerate({ keyType: 'Primary', keyValue: null });
    expect(service.keys.primaryKey).not.toBe(primaryKey);
    expect((await api.call('POST', '/services/svc/regenerateKeys', { keyType: 'primary' })).status).toBe(400);
    expect((await api.call('POST', '/services/svc/token')).status).toBe(403);
    service.resource['aadAuthEnabled'] = true;
    const { body } = await api.call('POST', '/services/svc/token');
    expect(body).toMatchObject({ tokenType: 'Bearer', refreshAfter: expect.any(Number), expiryOn: expect.any(Number) });
    expect(azure.secrets()).toEqual(
      expect.arrayContaining([primaryKey, secondaryKey, 'abc', service.keys.primaryKey, body.accessToken]),
    );
  });

  it('moves a service to another compute', async () => {
    azure.addService('svc');
    const computeTarget = `${azure.workspace['id']}/computes/kube1`;
    await api.finished(await api.call('POST', '/services/migrate', { serviceName: 'svc', computeTarget }));
    expect(azure.service('svc')?.resource['computeName']).toBe('kube1');
    expect((await api.call('POST', '/services/migrate', { serviceName: 'none' })).status).toBe(404);
  });

  it('takes files for a deployment', async () => {
    const { token } = await azure.credential.getToken(MANAGEMENT_SCOPE);
    const url = api.base.replace('modelmanagement/v1.0', 'artifact/v2.0');
    const { body } = await sendMeant(azure, 'POST', `${url}/artifacts/batch/metadata/LocalUpload/abc`, {
      headers: { authorization: `Bearer ${token}` },
      body: { paths: [{ path: 'score.py' }] },
    });
    const { contentUri } = body.artifactContentInformation['score.py'];
    expect((await sendMeant(azure, 'PUT', contentUri, { body: 'def run(): pass' })).status).toBe(201);
    expect(azure.secrets()).toContain(new URL(contentUri).searchParams.get('sig'));
  });
});

import { type AzureStandIn, startAzureStandIn } from '../../src/index.ts';
import { arm, mms } from './support.ts';

const ENDPOINT = '/onlineEndpoints/loans';
const BLUE = `${ENDPOINT}/deployments/blue`;
const BODY = { location: 'westus', properties: { endpointComputeType: 'Managed' } };

describe('a long operation of the stand-in', () => {
  let azure: AzureStandIn;
  let api: ReturnType<typeof arm>;

  beforeEach(async () => {
    azure = await startAzureStandIn();
    api = arm(azure);
    azure.addEndpoint('loans');
  });

  afterEach(() => azure.close());

  const state = async (path: string) => (await api.call('GET', path)).body.properties?.provisioningState;

  it('is in progress as often as planned, then ends', async () => {
    azure.planOperations({ polls: 2 });
    const started = await api.call('PUT', BLUE, BODY);
    expect(started.status).toBe(201);
    expect(started.body.properties.provisioningState).toBe('Creating');
    expect(started.headers['x-ms-async-operation-timeout']).toBe('PT1H');
    const link = started.headers['azure-asyncoperation'] ?? '';
    expect(link).toMatch(/^https:\/\/management\.azure\.com\//);
    const statuses: string[] = [];
    for (let poll = 0; poll < 4; poll += 1) {
      statuses.push((await api.call('GET', link)).body.status);
    }
    expect(statuses).toEqual(['InProgress', 'InProgress', 'Succeeded', 'Succeeded']);
    expect(await state(BLUE)).toBe('Succeeded');
  });

  it('goes on while its resource is read, so that it ends without anybody asking for it', async () => {
    azure.planOperations({ polls: 2 });
    await api.call('PUT', BLUE, BODY);
    expect([await state(BLUE), await state(BLUE), await state(BLUE)]).toEqual(['Creating', 'Creating', 'Succeeded']);
  });

  it.each(['Failed', 'Canceled'] as const)('ends as %s when planned, with its error and its logs', async (outcome) => {
    azure.addDeployment('loans', 'blue');
    const error = { code: 'ImageBuildFailure', message: 'pip failed', details: [{ code: 'x', message: 'y' }] };
    azure.planOperations({ outcome, error, logs: { InferenceServer: ['Traceback'] } });
    const started = await api.call('PATCH', BLUE, { sku: { capacity: 2 } });
    expect(azure.deployment('loans', 'blue')?.logs['InferenceServer']).toEqual([]);
    const ended = await api.finished(started);
    expect([ended.status, ended.body.error]).toEqual([400, error]);
    expect(await state(BLUE)).toBe(outcome);
    expect(azure.deployment('loans', 'blue')?.logs['InferenceServer']).toEqual(['Traceback']);
  });

  it('names its error in the status too, and one of its own when none is planned', async () => {
    azure.planOperations({ polls: 0, outcome: 'Failed' });
    const { body } = await api.finished(await api.call('PUT', BLUE, BODY));
    expect(body).toMatchObject({ status: 'Failed', error: { code: 'InternalServerError' } });
    azure.planOperations({ polls: 0, outcome: 'Canceled' });
    const canceled = await api.finished(await api.call('PUT', `${ENDPOINT}/deployments/green`, BODY));
    expect(canceled.body).toMatchObject({ status: 'Canceled', error: { code: 'OperationCanceled' } });
  });

  it('says when to ask again where planned, and not once it has ended', async () => {
    azure.planOperations({ polls: 1, retryAfter: 30 });
    const started = await api.call('PATCH', ENDPOINT, { tags: {} });
    const link = started.headers['location'] ?? '';
    const [first, second] = [await api.call('GET', link), await api.call('GET', link)];
    expect([started, first, second].map(({ headers }) => headers['retry-after'])).toEqual(['30', '30', undefined]);
    expect([started.status, first.status, second.status]).toEqual([202, 202, 200]);
  });

  it('keeps a second write out until it has ended', async () => {
    azure.planOperations({ polls: Number.POSITIVE_INFINITY });
    await api.call('PUT', BLUE, BODY);
    await api.call('PATCH', ENDPOINT, { tags: {} });
    for (const [method, path, body] of [
      ['PUT', BLUE, BODY],
      ['PATCH', BLUE, { tags: {} }],
      ['DELETE', BLUE, undefined],
      ['DELETE', ENDPOINT, undefined],
      ['POST', `${ENDPOINT}/regenerateKeys`, { keyType: 'Primary' }],
    ] as const) {
      const reply = await api.call(method, path, body);
      expect([method, reply.status, reply.body.error.code]).toEqual([method, 409, 'Conflict']);
    }
    expect(await state(BLUE)).toBe('Creating');
  });

  it('of deleting shows the endpoint as Deleting until it is gone, and lets nothing be made below it', async () => {
    azure.planOperations({ polls: 2 });
    const started = await api.call('DELETE', ENDPOINT);
    expect(await state(ENDPOINT)).toBe('Deleting');
    expect((await api.call('PUT', BLUE, BODY)).status).toBe(409);
    await api.finished(started);
    expect((await api.call('GET', ENDPOINT)).status).toBe(404);
  });

  it('of deleting leaves the endpoint when it fails', async () => {
    azure.planOperations({ outcome: 'Failed' });
    expect((await api.finished(await api.call('DELETE', ENDPOINT))).status).toBe(400);
    expect(await state(ENDPOINT)).toBe('Failed');
  });

  it('of a new key that fails leaves the old one, and yet knows the value that was sent as a secret', async () => {
    azure.planOperations({ outcome: 'Failed' });
    const { primaryKey } = azure.endpoint('loans')?.keys ?? {};
    await api.finished(
      await api.call('POST', `${ENDPOINT}/regenerateKeys`, { keyType: 'Primary', keyValue: 'never-set' }),
    );
    expect(azure.endpoint('loans')?.keys.primaryKey).toBe(primaryKey);
    expect(azure.secrets()).toContain('never-set');
  });

  it('takes the plans one after the other, and the last one for all that follow', async () => {
    azure.planOperations({ polls: 0, outcome: 'Failed' }, { polls: 0, outcome: 'Canceled' });
    const outcomes: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const ended = await api.finished(await api.call('PUT', `${ENDPOINT}/deployments/${name}`, BODY));
      outcomes.push(ended.body.status);
    }
    expect(outcomes).toEqual(['Failed', 'Canceled', 'Canceled']);
  });

  it('of the classic service has its own states, and further fields where planned', async () => {
    azure.addService('svc');
    const { patch, finished, call } = mms(azure);
    azure.planOperations({
      polls: 1,
      outcome: 'Failed',
      error: { code: 'AciDeploymentFailed', message: 'crashed', details: [{ code: 'CrashLoopBackOff', message: 'm' }] },
      extra: { operationDetails: { subOperationType: 'DeployService' }, streamingOperationLog: '20240501093000|one#' },
      logs: { InferenceServer: ['Traceback'], StorageInitializer: ['init'] },
    });
    const started = await patch('/services/svc', [{ op: 'replace', path: '/numReplicas', value: 2 }]);
    const link = started.headers['operation-location'] ?? '';
    const first = await call('GET', link);
    expect(first.body).toMatchObject({ state: 'Running', error: null, operationType: 'Service' });
    expect(first.body.streamingOperationLog).toBe('20240501093000|one#');
    expect((await call('GET', `${link}?offset=15`)).body.streamingOperationLog).toBe('one#');
    const { body } = await finished(started);
    expect(body).toMatchObject({
      state: 'Failed',
      error: { code: 'AciDeploymentFailed', statusCode: 400, details: [{ code: 'CrashLoopBackOff' }] },
      operationDetails: { subOperationType: 'DeployService' },
    });
    expect(azure.service('svc')).toMatchObject({
      logs: ['Traceback'],
      initLogs: ['init'],
      resource: { state: 'Healthy', numReplicas: 2 },
    });
  });

  it('that nobody knows is not found', async () => {
    const link = '/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/westus/mfeOperationsStatus/x';
    expect((await api.call('GET', `https://management.azure.com${link}?api-version=2024-04-01`)).status).toBe(404);
    expect((await mms(azure).call('GET', '/operations/x')).status).toBe(404);
  });
});

import type { AksWebservice } from '../../src/classic/aks-webservice.ts';
import { DeploymentFailedError, WebserviceNotFoundError } from '../../src/errors.ts';
import { openService, rejection } from './support.ts';

const ERROR = {
  code: 'CrashLoopBackOff',
  message: 'container crashed.\\n1. check',
  details: [{ code: 'c', message: 'm' }],
};

async function updated() {
  const open = await openService<AksWebservice>();
  await open.service.update({ enableAppInsights: true });
  open.azure.clearExchanges();
  return open;
}

describe('waiting for a classic service', () => {
  it('asks for the operation that the update began, then reads the service', async () => {
    const { azure, service, state, paths } = await openService<AksWebservice>();
    azure.planOperations({ polls: 3 });
    await service.update({ enableAppInsights: true });
    azure.clearExchanges();
    state.resource = { ...state.resource, numReplicas: 9 };

    await service.waitForDeployment({ showOutput: false });

    expect(paths().map((path) => path.replace(/operations\/[^?]*/, 'operations/ID'))).toEqual([
      ...Array(4).fill('GET operations/ID'),
      'GET services/svc?expand=true',
    ]);
    expect(service.numReplicas).toBe(9);
    expect(service.operationId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('tells new lines of the operation as they come', async () => {
    const { azure, service, paths } = await openService<AksWebservice>();
    azure.planOperations({
      polls: 1,
      extra: { streamingOperationLog: '20211021100000|Building the image#20211021100107|step #2 of 3' },
    });
    await service.update({ enableAppInsights: true });
    const messages: string[] = [];

    await service.waitForDeployment({ showOutput: false, onProgress: ({ message }) => messages.push(message) });

    expect(messages).toEqual([
      '2021-10-21T10:00:00Z Building the image\n2021-10-21T10:01:07Z step #2 of 3',
      'Succeeded',
    ]);
    expect(paths().filter((path) => path.includes('offset'))).toEqual([expect.stringMatching(/\?offset=61$/)]);
  });

  it('without an operation waits until the service is healthy, through states that may change', async () => {
    const { azure, service, state } = await openService<AksWebservice>();
    const states = ['Transitioning', 'Unhealthy', 'Unschedulable', 'Healthy'];
    azure.fail({
      method: 'GET',
      url: '/services/svc?',
      times: 4,
      delayMs: 0,
      onHit: () => {
        state.resource = { ...state.resource, state: states.shift() };
      },
    });
    const seen: string[] = [];

    await service.waitForDeployment({ onProgress: ({ message }) => seen.push(message), showOutput: false });

    expect(seen).toEqual(['Transitioning', 'Unhealthy', 'Unschedulable', 'Healthy']);
    expect(service.state).toBe('Healthy');
  });

  it('without an operation fails with the error of the service', async () => {
    const { service, state } = await openService<AksWebservice>();
    state.resource = { ...state.resource, state: 'Failed', error: ERROR };
    state.logs = ['last words'];

    const error = await rejection(service.waitForDeployment());

    expect(error).toBeInstanceOf(DeploymentFailedError);
    expect(error).toMatchObject({ reason: 'CrashLoopBackOff', logs: ['last words'] });
    expect(error.message).toContain('The deployment of "svc" failed');
  });

  it('fails with code, details, ids and the last log lines of both containers', async () => {
    const { azure, service, paths } = await openService<AksWebservice>();
    azure.planOperations({
      outcome: 'Failed',
      error: ERROR,
      logs: { InferenceServer: ['import failed', 'exit 1'], StorageInitializer: ['fetched m:1'] },
      extra: { operationDetails: { subOperationType: 'DeployService' } },
    });

    const error = (await rejection(
      service.update({ enableAppInsights: true }, { wait: true }),
    )) as DeploymentFailedError;

    expect(error).toBeInstanceOf(DeploymentFailedError);
    expect(error).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      reason: 'CrashLoopBackOff',
      logs: ['import failed', 'exit 1', 'fetched m:1'],
      logsByContainer: { 'inference-server': ['import failed', 'exit 1'], 'storage-initializer': ['fetched m:1'] },
      operationId: expect.stringMatching(/./),
      details: { serviceDetails: ERROR.details },
    });
    expect(error.message).toContain('container crashed.\n1. check');
    // The service is read before its logs: its error counts when the operation has none.
    expect(paths().slice(-3).sort()).toEqual([
      'GET services/svc/logs?tail=100&init=False',
      'GET services/svc/logs?tail=100&init=True',
      'GET services/svc?expand=true',
    ]);
    await expect(service.waitForDeployment()).rejects.toMatchObject({ operationId: error.operationId });
  });

  it('names the build log when a build failed, and takes the error of the service when the operation has none', async () => {
    const { azure, service, state } = await updated();
    state.resource = { ...state.resource, state: 'Failed', error: { code: 'S', message: 'svc' } };
    azure.fail({
      url: '/operations/',
      status: 200,
      body: {
        state: 'Failed',
        error: null,
        operationLog: 'https://log.example/x?sig=abcdefghijkl',
        operationDetails: { subOperationType: 'BuildImage' },
      },
    });

    const error = await rejection(service.waitForDeployment());

    expect(error).toMatchObject({ reason: 'S' });
    expect(error.message).toContain('https://log.example/x?sig=[redacted]');
  });

  it('does not lose the failure when logs and service cannot be read', async () => {
    const { azure, service } = await updated();
    azure.planOperations({ outcome: 'Failed', error: ERROR });
    await service.update({ enableAppInsights: false });
    azure.fail({ url: '/logs?', status: 503, times: Number.POSITIVE_INFINITY });
    azure.fail({ url: '/services/svc?', status: 403, times: Number.POSITIVE_INFINITY });

    const error = (await rejection(service.waitForDeployment())) as DeploymentFailedError;

    expect(error.reason).toBe('CrashLoopBackOff');
    expect(error.logsByContainer).toEqual({
      'inference-server': [expect.stringContaining('status 503')],
      'storage-initializer': [expect.stringContaining('status 503')],
    });
  });

  it.each([
    ['Cancelled', 'OPERATION_CANCELED', 'was cancelled'],
    ['TimedOut', 'OPERATION_TIMED_OUT', 'timed out'],
  ])('tells an operation that ended as %s', async (state, reason, words) => {
    const { azure, service } = await updated();
    azure.fail({ url: '/operations/', status: 200, body: { state } });

    const error = await rejection(service.waitForDeployment());

    expect(error).toMatchObject({ code: 'DEPLOYMENT_FAILED', reason });
    expect(error.message).toContain(words);
  });

  it('ends by the time limit and by the signal, and can be taken up again', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.planOperations({ polls: Number.POSITIVE_INFINITY });
    await service.update({ enableAppInsights: true });
    const controller = new AbortController();

    await expect(service.waitForDeployment({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(
      service.waitForDeployment({
        abortSignal: controller.signal,
        onProgress: () => controller.abort(new Error('enough')),
        showOutput: false,
      }),
    ).rejects.toThrow('enough');
    azure.fail({ url: '/operations/', status: 200, body: { state: 'Succeeded' } });
    await service.waitForDeployment();
  });

  it('says so when the service no longer knows the operation, answers no state, or is gone', async () => {
    const { azure, service } = await updated();
    azure.fail({ url: '/operations/', status: 404, body: '' });
    azure.fail({ url: '/operations/', status: 200, body: {} });

    await expect(service.waitForDeployment()).rejects.toMatchObject({ code: 'OPERATION_NOT_FOUND', statusCode: 404 });
    await expect(service.waitForDeployment()).rejects.toMatchObject({ code: 'INVALID_ANSWER' });
    azure.fail({ url: '/services/svc?', status: 404 });
    await expect(service.waitForDeployment()).rejects.toBeInstanceOf(WebserviceNotFoundError);
  });
});

describe('migrating a service', () => {
  it('asks for it with the id of the compute, and waits when asked to', async () => {
    const { workspace, service, sent, paths } = await openService<AksWebservice>();

    await service.migrate('kube1');
    expect(paths()).toEqual(['POST services/migrate']);
    expect(sent()[0]?.body).toEqual({ serviceName: 'svc', computeTarget: `${workspace.id}/computes/kube1` });
    expect(service.state).toBe('Migrating');

    await service.waitForDeployment();
    expect(service.state).toBe('Migrated');
    expect(service.computeName).toBe('kube1');
  });

  it('tells what keeps it from moving', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.planOperations({ outcome: 'Failed', error: ERROR });

    await expect(service.migrate(`${service.workspace.id}/computes/k2`, { wait: true })).rejects.toMatchObject({
      code: 'DEPLOYMENT_FAILED',
    });
    await expect(service.migrate('')).rejects.toMatchObject({ code: 'VALIDATION' });
    azure.fail({ url: '/services/migrate', status: 404 });
    await expect(service.migrate('k2')).rejects.toBeInstanceOf(WebserviceNotFoundError);
    azure.fail({ url: '/services/migrate', status: 200, body: {} });
    await service.migrate('k2');
    expect(service.state).toBe('Migrated');
  });
});

import type { AzureOperationPlan, AzureStandIn } from '@azureml-ts/testing';
import { type OperationSubject, waitForOperation } from '../../src/azure/long-operation.ts';
import { managementOperation } from '../../src/azure/management-operation.ts';
import { DeploymentFailedError, type DeploymentProgress, type Workspace } from '../../src/index.ts';
import type { WaitForDeploymentOptions } from '../../src/webservice/webservice.ts';
import { rejection, until } from '../support/local-services.ts';
import { openStandIn } from '../support/stand-in.ts';

const WHAT = 'The update of deployment "blue"';
const version = { 'api-version': '2024-04-01' };
const isStatus = ({ plane }: { plane: string }) => plane === 'operation';
const polls = (standIn: AzureStandIn) => standIn.exchanges().filter(isStatus);

/** PUT answers with Azure-AsyncOperation, DELETE with Location. */
async function begin(workspace: Workspace, standIn: AzureStandIn, method: 'PUT' | 'DELETE' = 'PUT') {
  const { location, sku, properties } = standIn.deployment('svc', 'blue')?.resource ?? {};
  const { provisioningState: _, ...rest } = properties as Record<string, unknown>;
  const answer = await workspace.azure.send({
    method,
    url: `${workspace.id}/onlineEndpoints/svc/deployments/blue`,
    query: version,
    what: WHAT,
    ...(method === 'PUT' ? { body: { location, sku, properties: { ...rest, description: `${Math.random()}` } } } : {}),
  });
  const operation = managementOperation(workspace.azure, answer, WHAT);
  if (operation === undefined) {
    throw new Error('The stand-in began no operation');
  }
  return operation;
}

async function opened(...plans: readonly AzureOperationPlan[]) {
  const { standIn, workspace } = await openStandIn();
  standIn.addEndpoint('svc');
  standIn.addDeployment('svc', 'blue');
  standIn.planOperations(...plans);
  const subject: OperationSubject = {
    what: WHAT,
    name: 'svc',
    runningState: 'Updating',
    doneState: 'Healthy',
    pollIntervalMs: 1,
  };
  const wait = async (
    options: WaitForDeploymentOptions = {},
    more: Partial<OperationSubject> = {},
    method?: 'DELETE',
  ) => waitForOperation(await begin(workspace, standIn, method), { ...subject, ...more }, options);
  return { standIn, workspace, wait };
}

describe('waiting for an operation', () => {
  it.each([['PUT'], ['DELETE']] as const)('of %s looks until it succeeded', async (method) => {
    const { standIn, wait } = await opened({ polls: 3 });
    const events: DeploymentProgress[] = [];
    await wait({ onProgress: (event) => events.push(event) }, {}, method === 'DELETE' ? method : undefined);

    expect(polls(standIn)).toHaveLength(4);
    expect(events.at(-1)).toMatchObject({ state: 'Healthy' });
    // The same step is told once.
    expect(events.filter(({ state }) => state === 'Updating')).toHaveLength(1);
  });

  it('does not look before Retry-After, neither of the first answer nor of a status', async () => {
    const { standIn, wait } = await opened({ polls: 1, retryAfter: 0.2 });
    await wait();
    const times = [standIn.exchanges()[0], ...polls(standIn)].map((exchange) => exchange?.receivedAt.getTime() ?? 0);

    expect(times).toHaveLength(3);
    for (const [index, time] of times.slice(1).entries()) {
      expect(time - (times[index] ?? 0)).toBeGreaterThanOrEqual(190);
    }
  });

  it('tells a failed one with code, message, details, ids and the last log lines', async () => {
    const details = [{ code: 'OutOfQuota', message: 'no cores' }];
    const { standIn, wait } = await opened({
      polls: 1,
      outcome: 'Failed',
      error: { code: 'ResourceOperationFailure', message: 'The container crashed', details },
    });
    const events: DeploymentProgress[] = [];
    const error = (await rejection(
      wait(
        { onProgress: (event) => events.push(event) },
        { logs: async () => ({ 'inference-server': ['Traceback', 'KeyError'] }) },
      ),
    )) as DeploymentFailedError;

    expect(error).toBeInstanceOf(DeploymentFailedError);
    expect(error).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      reason: 'ResourceOperationFailure',
      logs: ['Traceback', 'KeyError'],
      logsByContainer: { 'inference-server': ['Traceback', 'KeyError'] },
      details: { serviceDetails: details },
    });
    expect(error.message).toContain(`${WHAT} failed (ResourceOperationFailure): The container crashed.`);
    const status = polls(standIn).at(-1);
    expect(error.operationId).toBe(new URL(status?.url ?? '').pathname.split('/').at(-1));
    expect(error.requestId).toBe(status?.answer.headers['x-ms-request-id']);
    expect(events.at(-1)).toMatchObject({ state: 'Failed' });
  });

  it('tells that the logs could not be read, and why, without hiding the failure', async () => {
    const { wait } = await opened({ outcome: 'Failed' });
    const logs = async () => Promise.reject(new Error('no permission'));

    expect(await rejection(wait({}, { logs }))).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      logsByContainer: { unavailable: ['The logs could not be read: no permission'] },
    });
  });

  it('tells a cancelled one', async () => {
    const { wait } = await opened({ outcome: 'Canceled' });
    const error = await rejection(wait());
    expect(error).toMatchObject({ code: 'DEPLOYMENT_FAILED', reason: 'OperationCanceled' });
    expect(error.message).toContain('was cancelled');
  });

  it.each([
    ['Canceled', 'OPERATION_CANCELED'],
    ['Failed', 'OPERATION_FAILED'],
  ])('tells one that ended as %s without a word of why', async (status, reason) => {
    const { standIn, wait } = await opened();
    standIn.fail({ method: 'GET', status: 200, body: { status } });
    const error = await rejection(wait());

    expect(error).toMatchObject({ code: 'DEPLOYMENT_FAILED', reason });
    expect(error.message).toContain(`the service says "${status}" and no more`);
  });

  it('ends with TIMEOUT when it never ends, and looks no more', async () => {
    const { standIn, workspace, wait } = await opened({ polls: Number.POSITIVE_INFINITY });
    expect(await rejection(wait({ timeoutMs: 50 }))).toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining(WHAT),
    });
    const looks = polls(standIn).length;
    expect(looks).toBeGreaterThan(0);
    for (let request = 0; request < 10; request += 1) {
      await workspace.azure.send({ method: 'GET', url: workspace.id, query: version, what: 'Reading' });
    }
    // One may have been on its way.
    expect(polls(standIn).length).toBeLessThanOrEqual(looks + 1);
  });

  it('ends with the reason of the signal while it waits for the next look', async () => {
    const { standIn, wait } = await opened({ polls: Number.POSITIVE_INFINITY, retryAfter: 3600 });
    const aborting = new AbortController();
    const waiting = rejection(wait({ abortSignal: aborting.signal }));
    await until('the operation has begun', () => standIn.exchanges().length === 1);
    aborting.abort(new Error('enough'));

    expect(await waiting).toMatchObject({ message: 'enough' });
    expect(polls(standIn)).toEqual([]);
  });

  it('goes on after a fault of the status link that passes', async () => {
    const { standIn, wait } = await opened({ polls: 1 });
    standIn.fail({ method: 'GET', status: 503, times: 2 });
    standIn.fail({ method: 'GET', cut: 'before' });
    await wait();

    expect(
      polls(standIn)
        .map(({ answer }) => answer.status)
        .filter((status) => status === 200),
    ).toHaveLength(2);
  });

  it.each([
    ['is gone', { status: 404 }, 'OPERATION_NOT_FOUND'],
    ['answers something else than JSON', { status: 200, body: 'done' }, 'INVALID_ANSWER'],
    ['holds no status', { status: 200, body: {} }, 'INVALID_ANSWER'],
    ['leads elsewhere', { status: 302, headers: { location: 'https://evil.example.com' } }, 'FOREIGN_HOST'],
  ])('says so when the status link %s', async (_, fault, code) => {
    const { standIn, wait } = await opened({});
    standIn.fail({ method: 'GET', ...fault });

    expect(await rejection(wait())).toMatchObject({ code });
  });

  it('does not follow a status link to another host', async () => {
    const { standIn, wait } = await opened({});
    standIn.fail({
      method: 'PUT',
      status: 201,
      body: {},
      headers: { 'azure-asyncoperation': 'https://evil.example.com/status' },
    });

    expect(await rejection(wait())).toMatchObject({ code: 'FOREIGN_HOST', details: { host: 'evil.example.com' } });
    expect(standIn.exchanges()).toHaveLength(1);
  });
});

describe('the operation that an answer began', () => {
  it('is none when the answer says that all is done', async () => {
    const { standIn, workspace } = await opened();
    standIn.fail({ method: 'DELETE', status: 204 });
    const answer = await workspace.azure.send({
      method: 'DELETE',
      url: `${workspace.id}/onlineEndpoints/svc`,
      query: version,
      what: 'Deleting',
    });

    expect(managementOperation(workspace.azure, answer, 'Deleting')).toBeUndefined();
  });
});

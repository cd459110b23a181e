import type { AzureStandIn } from '@azureml-ts/testing';
import { DeploymentFailedError, WebserviceError } from '../../src/errors.ts';
import { OnlineEndpoint } from '../../src/online/online-endpoint.ts';
import type { DeploymentProgress } from '../../src/webservice/progress.ts';
import { type Json, openLoans, propertiesOf } from './support.ts';

/** Has somebody else delete the endpoint when the n-th status is asked for. */
function deletedAtPoll(standIn: AzureStandIn, after: number): void {
  standIn.fail({
    method: 'GET',
    url: /mfeOperations/,
    after,
    status: 404,
    onHit: () => {
      standIn.fail({ url: /onlineEndpoints\/loans/, status: 404, times: Number.POSITIVE_INFINITY });
    },
  });
}

describe('waiting for an online endpoint', () => {
  it('waits for what this object began, and tells each step once', async () => {
    const { service, standIn } = await openLoans();
    standIn.planOperations({ polls: 3 });
    await service.update({ enableAppInsights: true });
    const steps: DeploymentProgress[] = [];

    await service.waitForDeployment({ onProgress: (step) => steps.push(step), showOutput: false });

    expect(steps.map(({ state, message }) => [state, message])).toEqual([
      ['Transitioning', 'InProgress'],
      ['Healthy', 'Succeeded'],
    ]);
    expect(standIn.exchanges().filter(({ url }) => url.includes('mfeOperationsStatus'))).toHaveLength(4);
    expect(service.state).toBe('Healthy');
    standIn.clearExchanges();
    await service.waitForDeployment();
    expect(standIn.exchanges().filter(({ url }) => url.includes('mfeOperations'))).toEqual([]);
  });

  it('waits for the endpoint and its deployments to come to rest when somebody else is at work', async () => {
    const { service, standIn } = await openLoans({ deployments: { blue: {}, green: {} } });
    propertiesOf(standIn, 'green')['provisioningState'] = 'Scaling';
    standIn.fail({
      method: 'GET',
      url: /\/deployments\?/,
      after: 2,
      onHit: () => {
        propertiesOf(standIn, 'green')['provisioningState'] = 'Succeeded';
      },
    });
    const messages: string[] = [];

    await service.waitForDeployment({ onProgress: ({ message }) => messages.push(message), showOutput: false });

    expect(messages).toEqual(['deployment "green" is Scaling', 'Succeeded']);
    expect(standIn.exchanges().filter(({ url }) => /\/deployments\?/.test(url))).toHaveLength(3);
  });

  it('fails with the last log lines of both containers of the deployments that failed', async () => {
    const { service, standIn } = await openLoans({ deployments: { blue: {}, green: {} } });
    const green = standIn.deployment('loans', 'green');
    propertiesOf(standIn, 'green')['provisioningState'] = 'Failed';
    Object.assign(green?.logs ?? {}, { InferenceServer: ['a', 'b'], StorageInitializer: ['c'] });

    const error = await service.waitForDeployment().catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(DeploymentFailedError);
    expect(error).toMatchObject({
      reason: 'PROVISIONING_FAILED',
      message: expect.stringContaining('deployment "green" is Failed'),
      logsByContainer: { 'inference-server': ['a', 'b'], 'storage-initializer': ['c'] },
    });
    expect(service.state).toBe('Unhealthy');
  });

  it('says why a log is missing rather than hiding the failure', async () => {
    const { service, standIn } = await openLoans();
    standIn.planOperations({ outcome: 'Failed', logs: { StorageInitializer: ['model is missing'] } });
    standIn.fail({ url: 'getLogs', status: 403 });

    await expect(service.update({ enableAppInsights: true }, { wait: true })).rejects.toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      logsByContainer: {
        'inference-server': [expect.stringContaining('could not be read')],
        'storage-initializer': ['model is missing'],
      },
    });
  });

  it.each([0, 2])('ends with WEBSERVICE_DELETED when the service is deleted meanwhile (poll %i)', async (after) => {
    const { service, standIn } = await openLoans({ isChecked: false });
    standIn.planOperations({ polls: Number.POSITIVE_INFINITY });
    await service.update({ enableAppInsights: true });
    deletedAtPoll(standIn, after);

    const error = await service.waitForDeployment().catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(WebserviceError);
    expect(error).toMatchObject({ code: 'WEBSERVICE_DELETED' });
    expect(service.state).toBe('Deleted');
  });

  it('ends with WEBSERVICE_DELETED when it is deleted while its own state is looked at', async () => {
    const { service, standIn } = await openLoans({ isChecked: false });
    const properties = standIn.endpoint('loans')?.resource['properties'] as Json;
    properties['provisioningState'] = 'Deleting';
    await service.refresh();
    standIn.fail({ url: /onlineEndpoints\/loans/, after: 2, status: 404, times: Number.POSITIVE_INFINITY });

    await expect(service.waitForDeployment()).rejects.toMatchObject({ code: 'WEBSERVICE_DELETED' });
  });

  it('ends with WEBSERVICE_DELETED when the deployment it is about is deleted', async () => {
    const { service, standIn } = await openLoans({ deployments: { blue: {}, green: {} }, isChecked: false });
    standIn.planOperations({ polls: Number.POSITIVE_INFINITY });
    await service.update({ enableAppInsights: true }, { deploymentName: 'green' });
    standIn.fail({
      method: 'GET',
      url: /mfeOperations/,
      status: 404,
      onHit: () => {
        const { deployments } = standIn.endpoint('loans') as unknown as { deployments: Map<string, unknown> };
        deployments.delete('green');
      },
    });

    await expect(service.waitForDeployment()).rejects.toMatchObject({
      code: 'WEBSERVICE_DELETED',
      message: expect.stringContaining('deployment "green" of'),
    });
  });

  it('looks at the state itself when the service forgot the operation', async () => {
    const { service, standIn } = await openLoans();
    standIn.planOperations({ polls: 2 });
    await service.update({ enableAppInsights: true });
    standIn.fail({
      method: 'GET',
      url: /mfeOperations/,
      status: 404,
      onHit: () => {
        propertiesOf(standIn, 'blue')['provisioningState'] = 'Succeeded';
      },
    });

    await service.waitForDeployment();
    expect(service.state).toBe('Healthy');
  });
});

describe('deleting an online endpoint', () => {
  it('waits until it is gone, and is content when it is gone already', async () => {
    const { service, standIn, writes } = await openLoans();
    const steps: string[] = [];

    await service.delete({ onProgress: ({ state }) => steps.push(state), showOutput: false });

    expect(standIn.endpoint('loans')).toBeUndefined();
    expect(service.state).toBe('Deleted');
    expect(steps).toEqual(['Deleting', 'Deleted']);
    await service.delete();
    expect(writes()).toEqual(['DELETE loans', 'DELETE loans']);
  });

  it('returns at once without wait', async () => {
    const { service, standIn } = await openLoans();

    await service.delete({ wait: false });

    expect(service.state).toBe('Deleting');
    expect(standIn.exchanges()).toHaveLength(1);
    await expect(service.waitForDeployment()).rejects.toMatchObject({ code: 'WEBSERVICE_DELETED' });
  });

  it('fails with the cause of the service', async () => {
    const { service, standIn } = await openLoans({ isChecked: false });
    standIn.planOperations({ outcome: 'Failed', error: { code: 'InUse', message: 'It is in use.' } });

    await expect(service.delete()).rejects.toMatchObject({ message: expect.stringContaining('It is in use.') });
    expect(service.state).not.toBe('Deleted');
  });

  it('is refused while an operation runs', async () => {
    const { service, standIn } = await openLoans();
    const other = await OnlineEndpoint.get(service.workspace, 'loans');
    standIn.planOperations({ polls: Number.POSITIVE_INFINITY });
    await other.setTraffic({ blue: 0 });

    await expect(service.delete()).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

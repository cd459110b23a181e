import { DeploymentFailedError, WebserviceError } from '../../src/errors.ts';
import { UpdateIncompleteError } from '../../src/online/update-incomplete-error.ts';
import type { DeploymentProgress } from '../../src/webservice/progress.ts';
import { type Json, openLoans, propertiesOf, shownEverywhere } from './support.ts';

const PUT_BLUE = { method: 'PUT', url: /deployments\/blue\?/ };

describe('an update that meets trouble', () => {
  it('is not sent when somebody else changed the deployment between reading and writing', async () => {
    const { service, standIn, writes } = await openLoans();
    standIn.fail({
      method: 'GET',
      url: /deployments\/blue\?/,
      after: 1,
      onHit: () => {
        propertiesOf(standIn, 'blue')['model'] = 'azureml:other:1';
      },
    });

    await expect(service.update({ enableAppInsights: true })).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { deploymentName: 'blue', paths: ['/properties/model'] },
    });
    expect(writes()).toEqual([]);
    await expect(service.update({ enableAppInsights: true })).resolves.toMatchObject({
      parts: [{ outcome: 'accepted' }],
    });
  });

  it('is sent although the service itself wrote down that it was at work', async () => {
    const { service, standIn, writes } = await openLoans();
    standIn.fail({
      method: 'GET',
      url: /deployments\/blue\?/,
      after: 1,
      onHit: () => {
        const resource = standIn.deployment('loans', 'blue')?.resource as Json;
        Object.assign(resource['systemData'] as Json, { lastModifiedAt: '2026-11-24T00:00:00Z' });
        (resource['properties'] as Json)['provisioningState'] = 'Scaling';
      },
    });

    await service.update({ enableAppInsights: true });
    expect(writes()).toEqual(['PUT blue']);
  });

  it('fails with CONFLICT when the service says 409, as while another operation runs', async () => {
    const { service, standIn } = await openLoans();
    standIn.planOperations({ polls: Number.POSITIVE_INFINITY });
    await service.update({ enableAppInsights: true });

    await expect(service.update({ enableAppInsights: false })).rejects.toMatchObject({
      code: 'CONFLICT',
      statusCode: 409,
    });
  });

  it('is sent again after 429 with Retry-After, and after a connection that broke', async () => {
    const { service, standIn } = await openLoans();
    standIn.fail({ ...PUT_BLUE, status: 429, headers: { 'retry-after': '0' } });
    standIn.fail({ ...PUT_BLUE, cut: 'before' });

    await expect(service.update({ enableAppInsights: true }, { wait: true })).resolves.toMatchObject({
      parts: [{ outcome: 'completed' }],
    });
    const puts = standIn.exchanges().filter(({ method }) => method === 'PUT');
    expect(puts.map(({ isFault }) => isFault)).toEqual([true, true, false]);
  });

  it('carries the cause, the details, the ids and the last log lines of both containers when the operation fails', async () => {
    const { service, standIn } = await openLoans();
    standIn.planOperations({
      outcome: 'Failed',
      error: {
        code: 'ImageBuildFailure',
        message: 'The image could not be built.',
        details: [{ code: 'X', message: 'y' }],
      },
      logs: { InferenceServer: ['import failed', 'bye'], StorageInitializer: ['model is missing'] },
    });

    const steps: DeploymentProgress[] = [];
    const error = await service
      .update({ enableAppInsights: true }, { wait: true, onProgress: (step) => steps.push(step), showOutput: false })
      .catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(DeploymentFailedError);
    expect(error).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      reason: 'ImageBuildFailure',
      operationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      logsByContainer: { 'inference-server': ['import failed', 'bye'], 'storage-initializer': ['model is missing'] },
      details: { serviceDetails: [{ code: 'X', message: 'y' }] },
      message: expect.stringContaining('deployment "blue" of online endpoint "loans"'),
    });
    expect(steps.map(({ state }) => state)).toEqual(['Transitioning', 'Failed']);
    expect(service.state).toBe('Failed');
    // It is settled: waiting now tells what is there.
    await expect(service.waitForDeployment()).rejects.toMatchObject({ reason: 'PROVISIONING_FAILED' });
  });

  it('tells of an operation that was cancelled', async () => {
    const { service, standIn } = await openLoans();
    standIn.planOperations({ outcome: 'Canceled' });

    await expect(service.update({ enableAppInsights: true }, { wait: true })).rejects.toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      message: expect.stringContaining('was cancelled'),
    });
  });

  it('gives up waiting for an operation that never ends, by time or by signal, and can go on waiting later', async () => {
    const { service, standIn } = await openLoans();
    standIn.planOperations({ polls: Number.POSITIVE_INFINITY });

    await expect(service.update({ enableAppInsights: true }, { wait: true, timeoutMs: 100 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('loans'),
    });

    const stop = new AbortController();
    const waiting = service.waitForDeployment({
      abortSignal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(waiting).rejects.toThrow('enough');
    const answered = standIn.exchanges().length;
    await expect(service.waitForDeployment({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(
      standIn
        .exchanges()
        .slice(answered)
        .every(({ plane }) => plane !== 'scoring'),
    ).toBe(true);
  });

  it('says of each deployment what happened when some fail, and goes on with the others', async () => {
    const { service, standIn, writes } = await openLoans({ deployments: { blue: {}, green: {}, red: {} } });
    standIn.fail({ ...PUT_BLUE, status: 403, body: { error: { code: 'Forbidden', message: 'not allowed' } } });

    const error = (await service
      .update({ enableAppInsights: true })
      .catch((thrown: unknown) => thrown)) as UpdateIncompleteError;

    expect(error).toBeInstanceOf(UpdateIncompleteError);
    expect(error).toBeInstanceOf(WebserviceError);
    expect(error.code).toBe('UPDATE_INCOMPLETE');
    expect(error.report.parts.map(({ deploymentName, outcome }) => [deploymentName, outcome])).toEqual([
      ['blue', 'failed'],
      ['green', 'accepted'],
      ['red', 'accepted'],
    ]);
    expect(error.report.parts[0]?.error).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(error.details).toMatchObject({
      parts: [{ deploymentName: 'blue', outcome: 'failed', code: 'PERMISSION_DENIED' }, {}, {}],
    });
    expect(error.message).toContain('not allowed');
    expect(writes()).toEqual(['PUT green', 'PUT red']);
  });

  it('with wait leaves the deployments alone that come after one that failed', async () => {
    const { service, standIn, writes } = await openLoans({ deployments: { blue: {}, green: {} } });
    standIn.planOperations({ outcome: 'Failed' });

    const error = await service.update({ enableAppInsights: true }, { wait: true }).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      code: 'UPDATE_INCOMPLETE',
      report: { parts: [{ outcome: 'failed' }, { deploymentName: 'green', outcome: 'planned' }] },
      message: expect.stringContaining('Not begun because of that: deployment "green"'),
    });
    expect(writes().filter((write) => write.startsWith('PUT'))).toEqual(['PUT blue']);
  });

  it('throws the error itself when only one deployment was to change', async () => {
    const { service, standIn } = await openLoans({
      deployments: {
        blue: {},
        green: { properties: { appInsightsEnabled: true, environmentVariables: { AML_APP_INSIGHTS_ENABLED: 'true' } } },
      },
    });
    standIn.fail({ ...PUT_BLUE, status: 403 });

    await expect(service.update({ enableAppInsights: true })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('shows no value of an environment variable in an error', async () => {
    const { service, standIn } = await openLoans({
      deployments: { blue: { properties: { environmentVariables: { PASSWORD: 'hunter2-secret' } } }, green: {} },
    });
    standIn.fail({
      method: 'GET',
      url: /deployments\/blue\?/,
      after: 1,
      onHit: () => {
        (propertiesOf(standIn, 'blue')['environmentVariables'] as Json)['PASSWORD'] = 'hunter3-secret';
      },
    });

    const error = await service
      .update({ environmentVariables: { TOKEN: 'hunter4-secret' } })
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'UPDATE_INCOMPLETE' });
    expect(shownEverywhere(error) + shownEverywhere((error as UpdateIncompleteError).report)).not.toContain('hunter');
  });
});

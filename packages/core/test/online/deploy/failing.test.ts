import { inspect } from 'node:util';
import type { AzureOperationPlan } from '@azureml-ts/testing';
import { DeploymentFailedError } from '../../../src/errors.ts';
import { failureHint } from '../../../src/online/deploy/failure-hints.ts';
import { rejection } from '../../support/local-services.ts';
import { deployTests } from './support.ts';

const { open, writeProject } = deployTests();
const READY = { polls: 0 };
const failure: AzureOperationPlan = {
  polls: 1,
  outcome: 'Failed',
  error: { code: 'BadRequest', message: 'It went wrong.', details: [{ code: 'ResourceNotReady', message: 'no' }] },
  logs: { InferenceServer: ['init() failed: no weights'], StorageInitializer: ['downloaded'] },
};

describe('a deployment that fails', () => {
  it('is deleted when it is new, after its logs were read; the traffic stays', async () => {
    const place = await open();
    place.standIn.planOperations(READY, failure, READY);
    const steps: string[] = [];
    const error = await rejection(place.deploy({ wait: true, onProgress: ({ phase }) => steps.push(phase) }));

    expect(error).toBeInstanceOf(DeploymentFailedError);
    expect(error).toMatchObject({
      reason: 'BadRequest',
      logs: ['init() failed: no weights', 'downloaded'],
      details: { rolledBack: 'deployment "default", which was new, was deleted' },
    });
    expect(String(error)).toContain('init() of the script failed');
    expect(String(error)).toContain('Roll-back: deployment "default", which was new, was deleted.');
    expect(place.writes().slice(-3)).toEqual([
      'POST onlineEndpoints/loans/deployments/default/getLogs',
      'POST onlineEndpoints/loans/deployments/default/getLogs',
      'DELETE onlineEndpoints/loans/deployments/default',
    ]);
    expect(place.standIn.deployment('loans', 'default')).toBeUndefined();
    expect(steps.filter((phase) => phase !== 'running')).toEqual(['failed']);
  });

  it('stays when rollback is false', async () => {
    const place = await open();
    place.standIn.planOperations(READY, failure, READY);
    const error = await rejection(place.deploy({ wait: true, rollback: false }));
    expect(error).toMatchObject({ code: 'DEPLOYMENT_FAILED', logs: expect.arrayContaining(['downloaded']) });
    expect((error as DeploymentFailedError).details).not.toHaveProperty('rolledBack');
    expect(place.writes().some((write) => write.startsWith('DELETE'))).toBe(false);
    expect(place.standIn.deployment('loans', 'default')).toBeDefined();
  });

  it('has its former settings again when it replaced another one, fields included that are not known here', async () => {
    const place = await open({ isChecked: false });
    await place.deploy({ wait: true, config: { environmentVariables: { KEY: 'first-secret-value' } } });
    const deployment = place.standIn.deployment('loans', 'default');
    Object.assign(deployment?.resource['properties'] as object, { brandNew: { deep: [1] } });
    const before = structuredClone(deployment?.resource['properties']);
    const traffic = structuredClone(place.standIn.endpoint('loans')?.resource['properties']);
    place.standIn.planOperations(failure, READY);
    await writeProject({ 'score.mjs': 'throw 1' });
    const error = await rejection(place.deploy({ wait: true, overwrite: true }));
    expect(error).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      details: { rolledBack: 'deployment "default" has its former settings again' },
    });
    expect(deployment?.resource['properties']).toEqual(before);
    expect(place.standIn.endpoint('loans')?.resource['properties']).toEqual(traffic);
  });

  it('says so when taking it back fails too', async () => {
    const place = await open();
    place.standIn.planOperations(READY, failure, { outcome: 'Failed' });
    const error = await rejection(place.deploy({ wait: true }));
    expect(error).toMatchObject({
      reason: 'BadRequest',
      details: { rolledBack: expect.stringContaining('could not be taken back') },
    });
    expect(String(error)).toContain('Roll-back: deployment "default" could not be taken back: ');
    expect(String(error)).not.toMatch(/\.\./);
  });

  it('is taken back by the wait that a caller does later', async () => {
    const place = await open();
    place.standIn.planOperations(READY, failure, READY);
    const service = await place.deploy();
    const error = await rejection(service.waitForDeployment({ showOutput: false }));
    expect(error).toMatchObject({ code: 'DEPLOYMENT_FAILED', reason: 'BadRequest' });
    expect(place.standIn.deployment('loans', 'default')).toBeUndefined();
    place.standIn.planOperations(READY);
    expect((await place.deploy({ wait: true })).state).toBe('Healthy');
  });

  it('is told as deleted when somebody deletes it meanwhile', async () => {
    const place = await open();
    place.standIn.planOperations(READY, { polls: Number.POSITIVE_INFINITY });
    const service = await place.deploy();
    place.standIn.fail({ url: 'mfeOperationsStatus', status: 404, times: Number.POSITIVE_INFINITY });
    const deployments = place.standIn.endpoint('loans')?.deployments as Map<string, unknown> | undefined;
    deployments?.delete('default');
    expect(await rejection(service.waitForDeployment({ showOutput: false }))).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      reason: 'WEBSERVICE_DELETED',
    });
  });

  it('deletes an endpoint that could not be made', async () => {
    const place = await open();
    place.standIn.planOperations(
      { outcome: 'Failed', error: { code: 'QuotaExceeded', message: 'Too many endpoints.' } },
      READY,
    );
    const error = await rejection(place.deploy({ wait: true }));
    expect(error).toMatchObject({ code: 'DEPLOYMENT_FAILED', reason: 'QuotaExceeded' });
    expect(String(error)).toContain('Free quota');
    expect(place.standIn.endpoint('loans')).toBeUndefined();
  });

  it('tells its cause too when the endpoint cannot be deleted', async () => {
    const place = await open();
    place.standIn.planOperations({ outcome: 'Failed', error: { code: 'QuotaExceeded', message: 'Too many.' } });
    const body = { error: { code: 'AuthorizationFailed', message: 'No deletions.' } };
    place.standIn.fail({ method: 'DELETE', url: 'onlineEndpoints/loans', status: 403, body });
    const error = await rejection(place.deploy({ wait: true }));
    expect(error).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      reason: 'QuotaExceeded',
      message: expect.stringContaining('Free quota'),
      details: { rolledBack: expect.stringContaining('No deletions.') },
    });
  });

  it('shows no variable, whoever says it: the service, the log, or the roll-back', async () => {
    const place = await open();
    const secret = 'a-very-secret-value-of-a-variable';
    place.standIn.planOperations(READY, {
      outcome: 'Failed',
      error: { code: 'X', message: `not with ${secret}` },
      logs: { InferenceServer: [`TOKEN=${secret}`] },
    });
    const error = await rejection(
      place.deploy({ wait: true, config: { environmentVariables: { TOKEN: secret, LEVEL: 'TOKEN' } } }),
    );
    expect(error).toMatchObject({ logs: ['TOKEN=[redacted]'], reason: 'X' });
    expect(error.message).toContain('could not be taken back');
    const texts = [String(error), String(error.stack), inspect(error, { depth: 9 }), JSON.stringify(error)];
    expect(texts.filter((text) => text.includes(secret))).toEqual([]);
  });
});

describe('the traffic of a deployment', () => {
  it('is set once another change of the endpoint is done', async () => {
    const place = await open();
    const url = /onlineEndpoints\/loans\?/;
    const body = { error: { code: 'Conflict', message: 'Another change goes on.' } };
    place.standIn.fail({ method: 'PUT', url, after: 1, times: 1, status: 409, body });
    expect((await place.deploy({ wait: true })).traffic).toEqual({ default: 100 });
  });
});

describe('a request that is refused', () => {
  it.each([
    [
      'the name is taken',
      'onlineEndpoints/loans',
      400,
      'UserError',
      'The name loans is already taken.',
      'another name',
    ],
    ['quota is exceeded', 'deployments/default', 400, 'OutOfQuota', 'Not enough quota.', 'Free quota'],
    ['a role is missing', 'onlineEndpoints/loans', 403, 'AuthorizationFailed', 'No.', 'AzureML Data Scientist'],
  ])('tells what to do when %s', async (_, url, status, code, message, hint) => {
    const place = await open();
    place.standIn.fail({ method: 'PUT', url, status, body: { error: { code, message } } });
    const error = await rejection(place.deploy({ wait: true }));
    expect(error).toMatchObject({ statusCode: status, message: expect.stringContaining(hint) });
    expect(String(error)).toContain(message);
  });

  it('tells which role the storage account wants', async () => {
    const place = await open();
    const body = '<Error><Code>AuthorizationPermissionMismatch</Code></Error>';
    place.standIn.fail({ method: 'PUT', url: '.blob.', status: 403, body, times: Number.POSITIVE_INFINITY });
    const error = await rejection(place.deploy({ wait: true }));
    expect(error).toMatchObject({ code: 'STORAGE_PERMISSION_DENIED' });
    expect(String(error)).toContain('Storage Blob Data Contributor');
    expect(place.writes().filter((write) => !write.startsWith('HEAD'))).toEqual([]);
  });

  it.each([
    ['ImageBuildFailure', 'x', 'build log'],
    ['BadRequest', 'The image build for the environment failed.', 'build log'],
    ['ErrImagePull', 'x', 'AcrPull'],
    ['DeploymentCrashLoopBackOff', 'x', 'init() of the script failed'],
    ['ScoringFeUnhealthy', 'x', 'did not answer its probes'],
    ['BadRequest', 'The liveness probe failed.', 'did not answer its probes'],
    ['OutOfCapacity', 'x', 'no machines'],
    ['BadRequest', 'Container was OOMKilled', 'more memory'],
  ])('knows the cause of %s (%s)', (code, message, hint) => {
    expect(failureHint({ code, message })).toContain(hint);
  });

  it('invents no cause', () => {
    expect(failureHint({ code: 'Strange', message: 'Something.' })).toBeUndefined();
    expect(failureHint(undefined)).toBeUndefined();
  });
});

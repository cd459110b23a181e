import { OnlineEndpoint } from '../../src/online/online-endpoint.ts';
import { formatUpdateReport } from '../../src/webservice/format-report.ts';
import { everythingIn } from '../support/everything-in.ts';
import { rejection } from '../support/local-services.ts';
import { workspaceOn } from '../support/stand-in.ts';
import { openLoans } from './support.ts';

describe('values that nobody must see', () => {
  it.each([
    ['null', null],
    ['not there', undefined],
    ['a list of texts', ['hunter-old']],
    ['a text', 'hunter-old'],
  ])('are masked, each variable by itself, where environmentVariables was %s', async (_, environmentVariables) => {
    const { service } = await openLoans({
      deployments: { blue: { properties: { environmentVariables } } },
      isChecked: false,
    });
    const report = await service.update(
      { environmentVariables: { DB_PASS: 'hunter2hunter2', X: 'hunter-topsecret' }, enableAppInsights: true },
      { dryRun: true },
    );

    expect(`${everythingIn(report)}${formatUpdateReport(report)}`).not.toContain('hunter');
    const isEmpty = environmentVariables === null || environmentVariables === undefined;
    const paths = report.parts[0]?.changes.map(({ path }) => path.replace('/properties/', ''));
    expect(paths?.toSorted()).toEqual(
      isEmpty
        ? [
            'appInsightsEnabled',
            'environmentVariables/AML_APP_INSIGHTS_ENABLED',
            'environmentVariables/DB_PASS',
            'environmentVariables/X',
          ]
        : ['appInsightsEnabled', 'environmentVariables'],
    );
  });

  it('are masked when a variable is something else than a text', async () => {
    const environmentVariables = { LIST: ['hunter1'], NESTED: { a: 'hunter2', b: ['hunter3'] }, PIN: 424242 };
    const { service } = await openLoans({
      deployments: { blue: { properties: { environmentVariables } } },
      isChecked: false,
    });
    const report = await service.update(
      { environmentVariables: { LIST: 'hunter4', NESTED: null, PIN: 'hunter5' } },
      { dryRun: true },
    );

    expect(everythingIn(report)).not.toMatch(/hunter|424242/);
    expect(report.parts[0]?.changes).toHaveLength(4);
  });

  it('are masked when the service quotes those of an update, in its answer or when the operation fails', async () => {
    const { service, standIn } = await openLoans({
      deployments: { blue: { properties: { environmentVariables: { OLD: 'correct-horse', ON: 'true', S: 'abc' } } } },
    });
    const message = 'OLD=correct-horse NEW="battery\\staple" ON=true S=abc is not valid';
    standIn.fail({ method: 'PUT', status: 400, body: { error: { code: 'BadArgument', message, details: [message] } } });
    const settings = { environmentVariables: { NEW: '"battery\\staple"' } };

    const refused = await rejection(service.update(settings));
    expect(refused).toMatchObject({ code: 'REQUEST_REFUSED', message: expect.stringContaining('S=abc is not valid') });
    expect(everythingIn(refused)).not.toMatch(/horse|staple/);

    standIn.planOperations({ outcome: 'Failed', error: { code: 'Bad', message, details: [{ message }] } });
    const failed = await rejection(service.update(settings, { wait: true }));
    expect(failed).toMatchObject({ code: 'DEPLOYMENT_FAILED' });
    expect(everythingIn(failed)).not.toMatch(/horse|staple/);
  });

  it('are masked when the service quotes a key that it refuses', async () => {
    const { service, standIn } = await openLoans();
    const message = "The value 'my-own-key-0123' is too short.";
    standIn.fail({ method: 'POST', url: /regenerateKeys/, status: 400, body: { error: { code: 'Bad', message } } });
    const refused = await rejection(service.regenerateKey('primary', { keyValue: 'my-own-key-0123' }));
    expect(refused.message).toContain("The value '[redacted]' is too short.");
    expect(everythingIn(refused)).not.toContain('my-own-key');

    standIn.planOperations({ outcome: 'Failed', error: { code: 'Bad', message } });
    const failed = await rejection(service.regenerateKey('primary', { keyValue: 'my-own-key-0123' }));
    expect(failed).toMatchObject({ code: 'DEPLOYMENT_FAILED' });
    expect(everythingIn(failed)).not.toContain('my-own-key');
  });

  it.each([
    ['getKeys', /listKeys/, '{"primaryKey":"SECRET-123456","secondaryKey":"SECRET-123456"'],
    ['getLogs', /getLogs/, '{"content":"key=SECRET-123456 and tok'],
  ] as const)('stay hidden when the answer to %s is cut off', async (method, url, body) => {
    const { service, standIn } = await openLoans();
    standIn.fail({ method: 'POST', url, status: 200, body, headers: { 'content-type': 'application/json' } });
    const error = await rejection(service[method]());

    expect(error).toMatchObject({ code: 'INVALID_ANSWER' });
    expect(everythingIn(error)).not.toContain('SECRET');
  });

  it('stay hidden when the credential’s error holds its whole request', async () => {
    const { standIn } = await openLoans({ endpoint: { properties: { authMode: 'AADToken' } } });
    const thrown = Object.assign(new Error('The tenant is unknown.'), {
      code: 'unknown_tenant',
      request: { body: 'client_secret=hunter2' },
    });
    let isSealed = false;
    const credential = {
      getToken: (scopes: string | string[]) =>
        isSealed ? Promise.reject(thrown) : standIn.credential.getToken(scopes as string[]),
    };
    const service = await OnlineEndpoint.get(workspaceOn(standIn, { credential }), 'loans');
    isSealed = true;
    const error = await rejection(service.getToken());

    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', cause: { code: 'unknown_tenant' } });
    expect(error.message).toContain('The tenant is unknown.');
    expect(everythingIn(error)).not.toContain('hunter');
  });

  it('stay hidden when the keys of the workspace storage come cut off', async () => {
    const { workspace, standIn } = await openLoans();
    const body = '{"secretsType":"AccountKey","key":"STORAGEKEY123=="';
    const fault = { method: 'POST', url: /listSecrets/, body, headers: { 'content-type': 'application/json' } };
    for (const status of [200, 500]) {
      standIn.fail({ ...fault, status, times: 4 });
      expect(everythingIn(await rejection(workspace.getDefaultStorage({ useKeys: true })))).not.toContain('STORAGEKEY');
      standIn.clearFaults();
    }
  });
});

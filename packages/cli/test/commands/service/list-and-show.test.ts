import type { AzureStandIn } from '@azureml-ts/testing';
import { run, runJson, startLoans } from './service-commands.ts';

let standIn: AzureStandIn;

beforeEach(async () => {
  standIn = await startLoans();
});
afterEach(() => standIn.close());

describe('azureml-ts service list', () => {
  it('lists the services of all planes', async () => {
    const { code, out, error } = await run(standIn, ['list']);
    expect([code, error]).toEqual([0, '']);
    expect(out).toMatch(/^name +kind +state +scoringUri\n/);
    expect(out).toMatch(/^loans +OnlineEndpoint +Healthy +https:\/\/loans\.westus\.inference\.ml\.azure\.com\/score$/m);
    expect(out).toMatch(/^old-loans +AksWebservice +Healthy +http/m);
  });

  it('narrows by kind and tag, as JSON with a schema version', async () => {
    standIn.addEndpoint('other', { tags: { team: 'sales' } });
    const { code, document } = await runJson(standIn, ['list', '--kind', 'OnlineEndpoint', '--tag', 'team=risk']);
    expect(code).toBe(0);
    expect(document).toMatchObject({ schemaVersion: 1, rows: [{ name: 'loans', kind: 'OnlineEndpoint' }] });
    expect(document.rows).toHaveLength(1);
  });

  it('says on standard error that there is none', async () => {
    const { code, document, error } = await runJson(standIn, ['list', '--tag', 'nobody']);
    expect([code, document]).toEqual([0, { schemaVersion: 1, rows: [] }]);
    expect(error).toContain('no such services in the workspace ws1');
  });

  it('keeps the services of the planes that could be listed when one fails', async () => {
    standIn.fail({ url: /\/services\?/, status: 503, times: Number.POSITIVE_INFINITY });
    const table = await run(standIn, ['list']);
    expect(table).toMatchObject({ code: 5, error: expect.stringMatching(/^azureml-ts: .*\[SERVICE_FAILED\]\n$/) });
    expect(table.out).toMatch(/^loans +OnlineEndpoint +Healthy/m);
    const { code, document } = await runJson(standIn, ['list']);
    expect(code).toBe(5);
    expect(document).toMatchObject({
      schemaVersion: 1,
      rows: [{ name: 'loans' }],
      error: { code: 'SERVICE_FAILED', statusCode: 503, requestId: expect.any(String) },
    });
    expect(table.error).toMatch(/\(request id [-\w]+\) \[/);
  });

  it('is refused an unknown kind', async () => {
    expect(await run(standIn, ['list', '--kind', 'Nonsense'])).toMatchObject({
      code: 2,
      error: expect.stringContaining('Allowed choices are OnlineEndpoint'),
    });
  });
});

describe('environment variables of a classic service', () => {
  it('are masked wherever it is shown', async () => {
    const environment = { environmentVariables: { PASS: 'hunter2hunter2' } };
    standIn.addService('env', { environmentImageRequest: { environment } });
    for (const argv of [
      ['show', 'env'],
      ['show', 'env', '--output', 'json'],
      ['list', '--output', 'json'],
    ]) {
      const { code, out } = await run(standIn, argv);
      expect(code).toBe(0);
      expect(out).toContain('env');
      expect(out).not.toContain('hunter2');
    }
  });
});

describe('azureml-ts service show', () => {
  it('shows state, settings and addresses', async () => {
    const { code, out } = await run(standIn, ['show', 'loans']);
    expect(code).toBe(0);
    expect(out).toMatch(/^kind +OnlineEndpoint$/m);
    expect(out).toMatch(/^deployments\[0\]\.name +blue$/m);
    expect(out).toMatch(/^links\.studio +https:\/\/ml\.azure\.com\//m);
    const { document } = await runJson(standIn, ['show', 'old-loans']);
    expect(document).toMatchObject({ schemaVersion: 1, service: { name: 'old-loans', kind: 'AksWebservice' } });
  });

  it.each([
    [['show', 'nobody'], 4, 'WEBSERVICE_NOT_FOUND'],
    [['show', 'both'], 2, 'AMBIGUOUS_NAME'],
    [['show', 'both', '--kind', 'AksWebservice'], 0, undefined],
  ])('%j ends with %d', async (argv, code, errorCode) => {
    standIn.addEndpoint('both');
    standIn.addService('both');
    const result = await run(standIn, argv);
    expect(result.code).toBe(code);
    expect(result.error).toMatch(errorCode === undefined ? /^$/ : new RegExp(`^azureml-ts: .*\\[${errorCode}\\]\n$`));
  });

  it.each([
    [401, 3, 'AUTHENTICATION_FAILED'],
    [403, 3, 'PERMISSION_DENIED'],
    [500, 5, 'SERVICE_FAILED'],
  ])('ends on an answer %d with %d', async (status, code, errorCode) => {
    standIn.fail({ status, times: Number.POSITIVE_INFINITY });
    expect(await run(standIn, ['show', 'loans', '--kind', 'OnlineEndpoint'])).toMatchObject({
      code,
      error: expect.stringContaining(`[${errorCode}]`),
    });
  });
});

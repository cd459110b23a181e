import { OnlineEndpoint } from '../../src/online/online-endpoint.ts';
import { rejection } from '../support/local-services.ts';
import { openLoans } from './support.ts';

const HEADERS = { 'content-type': 'application/json' };

describe('answers that Azure does not give', () => {
  it.each([
    ['{}', {}],
    ['null', 'null'],
    ['nothing', ''],
    ['one without a name', { properties: {} }],
    ['one with a number for a name', { name: 5, properties: {} }],
    ['one without properties', { name: 'blue', location: 'westus' }],
    ['one with a list for properties', { name: 'blue', properties: [] }],
    ['one that is nested too deeply', `{"name":"blue","properties":{"a":${'['.repeat(9_000)}${']'.repeat(9_000)}}}`],
  ])('for a deployment (%s) are never written back', async (_, body) => {
    const { service, standIn, writes } = await openLoans();
    for (const after of [0, 1]) {
      standIn.fail({ method: 'GET', url: /deployments\/blue/, after, status: 200, body, headers: HEADERS, times: 9 });

      const settings = { enableAppInsights: true };
      expect(await rejection(service.update(settings, { deploymentName: 'blue' }))).toMatchObject({
        code: 'INVALID_ANSWER',
      });
      standIn.clearFaults();
    }
    expect(writes()).toEqual([]);
  });

  it.each([
    ['{}', {}],
    ['one without properties', { name: 'loans' }],
  ])('for an endpoint (%s) are no endpoint', async (_, body) => {
    const { standIn, workspace } = await openLoans();
    standIn.fail({ method: 'GET', url: /onlineEndpoints\/loans\?/, status: 200, body });
    expect(await rejection(OnlineEndpoint.get(workspace, 'loans'))).toMatchObject({ code: 'INVALID_ANSWER' });

    standIn.fail({ method: 'GET', url: /onlineEndpoints\?/, status: 200, body: { value: [body] } });
    expect(await rejection(OnlineEndpoint.list(workspace).next())).toMatchObject({ code: 'INVALID_ANSWER' });
  });

  it('for logs are refused unless they are a text', async () => {
    const { service, standIn } = await openLoans();
    for (const content of [5, { a: 1 }, ['line'], true]) {
      standIn.fail({ url: 'getLogs', status: 200, body: { content } });
      expect(await rejection(service.getLogs())).toMatchObject({ code: 'INVALID_ANSWER' });
    }
    for (const body of [{ content: null }, {}]) {
      standIn.fail({ url: 'getLogs', status: 200, body });
      expect(await service.getLogs()).toBe('');
    }
  });

  it('for keys are refused unless they are texts', async () => {
    const { service, standIn } = await openLoans();
    standIn.fail({ url: 'listKeys', status: 200, body: { primaryKey: 5, secondaryKey: { a: 1 } } });

    expect(await rejection(service.getKeys())).toMatchObject({ code: 'INVALID_ANSWER' });
  });

  it.each([
    ['http://[', 'INVALID_ANSWER'],
    ['not an address', 'INVALID_ANSWER'],
    ['https://evil.example.com/x?y', 'FOREIGN_HOST'],
  ])('with the status link %s are told once, with the deployment, and not waited for again', async (link, code) => {
    const { service, standIn } = await openLoans({ deployments: { blue: {}, green: {} }, isChecked: false });
    const fault = {
      method: 'PUT',
      url: /deployments\/blue/,
      status: 201,
      body: standIn.deployment('loans', 'blue')?.resource,
      headers: { ...HEADERS, 'azure-asyncoperation': link },
    };
    standIn.fail(fault);
    expect(await rejection(service.update({ enableAppInsights: true }, { wait: true }))).toMatchObject({
      code: 'UPDATE_INCOMPLETE',
      report: { parts: [{ deploymentName: 'blue', outcome: 'failed', error: { code } }, { outcome: 'planned' }] },
    });
    await service.waitForDeployment();

    standIn.fail(fault);
    await service.update({ enableAppInsights: true }, { deploymentName: 'blue' });
    expect(await rejection(service.waitForDeployment())).toMatchObject({ code });
    await service.waitForDeployment();
    expect(standIn.exchanges().every(({ url }) => new URL(url).host === 'management.azure.com')).toBe(true);
  });

  it('404 to an update, because the endpoint is gone, make its state Deleted', async () => {
    const { service, standIn } = await openLoans({ isChecked: false });
    standIn.fail({ url: /onlineEndpoints\/loans/, status: 404, times: Number.POSITIVE_INFINITY });
    expect(await rejection(service.update({ enableAppInsights: true }))).toMatchObject({
      code: 'WEBSERVICE_NOT_FOUND',
    });
    expect(service.state).toBe('Deleted');
  });

  it('404 to a write make it Deleted when the endpoint is gone, not when the deployment is', async () => {
    const { service, standIn } = await openLoans({ isChecked: false });
    standIn.fail({ method: 'PUT', url: /blue/, status: 404 });
    expect(await rejection(service.update({ enableAppInsights: true }))).toMatchObject({
      code: 'WEBSERVICE_NOT_FOUND',
    });
    expect(service.state).toBe('Healthy');

    standIn.fail({
      method: 'PUT',
      url: /blue/,
      status: 404,
      onHit: () => standIn.fail({ url: /onlineEndpoints\/loans/, status: 404, times: Number.POSITIVE_INFINITY }),
    });
    await rejection(service.update({ enableAppInsights: true }));
    expect(service.state).toBe('Deleted');
  });
});

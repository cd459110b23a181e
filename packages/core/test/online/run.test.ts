import { OnlineEndpoint } from '../../src/online/online-endpoint.ts';
import { openLoans } from './support.ts';

const called = (url: string) => url.includes('/listKeys?') || url.includes('/token?');

describe('scoring with an online endpoint', () => {
  it('fetches the key once for all calls', async () => {
    const { service, standIn } = await openLoans();

    for (let at = 0; at < 5; at += 1) {
      expect(await service.run({ data: [[at]] })).toEqual({ data: [[at]] });
    }

    expect(standIn.exchanges().filter(({ url }) => called(url))).toHaveLength(1);
    expect(standIn.exchanges()).toHaveLength(6);
  });

  it('fetches it once more when it is refused, and not again when that is refused too', async () => {
    const { service, standIn } = await openLoans();
    await service.run({});
    const other = await OnlineEndpoint.get(service.workspace, 'loans');
    await other.regenerateKey('primary');
    standIn.clearExchanges();

    expect(await service.run({ again: true })).toEqual({ again: true });
    const planes = standIn.exchanges().map(({ plane, answer }) => `${plane} ${answer.status}`);
    expect(planes).toEqual(['scoring 401', 'management 200', 'scoring 200']);

    standIn.clearExchanges();
    standIn.fail({ url: '/score', status: 401, times: 2 });
    await expect(service.run({})).rejects.toMatchObject({ statusCode: 401 });
    expect(standIn.exchanges()).toHaveLength(3);
  });

  it.each(['AMLToken', 'AADToken'])('takes a token with authMode %s, once', async (authMode) => {
    const { service, standIn } = await openLoans({ endpoint: { properties: { authMode } } });

    await service.run({ a: 1 });
    await service.run({ a: 2 });

    const scoring = standIn.exchanges().filter(({ plane }) => plane === 'scoring');
    expect(scoring.map(({ answer }) => answer.status)).toEqual([200, 200]);
    expect(standIn.exchanges().filter(({ url }) => called(url))).toHaveLength(authMode === 'AMLToken' ? 1 : 0);
    expect(standIn.tokenRequests.filter((scope) => scope.includes('ml.azure.com'))).toHaveLength(
      authMode === 'AADToken' ? 1 : 0,
    );
  });

  it('names a deployment on the request that asks for it and on no other, of this or another endpoint', async () => {
    const { service, standIn } = await openLoans({ deployments: { blue: {}, green: {} } });
    standIn.addEndpoint('other', { properties: { traffic: { only: 100 } } });
    standIn.addDeployment('other', 'only');
    const other = await OnlineEndpoint.get(service.workspace, 'other');
    const headers = { 'x-mine': '1' };

    await service.run({}, { deploymentName: 'green', headers });
    await other.run({});
    await service.run({}, { headers });

    const seen = standIn.exchanges().filter(({ plane }) => plane === 'scoring');
    expect(seen.map((exchange) => exchange.headers['azureml-model-deployment'])).toEqual([
      'green',
      undefined,
      undefined,
    ]);
    expect(seen.map(({ answer }) => answer.headers['azureml-model-deployment'])).toEqual(['green', 'only', 'blue']);
    expect(seen.map((exchange) => exchange.headers['x-mine'])).toEqual(['1', undefined, '1']);
    expect(headers).toEqual({ 'x-mine': '1' });
  });

  it('refuses what cannot be the name of a deployment', async () => {
    const { service, standIn } = await openLoans();

    await expect(service.run({}, { deploymentName: 'a\r\nb' })).rejects.toMatchObject({
      code: 'VALIDATION',
      path: 'deploymentName',
    });
    expect(standIn.exchanges()).toEqual([]);
  });

  it('says that an endpoint without an address is not there yet', async () => {
    const { service, standIn } = await openLoans({ isChecked: false });
    const properties = standIn.endpoint('loans')?.resource['properties'] as Record<string, unknown>;
    Object.assign(properties, { scoringUri: null, provisioningState: 'Creating' });
    await service.refresh();

    await expect(service.run({})).rejects.toMatchObject({
      code: 'WEBSERVICE_UNREACHABLE',
      message: expect.stringContaining('waitForDeployment()'),
    });
  });
});

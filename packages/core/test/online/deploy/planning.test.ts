import { Model } from '../../../src/model/model.ts';
import { rejection } from '../../support/local-services.ts';
import { type DeployCall, type DeployPlace, deployTests } from './support.ts';

const { open, folder, writeProject, optionsOf } = deployTests();

/** What was sent, as a plan tells it. */
function sent({ standIn }: DeployPlace) {
  return standIn
    .exchanges()
    .filter(({ plane, method }) => plane === 'management' && method === 'PUT')
    .map(({ method, url, body }) => ({ method, url, body }));
}

describe('planning a deployment', () => {
  const cases: [string, DeployCall, DeployCall | undefined][] = [
    ['of everything', {}, undefined],
    ['of a further deployment', { deploymentName: 'green', config: { trafficPercentile: 20 } }, {}],
    ['that replaces', { overwrite: true, config: { enableAppInsights: true } }, { config: { instanceCount: 2 } }],
    ['of traffic alone', { config: { trafficPercentile: 0 } }, {}],
    ['of nothing', {}, {}],
  ];
  it.each(cases)('tells exactly what a deployment %s then sends', async (_, call, before) => {
    const place = await open();
    await writeProject({ 'net/w.bin': 'weights' });
    if (before !== undefined) {
      await place.deploy({ wait: true, ...before });
    }
    const models = [new Model({ name: 'net', version: '2', path: `${folder()}/net` })];
    const whole = before === undefined ? { ...call, models } : call;
    place.standIn.clearExchanges();
    const plan = await place.plan(whole);
    expect(place.standIn.exchanges().filter(({ method }) => method !== 'GET')).toEqual([]);

    const blobs = new Set(await place.blobs());
    await place.deploy({ wait: true, ...whole });
    const requests = sent(place);
    expect(plan.requests.map(({ method, url }) => ({ method, url }))).toEqual(
      requests.map(({ method, url }) => ({ method, url })),
    );
    for (const [at, { what, body }] of plan.requests.entries()) {
      // An endpoint that is made new has then also what the service filled in.
      const isPartOnly = what === 'Setting the traffic' && before === undefined;
      expect(requests[at]?.body).toMatchObject(body as object);
      expect(isPartOnly ? {} : requests[at]?.body).toEqual(isPartOnly ? {} : body);
    }
    const added = (await place.blobs()).filter((name) => !blobs.has(name));
    const planned = plan.uploads.flatMap(({ url, files }) =>
      files.map(({ path }) => `${new URL(url).pathname.split('/').slice(2).join('/')}/${path}`),
    );
    // What is there already is planned, and then skipped.
    expect(planned.filter((name) => !blobs.has(name)).sort()).toEqual(added.sort());
    expect(plan.uploads.every(({ files, bytes }) => bytes === files.reduce((sum, { size }) => sum + size, 0))).toBe(
      true,
    );
  });

  it('hides keys, variables and connection strings', async () => {
    const place = await open();
    const secret = 'a-very-secret-value';
    const plan = await place.plan({
      config: {
        primaryKey: secret,
        environmentVariables: { TOKEN: secret },
        appInsightsConnectionString: `InstrumentationKey=${secret}`,
      },
    });
    expect(JSON.stringify(plan)).not.toContain(secret);
    expect(JSON.stringify(plan)).toContain('"TOKEN":"');
    expect(JSON.stringify(plan)).toContain('"SERVICE_NAME":"loans"');
  });

  it('refuses what the deployment would refuse, and kinds of services that are not known', async () => {
    const place = await open();
    await place.deploy({ wait: true });
    expect(await rejection(place.plan({ config: { instanceCount: 2 } }))).toMatchObject({ code: 'WEBSERVICE_EXISTS' });
    expect(await rejection(place.plan({ name: 'x' }))).toMatchObject({ code: 'DEPLOYMENT_CONFIGURATION_INVALID' });
    const other = { ...optionsOf(), deploymentConfig: { kind: 'OtherWebservice' } } as never;
    expect(await rejection(Model.planDeployment(place.workspace, other))).toMatchObject({
      code: 'DEPLOYMENT_CONFIGURATION_INVALID',
    });
    expect(await rejection(Model.planDeployment(place.workspace, undefined as never))).toMatchObject({
      code: 'VALIDATION',
    });
  });
});

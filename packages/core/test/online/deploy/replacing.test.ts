import type { OnlineDeploymentState } from '@azureml-ts/testing';
import { rejection } from '../../support/local-services.ts';
import { deployTests } from './support.ts';

const { open } = deployTests();

describe('a deployment that is there already', () => {
  it('is not replaced without overwrite; the error names what differs, and hides what may be secret', async () => {
    const place = await open();
    await place.deploy({ wait: true, config: { environmentVariables: { TOKEN: 'one-secret-value' } } });
    place.standIn.clearExchanges();
    const error = await rejection(
      place.deploy({ config: { environmentVariables: { TOKEN: 'another-secret-value' }, instanceCount: 2 } }),
    );
    expect(error).toMatchObject({
      code: 'WEBSERVICE_EXISTS',
      details: {
        differences: [
          { path: '/sku/capacity', from: 1, to: 2 },
          { path: '/properties/environmentVariables/TOKEN', from: '[redacted]', to: '[redacted]' },
        ],
      },
    });
    expect(String(error)).toContain('overwrite: true');
    expect(JSON.stringify(error)).not.toContain('secret-value');
    expect(place.writes()).toEqual([]);
  });

  it('is replaced with overwrite, whole: settings and variables that are left out are gone', async () => {
    const place = await open();
    const before = {
      enableAppInsights: true,
      collectModelData: { collections: { a: {}, b: { samplingRate: 0.5 } } },
      environmentVariables: { A: '1', B: '2' },
      tags: { x: '1' },
      requestSettings: { maxConcurrentRequestsPerInstance: 3 },
      instanceCount: 3,
      properties: { kept: 'always' },
    };
    await place.deploy({ wait: true, config: before });
    place.standIn.clearExchanges();
    const next = { collectModelData: { collections: { a: {} } }, environmentVariables: { A: '1' } };
    await place.deploy({ wait: true, overwrite: true, config: next });
    expect(place.writes()).toEqual(['PUT onlineEndpoints/loans/deployments/default']);
    const resource = place.standIn.deployment('loans', 'default')?.resource as Record<string, never>;
    expect(resource).toMatchObject({ tags: {}, sku: { capacity: 3 } });
    expect(resource['properties']).toMatchObject({
      appInsightsEnabled: false,
      requestSettings: { maxConcurrentRequestsPerInstance: 8 },
      properties: { kept: 'always' },
    });
    const { environmentVariables, dataCollector } = resource['properties'] as unknown as Record<string, object>;
    expect(environmentVariables).toMatchObject({ A: '1', AML_MODEL_DC_STORAGE_ENABLED: 'true' });
    expect(environmentVariables).not.toHaveProperty('B');
    expect(environmentVariables).not.toHaveProperty('AML_APP_INSIGHTS_ENABLED');
    expect(Object.keys((dataCollector as { collections: object }).collections)).toEqual(['a']);
    place.standIn.clearExchanges();
    await place.deploy({ wait: true, config: next });
    expect(place.writes()).toEqual([]);
  });

  it('is the same when the service writes durations, ids and absent maps in other words', async () => {
    const place = await open();
    await place.deploy({ wait: true });
    const { resource } = place.standIn.deployment('loans', 'default') as OnlineDeploymentState;
    const properties = resource['properties'] as Record<string, unknown>;
    const requests = properties['requestSettings'] as Record<string, unknown>;
    requests['requestTimeout'] = 'PT1M';
    Object.assign(properties, {
      environmentId: String(properties['environmentId']).toUpperCase(),
      dataCollector: null,
    });
    place.standIn.clearExchanges();
    await place.deploy({ wait: true });
    expect(place.writes()).toEqual([]);
  });

  it('cannot get another instance type: another deployment can', async () => {
    const place = await open();
    await place.deploy({ wait: true });
    const config = { instanceType: 'Standard_F4s_v2' };
    const error = await rejection(place.deploy({ overwrite: true, config }));
    expect(error).toMatchObject({ code: 'WEBSERVICE_EXISTS' });
    expect(String(error)).toContain('another deploymentName');
    const service = await place.deploy({ wait: true, deploymentName: 'green', config });
    expect((await service.deployments()).map(({ name }) => name)).toEqual(['default', 'green']);
    expect(service.traffic).toEqual({ default: 100 });
  });

  it('is waited for when it is being made, and made again when that failed', async () => {
    const place = await open();
    place.standIn.planOperations({ polls: 0 }, { polls: 12 }, { polls: 0 });
    await place.deploy();
    place.standIn.clearExchanges();
    const states: unknown[] = [];
    const stateOf = () => place.standIn.deployment('loans', 'default')?.resource['properties'];
    place.standIn.fail({ method: 'PUT', onHit: () => states.push(stateOf()) });
    await place.deploy({ wait: true });
    expect(states).toEqual([expect.objectContaining({ provisioningState: 'Succeeded' })]);
    expect(place.writes()).toEqual(['PUT onlineEndpoints/loans']);

    const failing = await open();
    failing.standIn.planOperations({ polls: 0 }, { polls: 1, outcome: 'Failed' }, { polls: 0 });
    await failing.deploy();
    failing.standIn.clearExchanges();
    const service = await failing.deploy({ wait: true });
    expect(failing.writes()).toEqual(['PUT onlineEndpoints/loans/deployments/default', 'PUT onlineEndpoints/loans']);
    expect(service.state).toBe('Healthy');
  });
});

describe('the traffic of a deployment', () => {
  it('stays for a further deployment, and the shares of the others are scaled when one is asked for', async () => {
    const place = await open();
    const blue = { wait: true, deploymentName: 'blue' };
    await place.deploy(blue);
    await place.deploy({ wait: true, deploymentName: 'green' });
    expect((await place.deploy(blue)).traffic).toEqual({ blue: 100 });
    const service = await place.deploy({ wait: true, deploymentName: 'green', config: { trafficPercentile: 30 } });
    expect(service.traffic).toEqual({ blue: 70, green: 30 });
    const third = await place.deploy({ wait: true, deploymentName: 'red', config: { trafficPercentile: 11 } });
    expect(third.traffic).toEqual({ blue: 62, green: 27, red: 11 });
    const all = await place.deploy({ wait: true, deploymentName: 'red', traffic: { red: 100 } });
    expect(all.traffic).toEqual({ red: 100 });
  });

  it('is refused before anything is done when it cannot be', async () => {
    const place = await open();
    const half = await rejection(place.deploy({ config: { trafficPercentile: 50 } }));
    expect(half).toMatchObject({ code: 'VALIDATION' });
    const unknown = await rejection(place.deploy({ traffic: { default: 50, blue: 50 } }));
    expect(String(unknown)).toContain('blue');
    expect(place.writes()).toEqual([]);
    expect(await place.blobs()).toEqual([]);
  });

  it('can be none for the first deployment', async () => {
    const place = await open();
    const service = await place.deploy({ wait: true, config: { trafficPercentile: 0 } });
    expect(service.traffic).toEqual({});
  });

  it('keeps fields of the endpoint that are not known here', async () => {
    const place = await open({ isChecked: false });
    place.standIn.addEndpoint('loans', { tags: { own: 'x' }, properties: { mirrorTraffic: {}, brandNew: 1 } });
    await place.deploy({ wait: true });
    expect(place.standIn.endpoint('loans')?.resource).toMatchObject({
      tags: { own: 'x' },
      properties: { brandNew: 1, traffic: { default: 100 } },
    });
  });
});

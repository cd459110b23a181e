import { type Json, openLoans } from './support.ts';

describe('traffic of an online endpoint', () => {
  it('is read from the service', async () => {
    const { service, standIn } = await openLoans();
    (standIn.endpoint('loans')?.resource['properties'] as Json)['traffic'] = { blue: 0 };

    expect(await service.getTraffic()).toEqual({ blue: 0 });
    expect(service.traffic).toEqual({ blue: 0 });
  });

  it('is set whole, and keeps mirrored traffic and everything else', async () => {
    const { service, puts, writes } = await openLoans({
      endpoint: { tags: { a: '1' }, properties: { mirrorTraffic: { green: 10 }, description: 'Loans' } },
      deployments: { blue: {}, green: {}, red: {} },
    });

    const report = await service.setTraffic({ blue: 90, green: 10 }, { wait: true });

    expect(writes()).toEqual(['PUT loans']);
    expect(puts()['loans']).toEqual({
      location: 'westus',
      tags: { a: '1' },
      kind: 'Managed',
      identity: { type: 'SystemAssigned' },
      properties: {
        authMode: 'Key',
        description: 'Loans',
        properties: {},
        traffic: { blue: 90, green: 10 },
        mirrorTraffic: { green: 10 },
        publicNetworkAccess: 'Enabled',
      },
    });
    expect(report.parts).toEqual([
      {
        deploymentName: undefined,
        isRolling: false,
        outcome: 'completed',
        changes: [
          { path: '/properties/traffic/blue', from: 100, to: 90 },
          { path: '/properties/traffic/green', from: undefined, to: 10 },
        ],
      },
    ]);
    expect(service.traffic).toEqual({ blue: 90, green: 10 });
    expect(service.state).toBe('Healthy');
  });

  it.each([
    [{ blue: 50 }, 'traffic'],
    [{ blue: 60, green: 60 }, 'traffic'],
    [{ blue: 99.5, green: 0.5 }, 'traffic.blue'],
    [{ blue: 110, green: -10 }, 'traffic.blue'],
    [{ blue: '100' }, 'traffic.blue'],
    [null, 'traffic'],
    [[100], 'traffic'],
  ])('of %j is refused before any request', async (traffic, path) => {
    const { service, standIn } = await openLoans();

    const refused = service.setTraffic(traffic as never);

    await expect(refused).rejects.toMatchObject({
      code: 'VALIDATION',
      path: Array.isArray(traffic) ? 'traffic' : path,
    });
    expect(standIn.exchanges()).toEqual([]);
  });

  it('to a deployment that is not there is refused before anything is written', async () => {
    const { service, writes } = await openLoans({ deployments: { blue: {}, green: {} } });

    await expect(service.setTraffic({ blue: 90, gren: 10 })).rejects.toMatchObject({
      code: 'VALIDATION',
      message: expect.stringMatching(/"gren".*blue, green/),
    });
    expect(writes()).toEqual([]);
  });

  it('can be taken off, tried without writing, and is not sent when it is so already', async () => {
    const { service, writes } = await openLoans();

    expect(await service.setTraffic({ blue: 100 })).toMatchObject({ parts: [{ outcome: 'unchanged' }] });
    expect(await service.setTraffic({ blue: 0 }, { dryRun: true })).toMatchObject({
      parts: [{ outcome: 'planned', changes: [{ path: '/properties/traffic/blue', from: 100, to: 0 }] }],
    });
    expect(writes()).toEqual([]);
    await service.setTraffic({ blue: 0 });
    expect(writes()).toEqual(['PUT loans']);
    await service.waitForDeployment();
    expect(await service.getTraffic()).toEqual({ blue: 0 });
  });

  it('is not sent when somebody else changed the endpoint between reading and writing', async () => {
    const { service, standIn, writes } = await openLoans();
    standIn.fail({
      method: 'GET',
      url: /onlineEndpoints\/loans\?/,
      after: 1,
      onHit: () => {
        Object.assign(standIn.endpoint('loans')?.resource ?? {}, { tags: { changed: 'yes' } });
      },
    });

    await expect(service.setTraffic({ blue: 0 })).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { paths: ['/tags/changed'] },
    });
    expect(writes()).toEqual([]);
  });
});

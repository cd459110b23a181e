import { OnlineEndpoint } from '../../src/online/online-endpoint.ts';
import { openTurns } from '../../src/online/write-turns.ts';
import { rejection } from '../support/local-services.ts';
import { type Json, openLoans, propertiesOf } from './support.ts';

/** Answers each PUT at once, so that the next one is not refused for an operation under way. */
const AT_ONCE = { isChecked: false };

describe('updates at the same time', () => {
  it.each(['one object', 'two objects'])('of one deployment lose nothing, with %s', async (kind) => {
    const { service, standIn, workspace } = await openLoans(AT_ONCE);
    standIn.planOperations({ polls: 0 });
    const other = kind === 'one object' ? service : await OnlineEndpoint.get(workspace, 'loans');

    const reports = await Promise.all([
      service.update({ environmentVariables: { A: '1' } }),
      other.update({ environmentVariables: { B: '2' } }),
      service.update({ enableAppInsights: true }),
      other.update({ requestSettings: { requestTimeoutMs: 7_000 } }),
    ]);

    expect(reports.map(({ parts }) => parts[0]?.changes.length)).toEqual([1, 1, 2, 1]);
    expect(propertiesOf(standIn, 'blue')).toMatchObject({
      appInsightsEnabled: true,
      environmentVariables: { A: '1', B: '2', AML_APP_INSIGHTS_ENABLED: 'true' },
      requestSettings: { requestTimeout: 'PT7S' },
    });
    expect(openTurns()).toBe(0);
  });

  it('of which one makes the other needless, the other sends nothing and says so', async () => {
    const { service, standIn, writes } = await openLoans(AT_ONCE);
    standIn.planOperations({ polls: 0 });

    const reports = await Promise.all([
      service.update({ enableAppInsights: true }),
      service.update({ enableAppInsights: true }),
    ]);

    expect(reports.map(({ parts }) => [parts[0]?.outcome, parts[0]?.changes.length])).toEqual([
      ['accepted', 2],
      ['unchanged', 0],
    ]);
    expect(writes()).toEqual(['PUT blue']);
  });

  it('of the endpoint itself keep the traffic of one and the tags of the other', async () => {
    const { service, standIn } = await openLoans({ ...AT_ONCE, deployments: { blue: {}, green: {} } });
    standIn.planOperations({ polls: 0 });

    await Promise.all([service.setTraffic({ green: 100 }), service.update({ tags: { team: 'risk' } })]);

    expect(standIn.endpoint('loans')?.resource).toMatchObject({
      tags: { team: 'risk' },
      properties: { traffic: { green: 100 } },
    });
  });

  it('still tell of a change that came from elsewhere', async () => {
    const { service, standIn, writes } = await openLoans(AT_ONCE);
    standIn.fail({
      method: 'GET',
      url: /deployments\/blue\?/,
      after: 1,
      onHit: () => {
        (propertiesOf(standIn, 'blue')['environmentVariables'] as Json)['FOREIGN'] = '1';
      },
    });

    expect(await rejection(service.update({ environmentVariables: { A: '1' } }))).toMatchObject({ code: 'CONFLICT' });
    expect(writes()).toEqual([]);
    expect(openTurns()).toBe(0);
  });

  it('go on when one that waits for its turn is aborted, which sends nothing', async () => {
    const { service, standIn, writes } = await openLoans(AT_ONCE);
    standIn.planOperations({ polls: 0 });
    const stop = new AbortController();
    standIn.fail({ method: 'PUT', url: /blue/, status: 503, onHit: () => stop.abort(new Error('enough')) });

    const first = service.update({ environmentVariables: { A: '1' } });
    const second = service.update({ environmentVariables: { B: '2' } }, { abortSignal: stop.signal });

    await expect(second).rejects.toThrow('enough');
    await expect(first).resolves.toMatchObject({ parts: [{ outcome: 'accepted' }] });
    await service.update({ environmentVariables: { C: '3' } });
    expect(writes()).toEqual(['PUT blue', 'PUT blue']);
    expect(propertiesOf(standIn, 'blue')['environmentVariables']).toMatchObject({ A: '1', C: '3' });
    expect(propertiesOf(standIn, 'blue')['environmentVariables']).not.toHaveProperty('B');
    expect(openTurns()).toBe(0);
  });
});

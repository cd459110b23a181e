import type { AzureStandIn, OnlineDeploymentState } from '@azureml-ts/testing';
import { mergeLines } from '../../src/online/merge-lines.ts';
import { openLoans } from './support.ts';

const sentFor = ({ body, url }: { body: unknown; url: string }) => [url.split('/').at(-2), body];

/** Gives a deployment these logs. */
function logsOf(standIn: AzureStandIn, deploymentName: string, logs: Record<string, string[]>): OnlineDeploymentState {
  const deployment = standIn.deployment('loans', deploymentName) as OnlineDeploymentState;
  deployment.logs = logs;
  return deployment;
}

describe('logs of an online endpoint', () => {
  it('are the last lines of the inference server, 5,000 at most', async () => {
    const { service, standIn } = await openLoans();
    logsOf(standIn, 'blue', { InferenceServer: ['one', 'two'], StorageInitializer: ['zero'] });

    expect(await service.getLogs()).toBe('one\ntwo\n');
    expect(await service.getLogs({ numLines: 1 })).toBe('two\n');
    expect(await service.getLogs({ container: 'storage-initializer' })).toBe('zero\n');
    expect(await service.getLogs({ numLines: 0 })).toBe('');

    expect(
      standIn
        .exchanges()
        .filter(({ method }) => method === 'POST')
        .map(sentFor),
    ).toEqual([
      ['blue', { containerType: 'InferenceServer', tail: 5000 }],
      ['blue', { containerType: 'InferenceServer', tail: 1 }],
      ['blue', { containerType: 'StorageInitializer', tail: 5000 }],
    ]);
  });

  it('stand under the name of each deployment when there are several, also when one cannot be read', async () => {
    const { service, standIn } = await openLoans({ deployments: { blue: {}, green: {} } });
    logsOf(standIn, 'blue', { InferenceServer: ['b1', 'b2'] });
    logsOf(standIn, 'green', { InferenceServer: ['g1'] });

    expect(await service.getLogs()).toBe('==> blue <==\nb1\nb2\n\n==> green <==\ng1\n');
    expect(await service.getLogs({ deploymentName: 'green' })).toBe('g1\n');
    standIn.fail({ url: 'blue/getLogs', status: 403 });
    expect(await service.getLogs()).toMatch(/^==> blue <==\nThe log could not be read: .*\n\n==> green <==\ng1\n$/);
    standIn.fail({ url: 'getLogs', status: 403, times: 2 });
    await expect(service.getLogs()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('end at once by return(), although a line of each deployment is waited for', async () => {
    const { service } = await openLoans({ deployments: { blue: {}, green: {} } });
    const lines = service.followLogs({ intervalMs: 1e8, numLines: 0 });
    const asked = lines.next();
    expect(await lines.return(undefined)).toEqual({ done: true, value: undefined });
    expect(await asked).toEqual({ done: true, value: undefined });
  });

  it.each([
    [{ container: 'InferenceServer' }, 'container'],
    [{ numLines: -1 }, 'numLines'],
    [{ numLines: 1.5 }, 'numLines'],
    [{ deploymentName: 'a/b' }, 'deploymentName'],
    [{ lines: 5 }, 'lines'],
  ])('refuse %j', async (options, path) => {
    const { service } = await openLoans();

    await expect(service.getLogs(options as never)).rejects.toMatchObject({ code: 'VALIDATION', path });
  });

  it('say when there is no such deployment, or none at all', async () => {
    const { service } = await openLoans({ deployments: {} });

    await expect(service.getLogs({ deploymentName: 'red' })).rejects.toMatchObject({ code: 'WEBSERVICE_NOT_FOUND' });
    await expect(service.getLogs()).rejects.toMatchObject({ code: 'DEPLOYMENT_NOT_FOUND' });
  });

  it('are followed across all deployments, each line with the name of its own, until the signal', async () => {
    const { service, standIn } = await openLoans({ deployments: { blue: {}, green: {} } });
    const blue = logsOf(standIn, 'blue', { InferenceServer: ['b1'] });
    logsOf(standIn, 'green', { InferenceServer: ['g1'] });
    const stop = new AbortController();
    const lines: string[] = [];

    for await (const line of service.followLogs({ intervalMs: 1, abortSignal: stop.signal })) {
      lines.push(line);
      if (lines.length === 2) {
        blue.logs['InferenceServer']?.push('b2');
      } else if (lines.length === 3) {
        stop.abort();
      }
    }

    expect(lines.slice(0, 2).sort()).toEqual(['[blue] b1', '[green] g1']);
    expect(lines[2]).toBe('[blue] b2');
  });

  it('are followed without a name in front when there is one deployment, and the follower may leave', async () => {
    const { service, standIn } = await openLoans();
    logsOf(standIn, 'blue', { InferenceServer: ['b1', 'b2'] });

    for await (const line of service.followLogs({ numLines: 1 })) {
      expect(line).toBe('b2');
      break;
    }
    const asked = standIn.exchanges().length;
    await service.getTraffic();
    expect(standIn.exchanges()).toHaveLength(asked + 1);
  });
});

describe('lines of several streams', () => {
  it('come as they come, and a stream that fails ends the others', async () => {
    let isEnded = false;
    async function* endless() {
      try {
        for (let at = 0; ; at += 1) {
          await new Promise((next) => setImmediate(next));
          yield `line ${at}`;
        }
      } finally {
        isEnded = true;
      }
    }
    async function* failing(): AsyncGenerator<string> {
      await new Promise((next) => setTimeout(next, 5));
      throw new Error('gone');
    }
    const merged = mergeLines([
      { prefix: 'a ', lines: endless() },
      { prefix: 'b ', lines: failing() },
    ]);

    const drain = async () => {
      for await (const line of merged) {
        expect(line).toMatch(/^a line/);
      }
    };
    await expect(drain()).rejects.toThrow('gone');
    await new Promise((next) => setTimeout(next, 5));
    expect(isEnded).toBe(true);
  });
});

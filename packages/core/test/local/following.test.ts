import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { LOG_GAP } from '../../src/webservice/follow-logs.ts';
import { localServices, rejection, until } from '../support/local-services.ts';

let local: Awaited<ReturnType<typeof localServices>>;
beforeEach(async () => {
  local = await localServices();
});
afterEach(() => local.close());

/** Collects lines as they come; `done` resolves with the error of the iteration, if any. */
function collect(lines: AsyncIterable<string>) {
  const got: string[] = [];
  const done = (async () => {
    for await (const line of lines) {
      got.push(line);
    }
  })();
  return { got, done };
}

describe('following the log of a local service', () => {
  it('gives each line once, across restarts and to the last one before the deletion', async () => {
    const service = await local.deployed();
    const { got, done } = collect(service.followLogs({ intervalMs: 5 }));
    await service.run({ print: 'same' });
    await service.run({ print: 'same' });
    await service.update({ environmentVariables: { GREETING: 'hi' } });
    await service.delete();
    await done;

    expect(got).toEqual(['init without greeting', 'same', 'same', 'drained', 'init hi', 'drained']);
  });

  it('ends at once by return(), although a line is waited for', async () => {
    const service = await local.deployed();
    const lines = service.followLogs({ intervalMs: 1e8, numLines: 0 });
    const asked = lines.next();
    expect(await lines.return(undefined)).toEqual({ done: true, value: undefined });
    expect(await asked).toEqual({ done: true, value: undefined });
  });

  it('goes on when the process has crashed and is started again', async () => {
    const service = await local.deployed();
    const { got, done } = collect(service.followLogs({ intervalMs: 5, numLines: 0 }));
    await rejection(service.run({ crash: true }));
    await service.update({});
    await until('the new process is seen', () => got.includes('init without greeting'));
    await service.delete();
    await done;
  });

  it('marks where the log was cut', async () => {
    const service = await local.deployed();
    const { got, done } = collect(service.followLogs({ intervalMs: 5 }));
    await until('the first line is seen', () => got.length === 1);
    await truncate(join(local.directory, 'svc', 'service.log'));
    await service.run({ print: 'after' });
    await service.delete();
    await done;

    expect(got).toEqual(['init without greeting', LOG_GAP, 'after', 'drained']);
  });

  it('ends quietly when it is aborted, and when the caller leaves the loop', async () => {
    const service = await local.deployed();
    const abort = new AbortController();
    const { got, done } = collect(service.followLogs({ intervalMs: 600_000, abortSignal: abort.signal }));
    await until('the first line is seen', () => got.length === 1);
    abort.abort();
    await done;
    for await (const line of service.followLogs()) {
      expect(line).toBe('init without greeting');
      break;
    }
    expect(await collect(service.followLogs({ abortSignal: AbortSignal.abort() })).done).toBeUndefined();
  });

  it('refuses what a local service cannot choose from, by name', async () => {
    const service = await local.deployed();
    const calls = {
      container: service.getLogs({ container: 'storage-initializer' }),
      deploymentName: service.getLogs({ deploymentName: 'blue' }),
      'deploymentName of run': service.run({}, { deploymentName: 'blue' }),
      'container of followLogs': service.followLogs({ container: 'inference-server' }).next(),
    };
    for (const [what, call] of Object.entries(calls)) {
      const error = await rejection(call);
      expect(error).toMatchObject({ code: 'UNSUPPORTED_SETTING' });
      expect(error.message).toContain(what.split(' ')[0]);
      expect(error.message).toContain('OnlineEndpoint');
    }
    expect(await rejection(service.getLogs({ lines: 5 } as object))).toMatchObject({
      code: 'VALIDATION',
      path: 'lines',
    });
    expect(await rejection(service.delete({ keepdata: false } as object))).toMatchObject({ path: 'keepdata' });
    expect(await rejection(service.followLogs({ numLines: -1 }).next())).toMatchObject({ code: 'VALIDATION' });
    expect(await rejection(service.followLogs({ intervalMs: Number.NaN }).next())).toMatchObject({
      code: 'VALIDATION',
    });
  });

  it('follows no deleted service, and a local service has no keys', async () => {
    const service = await local.deployed();
    for (const call of [service.getKeys(), service.getToken(), service.regenerateKey('primary')]) {
      expect(await rejection(call)).toMatchObject({
        code: 'UNSUPPORTED_OPERATION',
        details: { kind: 'LocalWebservice' },
      });
    }
    await service.delete();
    expect(await rejection(service.followLogs().next())).toMatchObject({ code: 'WEBSERVICE_DELETED' });
  });
});

import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { isAlive, localServices, rejection, until } from '../support/local-services.ts';

type Echo = { pid: number };

const KEY = '00000000-1111-2222-3333-444444444444';
const INSIGHTS = `InstrumentationKey=${KEY}`;

let local: Awaited<ReturnType<typeof localServices>>;
beforeEach(async () => {
  local = await localServices();
});
afterEach(() => local.close());

describe('updating', () => {
  const switches = ['AML_MODEL_DC_STORAGE_ENABLED', 'AML_MODEL_DC_STORAGE', 'AML_APP_INSIGHTS_ENABLED', 'GREETING'];

  it('turns switches on and off by a restart on the same port', async () => {
    const service = await local.deployed({
      config: { appInsightsConnectionString: INSIGHTS, environmentVariables: { GREETING: 'hello' } },
    });
    const { port } = service;

    await service.update({ collectModelData: true, enableAppInsights: undefined });
    expect(await service.run({ env: switches })).toEqual({
      AML_MODEL_DC_STORAGE_ENABLED: 'true',
      AML_MODEL_DC_STORAGE: `file://${local.directory}/svc`,
      AML_APP_INSIGHTS_ENABLED: 'false',
      GREETING: 'hello',
    });

    await service.update({ collectModelData: false, enableAppInsights: true, environmentVariables: null });
    expect(await service.run({ env: switches })).toEqual({
      AML_MODEL_DC_STORAGE_ENABLED: 'false',
      AML_MODEL_DC_STORAGE: null,
      AML_APP_INSIGHTS_ENABLED: 'true',
      GREETING: null,
    });
    expect(service).toMatchObject({ port, collectModelData: false, enableAppInsights: true });
  });

  it('does not restart when nothing changes', async () => {
    const service = await local.deployed({ config: { collectModelData: true } });
    const { pid } = await service.run<Echo>({});

    await service.update({ collectModelData: true, storage: null });
    await service.update({});

    expect((await service.run<Echo>({})).pid).toBe(pid);
  });

  it('refuses settings of other kinds and bad values, and changes nothing', async () => {
    const service = await local.deployed();
    const { pid } = await service.run<Echo>({});

    const unsupported = await rejection(service.update({ cpuCores: 2 } as object));
    expect(unsupported).toMatchObject({ code: 'UNSUPPORTED_SETTING', details: { settings: ['cpuCores'] } });
    expect(unsupported.message).toContain('cpuCores');
    expect(await rejection(service.update({ collectModelData: 'yes', storage: 'nowhere' } as object))).toMatchObject({
      code: 'DEPLOYMENT_CONFIGURATION_INVALID',
      faults: [{ path: 'collectModelData' }, { path: 'storage' }],
    });
    expect((await service.run<Echo>({})).pid).toBe(pid);
  });

  it('lets what is in flight complete, and calls made meanwhile wait for the new process', async () => {
    const service = await local.deployed();
    const inFlight = service.run<{ pid: number }>({ sleepMs: 300 });
    await until('the script sleeps', async () => (await service.getLogs()).includes('sleeping'));

    const updating = service.update({ environmentVariables: { GREETING: 'new' } }, { wait: false });
    await updating;
    expect(service.state).toBe('Transitioning');
    const meanwhile = await Promise.all([1, 2, 3].map((echo) => service.run<Echo & { echo: number }>({ echo })));

    const before = await inFlight;
    expect(before).toMatchObject({ slept: 300 });
    expect(meanwhile.map(({ echo }) => echo)).toEqual([1, 2, 3]);
    expect(meanwhile[0]?.pid).not.toBe(before.pid);
    expect(service.state).toBe('Healthy');
  });

  it('refuses telemetry without a destination, and takes one of the environment', async () => {
    const service = await local.deployed();
    const { pid } = await service.run<Echo>({});
    const refused = await rejection(service.update({ enableAppInsights: true }, { wait: false }));

    expect(refused).toMatchObject({
      code: 'DEPLOYMENT_CONFIGURATION_INVALID',
      faults: [{ path: 'enableAppInsights' }],
    });
    expect(refused.message).toContain('give appInsightsConnectionString');
    expect(service.enableAppInsights).toBe(false);
    await service.update({});
    expect((await service.run<Echo>({})).pid).toBe(pid);
    expect(await rejection(local.deploy({ name: 'other', config: { enableAppInsights: true } }))).toMatchObject({
      faults: [{ path: 'deploymentConfig.enableAppInsights' }],
    });

    process.env['AML_APP_INSIGHTS_KEY'] = KEY;
    try {
      await service.update({ enableAppInsights: true });
      expect(await service.run({ env: ['AML_APP_INSIGHTS_KEY'] })).toEqual({ AML_APP_INSIGHTS_KEY: KEY });
      await service.update({ enableAppInsights: false });
      expect(await service.run({ env: ['AML_APP_INSIGHTS_KEY'] })).toEqual({ AML_APP_INSIGHTS_KEY: null });
    } finally {
      delete process.env['AML_APP_INSIGHTS_KEY'];
    }
  });

  it('runs updates asked for at the same time one after the other', async () => {
    const service = await local.deployed({ config: { appInsightsConnectionString: INSIGHTS } });
    await Promise.all([
      service.update({ collectModelData: true }),
      service.update({ environmentVariables: { GREETING: 'second' } }),
      service.update({ enableAppInsights: true }),
    ]);

    expect(await service.run({ env: switches })).toMatchObject({
      AML_MODEL_DC_STORAGE_ENABLED: 'true',
      AML_APP_INSIGHTS_ENABLED: 'true',
      GREETING: 'second',
    });
  });

  it('fails when the service does not start with the new settings, and can be put right', async () => {
    const service = await local.deployed();

    expect(await rejection(service.update({ environmentVariables: { BREAK_INIT: 'broken' } }))).toMatchObject({
      reason: 'INIT_FAILED',
    });
    expect(service.state).toBe('Failed');
    await service.update({ environmentVariables: {} });
    expect(await service.run({ echo: 1 })).toMatchObject({ echo: 1 });
  });

  it('cuts off a request that takes too long, so that the process still ends in good order', async () => {
    const service = await local.deployed({ internals: { stopLimits: { requestsMs: 200, serverMs: 20_000 } } });
    const inFlight = rejection(service.run({ sleepMs: 60_000 }, { timeoutMs: 50_000 }));
    await until('the script sleeps', async () => (await service.getLogs()).includes('sleeping'));

    await service.update({ environmentVariables: { GREETING: 'new' } });

    expect(await inFlight).toMatchObject({
      code: 'WEBSERVICE_UNREACHABLE',
      message: expect.stringContaining('update() waited 0.2 s for the request'),
      retryable: true,
      details: { cutBy: 'update()' },
    });
    expect(await service.getLogs()).toContain('sleeping\ndrained\ninit new');
  });

  it('kills a process that does not end, and says so in the log', async () => {
    const service = await local.deployed({
      config: { environmentVariables: { IGNORE_SIGTERM: '1' } },
      internals: { stopLimits: { requestsMs: 100, serverMs: 200 } },
    });
    const { pid } = await service.run<Echo>({});

    await service.update({ environmentVariables: {} });

    expect(isAlive(pid)).toBe(false);
    expect(await service.getLogs()).toMatch(/not listening to SIGTERM\n.*did not end within 200 ms.*killed/);
  });
});

describe('logs and deletion', () => {
  it('gives the last lines of what the script printed, across restarts', async () => {
    const service = await local.deployed();
    await service.run({ print: 'größer €' });
    await service.update({ environmentVariables: { GREETING: 'hi' } });

    expect(await service.getLogs()).toBe('init without greeting\ngrößer €\ndrained\ninit hi\n');
    expect(await service.getLogs({ numLines: 1 })).toBe('init hi\n');
    await expect(service.getLogs({ numLines: -5 })).rejects.toMatchObject({ code: 'VALIDATION' });
  });

  it('deletes process and files but keeps collected rows unless told otherwise', async () => {
    const service = await local.deployed({ config: { collectModelData: true } });
    const { pid } = await service.run<Echo>({});
    await mkdir(service.modelDataDirectory);
    await writeFile(join(service.modelDataDirectory, 'data.csv'), 'a');

    await Promise.all([service.delete(), service.delete()]);

    expect(isAlive(pid)).toBe(false);
    expect(service.state).toBe('Deleted');
    expect(await readdir(join(local.directory, 'svc'))).toEqual(['modeldata']);
    const calls = [service.run({}), service.update({}), service.waitForDeployment(), service.getLogs()];
    for (const call of calls) {
      expect(await rejection(call)).toMatchObject({ code: 'WEBSERVICE_DELETED' });
    }
    await service.delete({ keepData: false });
    expect(await readdir(local.directory)).toEqual([]);
  });

  it('gives at most 16 MiB of the log, and says how much is left out', async () => {
    const service = await local.deployed();
    await truncate(join(local.directory, 'svc', 'service.log'), 20 * 1024 * 1024);
    const logs = await service.getLogs();

    expect(logs.slice(0, 60)).toMatch(/^\[4194304 bytes of the log before this are left out\]\n/);
    expect(logs.length - logs.indexOf('\n') - 1).toBe(16 * 1024 * 1024);
  });

  it('gives no log after the deletion, also not that of a later service of the name', async () => {
    const first = await local.deployed();
    await first.delete();
    const second = await local.deployed();

    expect(await rejection(first.getLogs())).toMatchObject({ code: 'WEBSERVICE_DELETED' });
    expect(await second.getLogs()).toContain('init');
  });

  it('can be deleted while it starts, which ends every wait', async () => {
    const service = await local.deploy();
    const waiting = rejection(service.waitForDeployment());
    await service.delete();

    expect(await waiting).toMatchObject({ code: 'WEBSERVICE_DELETED' });
    expect(await readdir(local.directory)).toEqual([]);
  });

  it('is deleted at the end of a block with await using', async () => {
    let pid = 0;
    {
      await using service = await local.deployed();
      pid = (await service.run<Echo>({})).pid;
    }
    expect(isAlive(pid)).toBe(false);
  });

  it('shows no secrets when printed or turned into JSON', async () => {
    const service = await local.deployed({
      config: {
        storage: 'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=dG9wLXNlY3JldA==;EndpointSuffix=x.test',
        environmentVariables: { API: 'top-secret' },
        collectModelData: true,
      },
    });

    expect(inspect(service, { depth: 9, showHidden: true })).not.toMatch(/dG9w|top-secret/);
    expect(JSON.parse(JSON.stringify(service))).toMatchObject({
      kind: 'LocalWebservice',
      name: 'svc',
      state: 'Healthy',
      collectModelData: true,
      models: [],
    });
  });
});

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { localPlane } from '../../src/local/local-plane.ts';
import { LocalWebservice } from '../../src/local/local-webservice.ts';
import type { Webservice } from '../../src/webservice/webservice.ts';
import { Workspace } from '../../src/workspace/workspace.ts';
import { type Forgetful, startForgetful } from '../support/forgetful.ts';
import { localServices, rejection, until, workspace } from '../support/local-services.ts';

let local: Awaited<ReturnType<typeof localServices>>;
beforeEach(async () => {
  local = await localServices();
});
afterEach(() => local.close());

async function all(services: AsyncIterable<Webservice>): Promise<Webservice[]> {
  const found: Webservice[] = [];
  for await (const service of services) {
    found.push(service);
  }
  return found;
}

describe('local services of this process', () => {
  it('are found by name and listed, whatever their directory, until they are deleted', async () => {
    const one = await local.deployed({ name: 'one' });
    const two = await local.deploy({ name: 'two', config: { directory: join(local.directory, 'elsewhere') } });

    expect(await LocalWebservice.get(workspace, 'one')).toBe(one);
    expect(await localPlane.get(workspace, 'two')).toBe(two);
    expect(await all(LocalWebservice.list(workspace))).toEqual([one, two]);

    await one.delete();
    expect(await localPlane.get(workspace, 'one')).toBeUndefined();
    const missing = await rejection(LocalWebservice.get(workspace, 'one', { directory: local.directory }));
    expect(missing).toMatchObject({ code: 'WEBSERVICE_NOT_FOUND' });
    expect(missing.message).toContain(local.directory);
    expect(await all(localPlane.list(workspace))).toEqual([two]);
  });

  it('belong to their workspace, whose names Azure takes in any case', async () => {
    const service = await local.deploy();
    const same = new Workspace({ subscriptionId: 'SUB', resourceGroup: 'Rg', workspaceName: 'WS' });
    const other = new Workspace({ subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'other' });

    expect(await localPlane.get(same, 'svc')).toBe(service);
    expect(await localPlane.get(other, 'svc')).toBeUndefined();
    expect(await all(localPlane.list(other))).toEqual([]);
  });

  it('are none of another kind, and have neither tags nor properties', async () => {
    const service = await local.deploy();

    expect(await localPlane.get(workspace, 'svc', { kind: 'AksWebservice' })).toBeUndefined();
    expect(await localPlane.get(workspace, 'svc', { kind: 'LocalWebservice' })).toBe(service);
    expect(await all(localPlane.list(workspace, { kind: 'OnlineEndpoint' }))).toEqual([]);
    expect(await all(localPlane.list(workspace, { tags: ['team'] }))).toEqual([]);
    expect(await all(localPlane.list(workspace, { properties: [['a', 'b']] }))).toEqual([]);
    expect(await all(localPlane.list(workspace, { tags: [], properties: [] }))).toEqual([service]);
  });

  it('of one name in two directories are not told apart by it', async () => {
    await local.deploy();
    const directory = join(local.directory, 'elsewhere');
    await local.deploy({ config: { directory } });

    const error = await rejection(localPlane.get(workspace, 'svc'));
    expect(error).toMatchObject({ code: 'AMBIGUOUS_NAME' });
    expect(error.message).toContain(join(directory, 'svc'));
  });

  it('tell other processes where they stand, but no secret', async () => {
    const service = await local.deployed({
      config: { collectModelData: true, environmentVariables: { API: 's3cr3t' } },
    });
    const file = join(local.directory, 'svc', 'service.json');

    const record = async () => JSON.parse(await readFile(file, 'utf8'));
    await until('the port is told', async () => (await record()).state === 'Healthy');
    expect(await record()).toEqual({
      subscriptionId: 'sub',
      resourceGroup: 'rg',
      workspaceName: 'ws',
      name: 'svc',
      state: 'Healthy',
      port: service.port,
      collectModelData: true,
      enableAppInsights: false,
      models: [],
    });
  });
});

describe('local services of another process', () => {
  const theirs = new Workspace({ subscriptionId: 's', resourceGroup: 'r', workspaceName: 'w' });
  let other: Forgetful;
  beforeEach(async () => {
    other = await startForgetful(local.directory, 'stay');
  });
  afterEach(async () => {
    other.parent.kill('SIGKILL');
    await other.exited;
  });

  async function find(): Promise<Webservice> {
    const service = await LocalWebservice.get(theirs, 'forgotten', { directory: local.directory });
    await service.waitForDeployment();
    return service;
  }

  it('are found in their directory: state, address, log and scoring', async () => {
    const service = await find();

    expect(service).toMatchObject({ kind: 'LocalWebservice', name: 'forgotten', state: 'Healthy' });
    expect(await service.run({ echo: 'hello' })).toMatchObject({ echo: 'hello', pid: other.servicePid });
    expect(await service.getLogs()).toBe('init without greeting\n');
    expect(JSON.parse(JSON.stringify(service))).toMatchObject({
      scoringUri: service.scoringUri,
      ownerPid: other.parent.pid,
      directory: join(local.directory, 'forgotten'),
    });
    expect((await all(LocalWebservice.list(theirs, { directory: local.directory }))).map(({ name }) => name)).toEqual([
      'forgotten',
    ]);
    expect(await all(LocalWebservice.list(workspace, { directory: local.directory }))).toEqual([]);
    expect(inspect(service)).toContain('LocalWebservice');
    await service[Symbol.asyncDispose]();
    expect(other.parent.exitCode).toBeNull();
  });

  it('are changed and deleted by their own process only', async () => {
    const service = await find();

    for (const call of [service.update({}), service.delete()]) {
      const error = await rejection(call);
      expect(error).toMatchObject({ code: 'UNSUPPORTED_OPERATION', details: { ownerPid: other.parent.pid } });
      expect(error.message).toContain(`process ${other.parent.pid}`);
    }
    expect(await service.run({ echo: 1 })).toMatchObject({ echo: 1 });
    expect(await rejection(service.run({ refuse: 'no', status: 400 }))).toMatchObject({ code: 'SCORING_FAILED' });
    expect(await rejection(service.run({}, { deploymentName: 'a' }))).toMatchObject({ code: 'UNSUPPORTED_SETTING' });
    await service[Symbol.asyncDispose]();
  });

  it('are told to be unhealthy when their process has crashed', async () => {
    const service = await find();

    expect(await rejection(service.run({ crash: true }))).toMatchObject({ code: 'WEBSERVICE_UNREACHABLE' });
    await until('it is told', async () => {
      await service.refresh();
      return service.state === 'Unhealthy';
    });
    expect(await rejection(service.waitForDeployment())).toMatchObject({ code: 'DEPLOYMENT_FAILED' });
    await service[Symbol.asyncDispose]();
  });

  it('are gone with the process that deployed them, which also ends the following of their log', async () => {
    const service = await find();
    const lines: string[] = [];
    const following = (async () => {
      for await (const line of service.followLogs({ intervalMs: 5 })) {
        lines.push(line);
      }
    })();
    await until('the first line is seen', () => lines.length > 0);

    other.parent.kill('SIGKILL');
    await following;

    expect(lines[0]).toBe('init without greeting');
    await service.refresh();
    expect(service.state).toBe('Deleted');
    for (const call of [service.run({}), service.getLogs(), service.waitForDeployment()]) {
      expect(await rejection(call)).toMatchObject({ code: 'WEBSERVICE_DELETED' });
    }
    expect(await localPlane.get(theirs, 'forgotten', { directory: local.directory })).toBeUndefined();
    expect(await all(localPlane.list(theirs, { directory: local.directory }))).toEqual([]);
  });

  it('are passed over when what they tell cannot be read', async () => {
    await find();
    for (const text of ['', '{', 'null', '{"name":1}']) {
      await writeFile(join(local.directory, 'forgotten', 'service.json'), text);
      expect(await localPlane.get(theirs, 'forgotten', { directory: local.directory })).toBeUndefined();
    }
    await mkdir(join(local.directory, 'empty'));
    expect(await all(localPlane.list(theirs, { directory: local.directory }))).toEqual([]);
    expect(await localPlane.get(theirs, '../forgotten', { directory: local.directory })).toBeUndefined();
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isAlive, localServices, rejection, SCRIPT, SERVER, until } from '../support/local-services.ts';

const FIXTURES = resolve(__dirname, '../fixtures');

describe('a process that deployed a service and forgot it', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'core-orphans-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function start(then: 'end' | 'stay') {
    const hooks = pathToFileURL(join(FIXTURES, 'resolve-sources.mjs')).href;
    const args = ['--import', hooks, join(FIXTURES, 'forgetful.ts'), directory, SERVER, SCRIPT, then];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(parent, 'exit');
    const first = await Promise.race([once(parent.stdout, 'data'), exited.then(() => undefined)]);
    return { parent, exited, servicePid: Number(String(first?.[0])) };
  }

  it('still ends by itself, and its service with it', async () => {
    const { exited, servicePid } = await start('end');

    expect(await exited).toEqual([0, null]);
    expect(servicePid).toBeGreaterThan(0);
    await until('the service has ended', () => !isAlive(servicePid));
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('takes its service with it when it is ended by %s', async (signal) => {
    const { parent, exited, servicePid } = await start('stay');
    expect(isAlive(servicePid)).toBe(true);

    parent.kill(signal);

    expect(await exited).toEqual([null, signal]);
    await until('the service has ended', () => !isAlive(servicePid));
  });

  it('keeps others out of its folder while it lives, and not afterwards', async () => {
    const { parent, exited } = await start('stay');
    const local = await localServices();
    try {
      const refused = await rejection(local.deploy({ name: 'forgotten', config: { directory } }));
      expect(refused).toMatchObject({ code: 'WEBSERVICE_EXISTS', details: { pid: parent.pid } });

      parent.kill('SIGKILL');
      await exited;
      await (await local.deployed({ name: 'forgotten', config: { directory } })).delete();
    } finally {
      parent.kill('SIGKILL');
      await local.close();
    }
  });
});

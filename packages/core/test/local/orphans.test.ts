import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startForgetful } from '../support/forgetful.ts';
import { isAlive, localServices, rejection, until } from '../support/local-services.ts';

describe('a process that deployed a service and forgot it', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'core-orphans-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('still ends by itself, and its service with it', async () => {
    const { exited, servicePid } = await startForgetful(directory, 'end');

    expect(await exited).toEqual([0, null]);
    expect(servicePid).toBeGreaterThan(0);
    await until('the service has ended', () => !isAlive(servicePid));
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('takes its service with it when it is ended by %s', async (signal) => {
    const { parent, exited, servicePid } = await startForgetful(directory, 'stay');
    expect(isAlive(servicePid)).toBe(true);

    parent.kill(signal);

    expect(await exited).toEqual([null, signal]);
    await until('the service has ended', () => !isAlive(servicePid));
  });

  it('takes its service with it when it is stopped by SIGSTOP and then killed', async () => {
    const { parent, exited, servicePid } = await startForgetful(directory, 'stay');
    parent.kill('SIGSTOP');
    parent.kill('SIGKILL');

    expect(await exited).toEqual([null, 'SIGKILL']);
    await until('the service has ended', () => !isAlive(servicePid));
  });

  it.each([
    ['process.exit()', 'exit', 4],
    ['an error that nobody catches', 'throw', 1],
  ])('takes its service with it when it ends by %s', async (_, then, code) => {
    const { exited, servicePid } = await startForgetful(directory, then);

    expect(await exited).toEqual([code, null]);
    expect(servicePid).toBeGreaterThan(0);
    await until('the service has ended', () => !isAlive(servicePid));
  });

  it('takes its service with it when a worker thread deployed it and the process is killed', async () => {
    const { parent, exited, servicePid } = await startForgetful(directory, 'worker');
    expect(isAlive(servicePid)).toBe(true);

    parent.kill('SIGKILL');

    await exited;
    await until('the service has ended', () => !isAlive(servicePid));
  });

  it('ends the service of a worker thread with the thread, although the process lives on', async () => {
    const { parent, exited, servicePid } = await startForgetful(directory, 'worker, terminated');
    try {
      expect(servicePid).toBeGreaterThan(0);
      await until('the service has ended', () => !isAlive(servicePid));
      expect(parent.exitCode).toBeNull();
    } finally {
      parent.kill('SIGKILL');
      await exited;
    }
  });

  it('keeps others out of its folder while it lives, and not afterwards', async () => {
    const { parent, exited } = await startForgetful(directory, 'stay');
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

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { containerFiles } from '@azureml-ts/inference-server';
import { OPTIONS } from '../../examples/container/options.ts';
import { ROOT } from '../support/checkout.ts';
import { type Consumer, createConsumer } from '../support/consumer.ts';
import { environmentOf, lastOf, readDockerfile, type Stage } from '../support/dockerfile.ts';
import { run } from '../support/run.ts';

const SERVICE = join(ROOT, 'examples', 'container', 'service');
const read = (name: string): string => readFileSync(join(SERVICE, name), 'utf8');

const [packages, image] = readDockerfile(read('Dockerfile')) as [Stage, Stage];

describe('the files of the container example', () => {
  it.each(Object.entries(containerFiles(OPTIONS)))('%s is what its options generate', (name, text) => {
    expect(read(name)).toBe(text);
  });

  it('have a Dockerfile of two stages on the small official image', () => {
    expect(readDockerfile(read('Dockerfile'))).toHaveLength(2);
    expect([packages.image, packages.name, image.image]).toEqual(['node:24-slim', 'packages', 'node:24-slim']);
  });

  it('install exactly what the lock file lists, without development', () => {
    expect(lastOf(packages, 'COPY').words).toEqual(['package.json', 'package-lock.json', './']);
    expect(lastOf(packages, 'RUN').words?.slice(0, 3)).toEqual(['npm', 'ci', '--omit=dev']);
    expect(image.instructions.some(({ text }) => text.includes('npm'))).toBe(false);
  });

  it('start no shell anywhere', () => {
    const commands = [...packages.instructions, ...image.instructions].filter(({ name }) =>
      ['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK', 'SHELL'].includes(name),
    );
    expect(commands.length).toBeGreaterThan(4);
    for (const { words } of commands) {
      expect(words).toBeDefined();
      expect(words?.[0]).not.toMatch(/(^|\/)(ba|da)?sh$/);
    }
  });

  it('end up without root, with the user set after everything that needs it', () => {
    const names = image.instructions.map(({ name }) => name);
    expect(lastOf(image, 'USER').text).toBe('1000:1000');
    expect(names.slice(names.indexOf('USER') + 1)).toEqual([
      'EXPOSE',
      'STOPSIGNAL',
      'HEALTHCHECK',
      'ENTRYPOINT',
      'CMD',
    ]);
    expect(lastOf(image, 'STOPSIGNAL').text).toBe('SIGTERM');
    expect(names).not.toContain('ADD');
  });

  it('keep the journal in the volume, which belongs to that user', () => {
    const volume = environmentOf(image)['AML_MODEL_DC_JOURNAL'];
    expect(lastOf(image, 'VOLUME').words).toEqual([volume]);
    expect(lastOf(image, 'RUN').words).toEqual(expect.arrayContaining(['--owner=1000', '--group=1000', volume]));
  });

  it('agree on the port', () => {
    const port = lastOf(image, 'EXPOSE').text;
    expect(lastOf(image, 'CMD').words).toEqual(['--port', port]);
    expect(lastOf(image, 'HEALTHCHECK').words?.[2]).toContain(`:${port}/`);
    const routes = [...read('deployment.yml').matchAll(/port: (\d+)\n\s+path: (\S+)/g)].map(([, at, path]) => [
      at,
      path,
    ]);
    expect(routes).toEqual([
      [port, '/'],
      [port, '/ready'],
      [port, '/score'],
    ]);
  });
});

/** Whether a user who owns nothing of it gets to a path. */
function isReachableByOthers(path: string): boolean {
  const parent = dirname(path);
  return parent === path || ((statSync(parent).mode & 0o001) !== 0 && isReachableByOthers(parent));
}

describe('what the container runs', () => {
  let consumer: Consumer;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    consumer = await createConsumer();
  }, 120_000);

  afterEach(async () => {
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  afterAll(() => consumer?.remove());

  /** The files where COPY puts them, and the volumes. */
  function layOut(): {
    home: string;
    journal: string;
    stored: string;
    owner: { uid: number; gid: number } | undefined;
  } {
    const [uid = 1000, gid = 1000] = lastOf(image, 'USER').text.split(':').map(Number);
    const home = consumer.folder;
    chmodSync(home, 0o755);
    if (process.getuid?.() === 0 && dirname(home) !== '/tmp') {
      // The folder of this run of the tests; it is closed to others.
      chmodSync(dirname(home), 0o711);
    }
    const isOpen = [home, process.execPath].every(isReachableByOthers);
    const owner = process.getuid?.() === 0 && isOpen ? { uid, gid } : undefined;
    const ignored = read('.dockerignore').split('\n');
    for (const name of readdirSync(SERVICE).filter((entry) => !ignored.includes(entry))) {
      cpSync(join(SERVICE, name), join(home, name), { recursive: true });
    }
    const [journal, stored] = ['journal', 'stored'].map((name) => {
      const folder = join(home, name);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { mode: 0o750 });
      if (owner !== undefined) {
        chownSync(folder, owner.uid, owner.gid);
      }
      return folder;
    }) as [string, string];
    return { home, journal, stored, owner };
  }

  it('serves without root, answers the probe, collects through the volume and stops in good order', async () => {
    const { home, journal, stored, owner } = layOut();
    const placed = (text: string): string =>
      text.replace('/var/azureml-journal', journal).replace(/^\/app(?=\/|$)/, home);
    const environment = Object.fromEntries(
      Object.entries(environmentOf(image)).map(([name, value]) => [name, placed(value)]),
    );
    const [node, ...entry] = lastOf(image, 'ENTRYPOINT').words ?? [];
    expect(node).toBe('node');
    const server = spawn(process.execPath, [...entry, '--port', '0', '--host', '127.0.0.1'], {
      cwd: home,
      env: {
        ...environment,
        AML_MODEL_DC_STORAGE_ENABLED: 'true',
        AML_MODEL_DC_STORAGE: pathToFileURL(stored).href,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...owner,
    });
    child = server;
    let log = '';
    server.stdout.on('data', (chunk) => {
      log += chunk;
    });
    server.stderr.on('data', (chunk) => {
      log += chunk;
    });
    const exited = once(server, 'exit');
    let url: string | undefined;
    while (url === undefined) {
      const first = await Promise.race([once(server.stderr, 'data'), exited.then(() => 'ended')]);
      url = /All workers serve at (\S+)/.exec(log)?.[1];
      if (first === 'ended') {
        throw new Error(log);
      }
    }

    if (owner !== undefined && process.platform === 'linux') {
      const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
      expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).toBe(String(owner.uid));
    }

    const [, ...probe] = lastOf(image, 'HEALTHCHECK').words ?? [];
    const healthy = probe.map((word) => word.replace('http://127.0.0.1:5001', url));
    expect((await run(process.execPath, healthy)).code).toBe(0);
    const unhealthy = probe.map((word) => word.replace(':5001', ':1'));
    expect((await run(process.execPath, unhealthy)).code).toBe(1);
    expect((await fetch(`${url}/ready`)).status).toBe(200);

    const response = await fetch(`${url}/score`, { method: 'POST', body: '{"data": [[3, 70], [4, 101]]}' });
    expect(await response.json()).toEqual({ prices: [134_000, 175_950] });
    while (filesBelow(journal).length === 0) {
      await delay(25);
    }

    server.kill('SIGTERM');
    expect([...(await exited), log]).toEqual([0, null, expect.stringContaining('Shutting down the workers: SIGTERM')]);
    const [table = '', ...others] = filesBelow(stored).filter((name) => name.endsWith('.csv'));
    expect(others).toEqual([]);
    expect(readFileSync(table, 'utf8')).toMatch(/^rooms,area,.*\n3,70,.*\n4,101,.*\n$/);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

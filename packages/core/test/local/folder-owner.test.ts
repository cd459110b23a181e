import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { takeFolder } from '../../src/local/folder-owner.ts';

const FIXTURES = resolve(__dirname, '../fixtures');

describe('takeFolder', () => {
  let root: string;
  let file: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'folder-owner-'));
    file = join(root, 'owner.json');
  });
  afterEach(() => rm(root, { recursive: true }));

  const owner = async () => JSON.parse(await readFile(file, 'utf8'));
  const other = { id: 'a-1', pid: process.ppid, host: hostname() };

  async function endedPid(): Promise<number> {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    return child.pid ?? 0;
  }

  it('takes a free folder and keeps it', async () => {
    expect(await takeFolder(file)).toBeUndefined();
    expect(await owner()).toMatchObject({ pid: process.pid, host: hostname() });
    expect(await takeFolder(file)).toBeUndefined();
    expect(await readdir(root)).toEqual(['owner.json']);
  });

  it('leaves that of a living process alone', async () => {
    await writeFile(file, JSON.stringify(other));
    expect(await takeFolder(file)).toMatchObject(other);
    expect(await owner()).toEqual(other);
  });

  it.each([
    ['an ended process', async () => JSON.stringify({ ...other, pid: await endedPid() })],
    ['another machine', async () => JSON.stringify({ ...other, host: 'elsewhere.test' })],
    ['nobody, in part', async () => '{"pid": 1'],
    ['nobody, an empty file', async () => ''],
  ])('takes over that of %s', async (_, content) => {
    await writeFile(file, await content());
    expect(await takeFolder(file)).toBeUndefined();
    expect(await owner()).toMatchObject({ pid: process.pid });
    expect(await readdir(root)).toEqual(['owner.json']);
  });

  it('takes over what a process left that ended while it took over', async () => {
    const pid = await endedPid();
    await writeFile(file, JSON.stringify({ ...other, pid }));
    await writeFile(`${file}.a-1`, JSON.stringify({ ...other, id: 'a-2', pid }));

    expect(await takeFolder(file)).toBeUndefined();
    expect(await owner()).toMatchObject({ pid: process.pid });
    expect(await readdir(root)).toEqual(['owner.json']);
  });

  it('leaves it to a living process that is taking over', async () => {
    await writeFile(file, JSON.stringify({ ...other, pid: await endedPid() }));
    await writeFile(`${file}.a-1`, JSON.stringify({ ...other, id: 'a-2' }));

    expect(await takeFolder(file)).toMatchObject({ id: 'a-2' });
  });

  (process.platform === 'linux' ? it : it.skip)('sees that a process only has the id of an ended one', async () => {
    await writeFile(file, JSON.stringify({ ...other, started: '1' }));
    expect(await takeFolder(file)).toBeUndefined();
    expect(await owner()).toMatchObject({ pid: process.pid });
  });

  it.each([false, true])('lets one of several processes have it (one left behind: %p)', async (isLeftBehind) => {
    const hooks = pathToFileURL(join(FIXTURES, 'resolve-sources.mjs')).href;
    const contenders = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--import', hooks, join(FIXTURES, 'contender.ts')], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    const say = (text: string) =>
      Promise.all(
        contenders.map(async (contender) => {
          const answer = once(contender.stdout, 'data');
          contender.stdin.write(text);
          return String((await answer)[0]).trim();
        }),
      );
    try {
      await Promise.all(contenders.map(({ stdout }) => once(stdout, 'data')));
      for (let round = 0; round < 25; round += 1) {
        const place = join(root, `${round}.json`);
        if (isLeftBehind) {
          await writeFile(place, JSON.stringify({ ...other, started: '1', host: 'elsewhere.test' }));
        }
        expect((await say(`${place}\n`)).filter((answer) => answer === 'taken')).toEqual(['taken']);
      }
    } finally {
      for (const contender of contenders) {
        contender.stdin.end();
      }
    }
  });
});

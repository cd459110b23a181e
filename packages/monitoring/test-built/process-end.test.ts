import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'azureml-ts-process-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function run(how: string, signal?: NodeJS.Signals): Promise<{ end: unknown[]; stderr: string }> {
  const program = path.join(__dirname, 'fixtures', 'collecting-process.mjs');
  const child = spawn(process.execPath, [program, directory, how], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  if (signal !== undefined) {
    child.stdout.once('data', () => child.kill(signal));
  }
  return { end: (await once(child, 'close')).slice(0, 2), stderr };
}

async function storedRows(): Promise<string[]> {
  const names = await readdir(directory, { recursive: true });
  const file = names.find((name) => name.endsWith('data.csv'));
  return file === undefined ? [] : (await readFile(path.join(directory, file), 'utf8')).split('\n').slice(1, -1);
}

describe('a process that collects', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stores what waits before %s ends it, with that status', async (signal) => {
    expect((await run('wait', signal)).end).toEqual([null, signal]);
    expect(await storedRows()).toHaveLength(1000);
  });

  it('stores what waits although its own handler decides how it ends', async () => {
    expect((await run('own-handler', 'SIGTERM')).end).toEqual([9, null]);
    expect(await storedRows()).toHaveLength(1000);
  });

  it('stores what waits when it ends by itself, and its timers do not keep it alive', async () => {
    expect((await run('natural')).end).toEqual([0, null]);
    expect(await storedRows()).toHaveLength(1000);
  });

  it.each([
    ['exit', [4, null]],
    ['throw', [1, null]],
    ['reject', [1, null]],
  ] as const)(
    'keeps what waits in the journal when it ends by %s, and the next one stores it once',
    async (how, end) => {
      const ended = await run(how);
      expect(ended.end).toEqual(end);
      expect(ended.stderr).toContain('1000 rows are kept in the journal');
      expect(await storedRows()).toHaveLength(0);
      expect((await run('natural')).end).toEqual([0, null]);
      const rows = await storedRows();
      expect(rows).toHaveLength(2000);
      expect(new Set(rows).size).toBe(2000);
    },
  );

  it('says how many rows are lost when process.exit leaves no time and there is no journal', async () => {
    const { end, stderr } = await run('exit-without-journal');
    expect(end).toEqual([4, null]);
    expect(stderr).toContain('1000 rows are given up');
  });
});

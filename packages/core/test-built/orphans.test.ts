import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const FIXTURE = resolve(__dirname, 'fixtures/deploy-and-stay.mjs');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'core-orphans-built-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function start(script: string, ...more: string[]) {
  const file = join(directory, 'score.mjs');
  await writeFile(file, script);
  const parent = spawn(process.execPath, [FIXTURE, directory, file, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(parent, 'exit');
  const [line] = await once(parent.stdout, 'data');
  const [pid = 0, port = 0] = String(line).split(' ').map(Number);
  return { parent, exited, pid, port };
}

async function untilEnded(pid: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(`Process ${pid} is still there.`);
    }
    await new Promise((next) => setTimeout(next, 20));
  }
}

const log = () => readFile(join(directory, 'left', 'service.log'), 'utf8');

async function untilLogged(text: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await log().catch(() => '')).includes(text)) {
    if (Date.now() > deadline) {
      throw new Error(`The log does not say "${text}": ${await log()}`);
    }
    await new Promise((next) => setTimeout(next, 20));
  }
}

describe('the inference server of a process that is killed', () => {
  it.each(['SIGKILL', 'SIGTERM'] as const)(
    "answers another program's running request, then ends (%s)",
    async (signal) => {
      const { parent, exited, pid, port } = await start(
        `export async function run() {
        console.log('scoring');
        await new Promise((next) => setTimeout(next, 300));
        return 'scored';
      }`,
        'wait',
      );
      const answer = fetch(`http://127.0.0.1:${port}/score`, { method: 'POST', body: '{}' });
      await untilLogged('scoring');
      parent.kill(signal);

      await exited;
      expect(await (await answer).json()).toBe('scored');
      await untilEnded(pid);
    },
  );

  it('ends when it is killed right after the start', async () => {
    const { parent, exited, pid } = await start('export const run = () => 1;');
    parent.kill('SIGKILL');

    await exited;
    await untilEnded(pid);
  });

  it('ends while init() waits for what never comes', async () => {
    const { parent, exited, pid } = await start(
      `export const init = () => { console.log('loading'); return new Promise(() => setInterval(() => {}, 1000)); };
      export const run = () => 1;`,
    );
    await untilLogged('loading');
    parent.kill('SIGSTOP');
    parent.kill('SIGKILL');

    await exited;
    await untilEnded(pid);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { MAIN, scripts } from './child-server.ts';

let folder: Awaited<ReturnType<typeof scripts>>;
let parent: ChildProcess | undefined;
afterEach(async () => {
  parent?.kill('SIGKILL');
  parent = undefined;
  await folder.remove();
});

/** Starts the server in a child of a process of its own, which passes the address on. */
async function serveBelow(text: string, argv: string[], withChannel: boolean) {
  folder = await scripts({ 'score.mjs': text });
  const args = [MAIN, '--entry-script', folder.path('score.mjs'), '--host', '127.0.0.1', '--port', '0', ...argv];
  const program = `require('node:child_process').spawn(process.execPath, ${JSON.stringify(args)}, {
    stdio: ['ignore', 'inherit', 'inherit'${withChannel ? ", 'ipc'" : ''}],
  })`;
  const child = spawn(process.execPath, ['--eval', program], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  parent = child;
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  let url: string | undefined;
  while (url === undefined) {
    await once(child.stderr, 'data');
    url = /Listening on (\S+)/.exec(log)?.[1];
  }
  // Both close once the server, too, has ended.
  const silent = Promise.all([once(child.stdout, 'close'), once(child.stderr, 'close')]);
  return { child, url, silent, log: () => log };
}

const LOOP = 'export const run = () => { console.log("in"); for (;;); };';

describe('a server whose parent is killed', () => {
  it('ends even while the script loops for ever', async () => {
    const { child, url, silent, log } = await serveBelow(LOOP, [], true);
    void fetch(`${url}/score`, { method: 'POST' }).catch(() => undefined);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await silent;
    expect(log()).toMatch(
      /E \[\d+\] The parent process has ended and the script stays in synchronous work: killed\.\n$/,
    );
  });

  it('ends without an IPC channel too when --parent-watch asks for it', async () => {
    const { child, url, silent, log } = await serveBelow(LOOP, ['--parent-watch'], false);
    void fetch(`${url}/score`, { method: 'POST' }).catch(() => undefined);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await silent;
    expect(log()).toContain('killed.');
  });

  it('ends in good order when the script lets it', async () => {
    const { child, silent, log } = await serveBelow('export const run = () => 1;', [], true);
    child.kill('SIGKILL');
    await silent;
    expect(log()).toContain('Shutting down: the parent process ended');
    expect(log()).not.toContain('killed.');
  });
});

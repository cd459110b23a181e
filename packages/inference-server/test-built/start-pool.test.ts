import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { scripts } from './child-server.ts';

const INDEX = pathToFileURL(resolve(__dirname, '../dist/index.js')).href;

let folder: Awaited<ReturnType<typeof scripts>>;
let child: ChildProcess | undefined;
afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await folder.remove();
});

/** A program that starts a server, tells how that went, and closes it when told to. */
async function program(script: string, options: string): Promise<ChildProcess> {
  folder = await scripts({
    'score.mjs': script,
    'program.mjs': `import { startServer } from ${JSON.stringify(INDEX)};
      const lines = [];
      try {
        const server = await startServer({ port: 0, host: '127.0.0.1', onLogLine: (line) => lines.push(line), ${options} });
        process.once('message', async () => {
          await server.close();
          process.send({ lines });
          process.disconnect();
        });
        process.send({ url: server.url });
      } catch (error) {
        process.send({ code: error.code, name: error.constructor.name, message: error.message });
        process.disconnect();
      }`,
  });
  child = fork(folder.path('program.mjs'), {
    env: { PATH: process.env['PATH'] },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    cwd: resolve(folder.path('score.mjs'), '..'),
  });
  return child;
}

const answer = async (of: ChildProcess): Promise<Record<string, unknown>> => (await once(of, 'message'))[0];

describe('startServer with workers', () => {
  it('serves from that many processes, and leaves nothing behind when it closes', async () => {
    const of = await program('export const run = () => process.pid;', "entryScript: 'score.mjs', workers: 2");
    const { url } = await answer(of);
    const score = async () =>
      (await fetch(`${url}/score`, { method: 'POST', headers: { connection: 'close' } })).json();
    const pids = new Set([await score(), await score(), await score(), await score()]);
    expect(pids.size).toBe(2);
    expect(pids).not.toContain(of.pid);
    // Closes only once no worker holds it any more.
    const silent = once(of.stderr as NodeJS.ReadableStream, 'close');
    of.send('close');
    expect(await answer(of)).toEqual({ lines: [] });
    expect(await once(of, 'exit')).toEqual([0, null]);
    await silent;
  });

  it.each([
    [
      "entryScript: 'score.mjs', workers: 2",
      'export const init = () => { throw new Error("no model") }; export const run = () => 1;',
      { code: 'INIT_FAILED', name: 'InitFailedError', message: expect.stringContaining('no model') },
    ],
    [
      "entryScript: 'score.mjs', workers: 2",
      'process.exit(4); export const run = () => 1;',
      { code: 'WORKER_FAILED', name: 'WorkerFailedError', message: expect.stringContaining('ended with code 4') },
    ],
    [
      'run: () => 1, workers: 2',
      '',
      { code: 'VALIDATION', message: expect.stringContaining('Functions cannot be sent to other processes') },
    ],
    ["entryScript: 'score.mjs', workers: 0", '', { code: 'VALIDATION', message: expect.stringContaining('workers') }],
  ])('rejects for %s when the script is %j', async (options, script, expected) => {
    const of = await program(script, options);
    expect(await answer(of)).toMatchObject(expected);
    expect(await once(of, 'exit')).toEqual([0, null]);
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { resolve as resolvePath } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ChildServer, scripts } from './child-server.ts';

/** The same copy of the package that the built command uses, for scripts in folders without packages. */
const COMMON = pathToFileURL(resolvePath(__dirname, '../../common/dist/index.js')).href;

let folder: Awaited<ReturnType<typeof scripts>>;
let server: ChildServer | undefined;
afterEach(async () => {
  await server?.kill();
  server = undefined;
  await folder.remove();
});

async function serve(text: string, argv: string[] = ['--port', '0']): Promise<ChildServer> {
  folder = await scripts({ 'score.mjs': text });
  server = new ChildServer(['--entry-script', folder.path('score.mjs'), '--host', '127.0.0.1', ...argv]);
  return server;
}

/** run() says that it has begun, then waits for half a second. */
const SLOW = `export async function run() {
  process.stdout.write('begun');
  await new Promise((resolve) => setTimeout(resolve, 500));
  return 'late';
}
setInterval(() => {}, 1000);`;

/** Sends the next request over its connection with each answer. */
function busyClient(port: number, host: string) {
  const socket = connect(port, host);
  const send = () => socket.write('POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n"a"');
  let isWaiting = true;
  let text = '';
  const begun = once(socket, 'data');
  socket.on('data', (chunk) => {
    text += chunk;
    if (text.endsWith('\r\n\r\n"a"')) {
      isWaiting = !/connection: close/i.test(text);
      text = '';
      if (isWaiting) {
        send();
      }
    }
  });
  send();
  const ended = new Promise<string>((resolve) => {
    socket.on('error', (error) => resolve(error.message));
    socket.on('end', () => resolve(isWaiting ? 'a request not answered' : 'every request answered'));
  });
  return { begun, ended };
}

describe('the end of the process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('on %s answers the running request, then exits with 0', async (signal) => {
    const child = await serve(SLOW);
    const url = await child.url();
    const pending = child.post(url, '');
    await once(child.child.stdout as NodeJS.ReadableStream, 'data');
    child.child.kill(signal);
    // The second comes from a parent that passes the signal on; it must not cut anything.
    await child.logged(`Shutting down: ${signal}`);
    child.child.kill(signal);
    const response = await pending;
    expect([await response.json(), response.headers.get('connection')]).toEqual(['late', 'close']);
    expect(await child.ended).toBe(0);
  });

  it.each([1, 2])(
    'on SIGTERM leaves no request unanswered that clients send without a pause: %d workers',
    async (workers) => {
      const child = await serve('export const run = (raw) => JSON.parse(raw)', [
        '--port',
        '0',
        '--worker-count',
        `${workers}`,
      ]);
      const { port, hostname } = new URL(await child.url());
      const clients = Array.from({ length: 20 }, () => busyClient(Number(port), hostname));
      await Promise.all(clients.map(({ begun }) => begun));
      child.child.kill('SIGTERM');
      expect(await Promise.all(clients.map(({ ended }) => ended))).toEqual(clients.map(() => 'every request answered'));
      expect(await child.ended).toBe(0);
    },
  );

  it('comes when the parent goes away', async () => {
    const child = await serve(SLOW);
    await child.url();
    child.child.disconnect();
    expect(await child.ended).toBe(0);
    expect(child.stderr).toContain('the parent process ended');
  });

  it('comes during init() too, without opening the port', async () => {
    const child = await serve(
      'export const init = () => { process.stdout.write("in"); return new Promise(() => {}) }; export const run = () => 1; setInterval(() => {}, 1000)',
    );
    await once(child.child.stdout as NodeJS.ReadableStream, 'data');
    child.child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    expect(await child.message).toBeUndefined();
  });

  it.each([
    ['uncaught exception', 'setTimeout(() => { throw new Error("outside") })'],
    ['unhandled rejection', 'void Promise.reject(new Error("outside"))'],
  ])('after an %s is 5, with the stack in the log and running requests answered', async (what, code) => {
    const child = await serve(`${SLOW.replace('process.stdout.write', `${code}; process.stdout.write`)}`);
    const response = await child.post(await child.url(), '', { 'x-request-id': 'r-9' });
    expect(await response.json()).toBe('late');
    expect(await child.ended).toBe(5);
    expect(child.stderr).toMatch(new RegExp(`E \\[\\d+\\] ${what}( \\(request-id=r-9\\))?\nError: outside\n\\s+at `));
  });

  it('does not come after a rejection that the script handles itself', async () => {
    const child = await serve(
      'process.on("unhandledRejection", () => {}); export const run = () => { void Promise.reject(new Error("mine")); return 1 }',
    );
    const url = await child.url();
    await child.post(url, '');
    await child.logged('mine');
    expect((await child.post(url, '')).status).toBe(200);
  });
});

describe('output that nobody reads any longer', () => {
  it('does not stop the server from scoring, nor from ending on SIGTERM', async () => {
    const child = await serve(
      'export const run = () => { console.log("x".repeat(10)); console.error("y"); throw new Error("z") }',
    );
    const url = await child.url();
    child.child.stdout?.destroy();
    child.child.stderr?.destroy();
    for (let n = 0; n < 3; n++) {
      expect((await child.post(url, '')).status).toBe(500);
    }
    child.child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  });

  it('does not either when the script takes every listener away', async () => {
    const child = await serve(
      'export const run = () => { for (const s of [process.stdout, process.stderr]) s.removeAllListeners("error"); process.stdout.write("x"); return 1 }',
    );
    const url = await child.url();
    child.child.stdout?.destroy();
    child.child.stderr?.destroy();
    for (let n = 0; n < 3; n++) {
      expect((await child.post(url, '')).status).toBe(200);
    }
    child.child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  });
});

describe('an uncaught value that cannot be inspected', () => {
  it('ends the process in good order with 5', async () => {
    const child = await serve(
      'import { inspect } from "node:util"; export const run = () => { setImmediate(() => { throw { [inspect.custom]() { throw new Error("nope") } } }); return 1 }',
    );
    expect((await child.post(await child.url(), '')).status).toBe(200);
    expect(await child.ended).toBe(5);
    expect(child.stderr).toContain('uncaught exception');
    expect(child.stderr).toContain('Shutting down');
  });
});

describe('a shutdown that is not complete', () => {
  it('ends with 5 and tells what was given up, after the collectors had their time', async () => {
    const child = await serve(`import { onShutdown } from ${JSON.stringify(COMMON)};
      onShutdown('collectors', { close: async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        console.error('stored');
      } });
      export const run = () => { process.stdout.write('begun'); return new Promise(() => {}) };`);
    const pending = child.post(await child.url(), '').catch(() => 'cut');
    await once(child.child.stdout as NodeJS.ReadableStream, 'data');
    child.child.kill('SIGTERM');
    expect(await pending).toBe('cut');
    expect(await child.ended).toBe(5);
    expect(child.stderr).toContain('stored');
    expect(child.stderr).toContain('1 request was cut: not answered within the time for closing.');
    expect(child.stderr).toContain('The shutdown was not complete in time');
  });

  it('does not come from an upload that has stopped', async () => {
    const child = await serve('export const run = () => 1');
    const url = new URL(await child.url());
    const socket = connect(Number(url.port), url.hostname);
    socket.on('error', () => undefined);
    socket.write('POST /score HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\nabc');
    await once(socket, 'data');
    const startedAt = performance.now();
    child.child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    expect(child.stderr).toContain('POST /score 499');
    socket.destroy();
  });
});

describe('the command line', () => {
  it('writes what is wrong on one line', async () => {
    const child = await serve('', ['--no\n##vso[task.setvariable variable=X]evil\n::error::x']);
    expect(await child.ended).toBe(2);
    expect(child.stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^azureml-ts-inference-server: .*# #vso\[.* \[VALIDATION\]$/),
      'See azureml-ts-inference-server --help.',
    ]);
  });

  it('tells its parent the port and logs every request once', async () => {
    const child = await serve('export const run = (raw) => raw');
    const url = await child.url();
    expect(await child.message).toEqual({ type: 'azureml-ts:listening', url, port: Number(new URL(url).port) });
    await child.post(url, '"a"', { 'x-request-id': 'once' });
    await fetch(url);
    child.child.kill('SIGTERM');
    await child.ended;
    expect(child.stderr.match(/request-id=once/g)).toHaveLength(1);
    expect(child.stderr).not.toContain('GET /');
    expect(child.stdout).toBe('');
  });

  it('exits with 5 when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const child = await serve('export const run = () => 1', ['--port', String(port)]);
    expect(await child.message).toMatchObject({ type: 'azureml-ts:failed', code: 'PORT_IN_USE' });
    expect(await child.ended).toBe(5);
    await new Promise((resolve) => other.close(resolve));
  });

  it('exits with 2 for wrong arguments and tells how they should be', async () => {
    const child = await serve('', ['--prot', '1']);
    expect(await child.ended).toBe(2);
    expect(child.stderr).toContain('--prot');
    expect(child.stderr).toContain('--help');
  });

  it('shows help and version on standard output', async () => {
    const child = await serve('', ['--help']);
    expect(await child.ended).toBe(0);
    expect(child.stdout).toContain('Usage: azureml-ts-inference-server --entry-script FILE');
    const version = new ChildServer(['--version']);
    expect(await version.ended).toBe(0);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

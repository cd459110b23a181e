import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startTelemetryStandIn } from '@azureml-ts/testing';
import { ChildServer, scripts } from './child-server.ts';

/** The same copy of the package that the built command uses, for scripts in folders without packages. */
const COMMON = pathToFileURL(resolve(__dirname, '../../common/dist/index.js')).href;

let folder: Awaited<ReturnType<typeof scripts>>;
let server: ChildServer | undefined;
afterEach(async () => {
  await server?.kill();
  server = undefined;
  await folder.remove();
});

async function serve(
  text: string,
  { argv = ['--worker-count', '2'], env = {} }: { argv?: string[]; env?: Record<string, string> } = {},
): Promise<ChildServer> {
  folder = await scripts({ 'score.mjs': text });
  server = new ChildServer(
    ['--entry-script', folder.path('score.mjs'), '--host', '127.0.0.1', '--port', '0', ...argv],
    env,
  );
  return server;
}

/** Sends on a new connection each: every worker gets one in turn. */
async function score(url: string, body = ''): Promise<unknown> {
  const response = await fetch(`${url}/score`, { method: 'POST', body, headers: { connection: 'close' } });
  return response.json();
}

const PID = 'export const run = () => process.pid;';
/** Ends its process when it is sent `exit`. */
const EXITS = 'export const run = (raw) => { if (raw === "exit") process.exit(7); return process.pid };';

describe('several workers', () => {
  it('that end before they take a connection leave no client waiting', async () => {
    const child = await serve(PID);
    const url = await child.url();
    const pids = new Set([await score(url), await score(url), await score(url), await score(url)]) as Set<number>;
    expect(pids.size).toBe(2);
    // Standing still they are handed a connection each, and never say that they have it.
    for (const pid of pids) {
      process.kill(pid, 'SIGSTOP');
    }
    const waiting = Promise.allSettled([score(url), score(url)]);
    await new Promise((handed) => setTimeout(handed, 300));
    for (const pid of pids) {
      process.kill(pid, 'SIGKILL');
    }
    expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await child.loggedTimes('Listening on', 4);
    expect(pids).not.toContain(await score(url));
  });

  it.each([
    ['--worker-count', { argv: ['--worker-count', '2'] }],
    ['WORKER_COUNT', { argv: [], env: { WORKER_COUNT: '2' } }],
  ])('by %s share one port, each with its own init()', async (_, options) => {
    const child = await serve(
      'export const init = () => { console.log("init", process.pid) }; export const run = () => process.pid;',
      options,
    );
    const url = await child.url();
    const pids = new Set([await score(url), await score(url), await score(url), await score(url)]);
    expect(pids.size).toBe(2);
    expect(pids).not.toContain(child.child.pid);
    expect(
      child.stdout
        .trim()
        .split('\n')
        .map((line) => Number(line.slice('init '.length)))
        .sort(),
    ).toEqual([...pids].sort());
  });

  it('open the port only when init() has ended in each', async () => {
    const child = await serve(`import { existsSync, writeFileSync } from 'node:fs';
      const first = new URL('./first', import.meta.url);
      let isFirst = false;
      try { writeFileSync(first, '', { flag: 'wx' }); isFirst = true; } catch {}
      export const init = async () => {
        console.log(isFirst ? 'first' : 'second');
        while (!isFirst && !existsSync(new URL('./go', import.meta.url))) await new Promise((go) => setTimeout(go, 20));
      };
      ${PID}`);
    while (!(child.stdout.includes('first') && child.stdout.includes('second'))) {
      await once(child.child.stdout as NodeJS.ReadableStream, 'data');
    }
    expect(child.stderr).not.toContain('Listening');
    await writeFile(folder.path('go'), '');
    expect(await score(await child.url())).toEqual(expect.any(Number));
  });

  it('end with 3 when init() of one fails at the start, and tell the parent why', async () => {
    const child = await serve(`import { writeFileSync } from 'node:fs';
      let isFirst = false;
      try { writeFileSync(new URL('./first', import.meta.url), '', { flag: 'wx' }); isFirst = true; } catch {}
      export const init = () => { if (isFirst) throw new Error('no model'); return new Promise(() => {}) };
      ${PID} setInterval(() => {}, 1000);`);
    expect(await child.message).toMatchObject({ type: 'azureml-ts:failed', code: 'INIT_FAILED' });
    expect(await child.ended).toBe(3);
    expect(child.stderr).toMatch(/E \[\d+\] init\(\) of .* failed: no model \[INIT_FAILED\]\nError: no model\n\s+at /);
    expect(child.stderr).not.toContain('Listening');
  });

  it('end with 3 also when telemetry cannot be delivered and another worker hangs in its start', async () => {
    await using standIn = await startTelemetryStandIn();
    standIn.respondWith({ status: 503 });
    const child = await serve(
      `import { writeFileSync } from 'node:fs';
      let isFirst = false;
      try { writeFileSync(new URL('./first', import.meta.url), '', { flag: 'wx' }); isFirst = true; } catch {}
      export const init = () => { if (isFirst) throw new Error('no model'); for (;;); };
      ${PID}`,
      {
        env: {
          WORKER_COUNT: '2',
          AML_APP_INSIGHTS_ENABLED: 'true',
          APPLICATIONINSIGHTS_CONNECTION_STRING: standIn.connectionString,
        },
      },
    );
    expect(await child.ended).toBe(3);
    expect(standIn.requests().length).toBeGreaterThan(0);
  });

  it('end with 5 when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    folder = await scripts({ 'score.mjs': PID });
    server = new ChildServer([
      ...['--entry-script', folder.path('score.mjs'), '--host', '127.0.0.1'],
      ...['--port', String(port), '--worker-count', '2'],
    ]);
    expect(await server.message).toMatchObject({ type: 'azureml-ts:failed', code: 'PORT_IN_USE' });
    expect(await server.ended).toBe(5);
    await new Promise((settle) => other.close(settle));
  });

  it('end with 0, without opening the port, when they are stopped in init()', async () => {
    const child = await serve(
      `export const init = () => { console.log('in'); return new Promise(() => {}) }; ${PID} setInterval(() => {}, 1000)`,
    );
    while (child.stdout.split('in').length < 3) {
      await once(child.child.stdout as NodeJS.ReadableStream, 'data');
    }
    child.child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    expect(await child.message).toBeUndefined();
  });
});

describe('a worker that fails', () => {
  it('is replaced, which the log and Application Insights tell', async () => {
    await using standIn = await startTelemetryStandIn();
    const child = await serve(EXITS, {
      env: {
        WORKER_COUNT: '2',
        AML_APP_INSIGHTS_ENABLED: 'true',
        APPLICATIONINSIGHTS_CONNECTION_STRING: standIn.connectionString,
      },
    });
    const url = await child.url();
    await expect(score(url, 'exit')).rejects.toThrow();
    await child.logged('ended with code 7. Another one starts in 100 ms.');
    await child.loggedTimes('Listening on', 3);
    const pids = new Set([await score(url), await score(url), await score(url), await score(url)]);
    expect(pids.size).toBe(2);
    child.child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
    const [failure] = standIn.items({ baseType: 'ExceptionData' });
    expect(JSON.stringify(failure)).toMatch(/Worker \d \(process \d+\) ended with code 7/);
  });

  it('again and again ends the server with 6', async () => {
    const child = await serve(`import { existsSync } from 'node:fs';
      if (existsSync(new URL('./broken', import.meta.url))) process.exit(9);
      ${EXITS}`);
    const url = await child.url();
    await writeFile(folder.path('broken'), '');
    await expect(score(url, 'exit')).rejects.toThrow();
    expect(await child.ended).toBe(6);
    expect(child.stderr).toMatch(/ended with code 9\. Another one starts in 1600 ms\./);
    expect(child.stderr).toMatch(/E \[\d+\] Worker \d failed 6 times.* \[WORKERS_KEEP_FAILING\]/);
    expect(child.stderr).toContain('Shutting down the workers: workers keep failing');
  });

  it('in an endless loop is replaced when WORKER_TIMEOUT has passed', async () => {
    const child = await serve('export const run = (raw) => { while (raw === "loop"); return process.pid };', {
      env: { WORKER_TIMEOUT: '1' },
    });
    const url = await child.url();
    await expect(score(url, 'loop')).rejects.toThrow();
    await child.logged('was killed: its event loop stood still for 1 s');
    await child.loggedTimes('Listening on', 3);
    expect(new Set([await score(url), await score(url)]).size).toBe(2);
  });
});

describe('the end of several workers', () => {
  it('comes on SIGTERM when all of them have answered and closed their collectors', async () => {
    const child = await serve(`import { onShutdown } from ${JSON.stringify(COMMON)};
      onShutdown('telemetry', { close: () => console.log('telemetry') });
      onShutdown('collectors', { close: () => console.log('collectors') });
      export const run = async () => {
        console.log('begun');
        await new Promise((go) => setTimeout(go, 500));
        return 'late';
      }
      setInterval(() => {}, 1000);`);
    const url = await child.url();
    const pending = [score(url), score(url)];
    while (child.stdout.split('begun').length < 3) {
      await once(child.child.stdout as NodeJS.ReadableStream, 'data');
    }
    child.child.kill('SIGTERM');
    expect(await Promise.all(pending)).toEqual(['late', 'late']);
    expect(await child.ended).toBe(0);
    expect(child.stdout.split('\n').slice(2).sort()).toEqual([
      '',
      'collectors',
      'collectors',
      'telemetry',
      'telemetry',
    ]);
    expect(child.stdout.indexOf('telemetry')).toBeGreaterThan(child.stdout.indexOf('collectors'));
  });

  it('comes at once on a second signal', async () => {
    const child = await serve(
      `let isBusy = false;
      process.on('exit', () => { if (isBusy) console.log('in good order') });
      export const run = () => { isBusy = true; console.log('begun'); return new Promise(() => {}) };
      setInterval(() => {}, 1000);`,
    );
    const pending = score(await child.url()).catch(() => 'cut');
    await once(child.child.stdout as NodeJS.ReadableStream, 'data');
    child.child.kill('SIGTERM');
    await child.loggedTimes('Shutting down: SIGTERM', 2);
    child.child.kill('SIGINT');
    // The output of every worker has ended with it.
    expect(await child.ended).toBe(130);
    expect(child.stdout).not.toContain('in good order');
    expect(await pending).toBe('cut');
  });

  it.each([
    ['that wait', PID, ''],
    ['in an endless loop', 'export const run = () => { console.log("in"); for (;;); };', 'in'],
  ])('comes when the primary is killed, to workers %s', async (_, text, says) => {
    const child = await serve(text);
    const pending = score(await child.url()).catch(() => 'cut');
    if (says === '') {
      await pending;
    } else {
      await once(child.child.stdout as NodeJS.ReadableStream, 'data');
    }
    child.child.kill('SIGKILL');
    // Resolves when no process holds its output any more.
    expect(await child.ended).toBe('SIGKILL');
    expect(await pending).toEqual(says === '' ? expect.any(Number) : 'cut');
  });
});

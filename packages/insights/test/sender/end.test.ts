import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Bench, balanced } from '../support.ts';

const USE_SOURCES = pathToFileURL(join(__dirname, '..', 'fixtures', 'use-sources.mjs')).href;

describe('the end of a process with a spool', () => {
  let bench: Bench;
  let directory: string;

  beforeEach(async () => {
    bench = await Bench.open();
    directory = mkdtempSync(join(tmpdir(), 'azureml-spool-'));
  });

  afterEach(async () => {
    await bench.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function run(program: string, signal?: NodeJS.Signals) {
    const options = `{ captureConsole: false, spool: { directory: ${JSON.stringify(directory)} } }`;
    const text = `import { startInsights } from '@azureml-ts/insights';\nconst insights = startInsights(${options});\n${program}`;
    const child = spawn(
      process.execPath,
      ['--import', USE_SOURCES, '--no-warnings', '--input-type=module', '--eval', text],
      {
        env: { PATH: process.env['PATH'], APPLICATIONINSIGHTS_CONNECTION_STRING: bench.standIn.connectionString },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.stdout.on('data', () => signal !== undefined && child.kill(signal));
    const [code, endedBy] = await once(child, 'close');
    return { code, signal: endedBy, stderr };
  }

  /** What a next start finds on disk and sends. */
  async function sentByNext(): Promise<unknown[]> {
    bench.standIn.respondWith(null);
    bench.standIn.clear();
    const next = bench.start({ spool: { directory } });
    await next.close();
    balanced(next);
    return bench.standIn.items({ baseType: 'MessageData' }).map(({ data }) => data['message']);
  }

  it('is not put off by the spool, neither when it is empty nor when the service is down', async () => {
    expect(await run('')).toMatchObject({ code: 0, stderr: '' });
    bench.standIn.respondWith({ status: 503, retryAfter: 3600 });
    expect(await run(`insights.trackTrace({ message: 'a' });`)).toMatchObject({ code: 0 });
    expect(await run('')).toMatchObject({ code: 0 });
    expect(await sentByNext()).toEqual(['a']);
  });

  it('by process.exit keeps what waited', async () => {
    const { code, stderr } = await run(
      `insights.trackTrace({ message: 'a' }); insights.trackTrace({ message: 'b' }); process.exit(3);`,
    );

    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(bench.standIn.items()).toEqual([]);
    expect(await sentByNext()).toEqual(['a', 'b']);
  });

  it('by an error that nobody caught keeps what waited', async () => {
    const { code, stderr } = await run(`insights.trackTrace({ message: 'a' }); throw new Error('boom');`);

    expect(code).toBe(1);
    expect(stderr).toContain('boom');
    expect(await sentByNext()).toContain('a');
  });

  it('by SIGTERM keeps what the service does not take in time', async () => {
    bench.standIn.respondWith({ status: 503, retryAfter: 3600 });
    const ended = await run(
      `insights.trackTrace({ message: 'a' }); setInterval(() => {}, 60_000); process.stdout.write('ready');`,
      'SIGTERM',
    );

    expect(ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(await sentByNext()).toEqual(['a']);
    expect(readdirSync(directory).flatMap((folder) => readdirSync(join(directory, folder)))).toEqual([]);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Bench, balanced } from '../support.ts';

const FIXTURES = join(__dirname, '..', 'fixtures');

interface Told {
  readonly spooled: number;
  readonly sent: number;
  readonly tracked: number;
}

describe('spool of a process that is killed', () => {
  let bench: Bench;
  let directory: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    bench = await Bench.open();
    directory = mkdtempSync(join(tmpdir(), 'azureml-spool-'));
  });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.kill('SIGKILL');
    }
    await bench.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const files = () => readdirSync(directory).flatMap((folder) => readdirSync(join(directory, folder)));
  const messages = () => bench.standIn.items({ baseType: 'MessageData' }).map(({ data }) => String(data['message']));

  /** Runs a child until it has told what is asked for, and kills it then. */
  async function runUntil(prefix: string, isEnough: (told: Told) => boolean): Promise<Told> {
    const child = spawn(
      process.execPath,
      [
        '--import',
        pathToFileURL(join(FIXTURES, 'use-sources.mjs')).href,
        '--no-warnings',
        join(FIXTURES, 'spooling-child.mjs'),
        directory,
        prefix,
      ],
      {
        env: {
          PATH: process.env['PATH'],
          APPLICATIONINSIGHTS_CONNECTION_STRING: bench.standIn.connectionString,
        },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    children.push(child);
    for await (const line of createInterface({ input: child.stdout })) {
      const told = JSON.parse(line) as Told;
      if (isEnough(told)) {
        child.kill('SIGKILL');
        await once(child, 'close');
        return told;
      }
    }
    throw new Error('the child ended before it had told enough');
  }

  it('holds all that was on disk, and the next start sends each item of it', async () => {
    bench.standIn.respondWith({ status: 503, retryAfter: 0 });
    const told = await runUntil('one', ({ spooled }) => spooled > 300);
    bench.standIn.respondWith(null);
    const next = bench.start({ spool: { directory } });
    await next.flush({ timeoutMs: 20_000 });

    expect(balanced(next).sent).toBeGreaterThanOrEqual(told.spooled);
    expect(messages()).toHaveLength(balanced(next).sent);
    expect(new Set(messages()).size).toBe(messages().length);
    expect(files()).toEqual([]);
  }, 60_000);

  it('survives being killed again and again, also while it is being sent', async () => {
    let atLeast = 0;
    for (let round = 0; round < 4; round++) {
      bench.standIn.respondWith({ status: 503, retryAfter: 0 });
      const told = await runUntil(`r${round}`, ({ spooled }) => spooled > 150);
      atLeast += told.spooled;
      // One that takes files over and is killed with a request under way.
      bench.standIn.respondWith([{ times: 2 }, { delayMs: 60_000 }]);
      const before = bench.standIn.items().length;
      const taking = runUntil(`t${round}`, () => bench.standIn.items().length > before);
      await taking;
    }
    bench.standIn.respondWith(null);
    const next = bench.start({ spool: { directory } });
    await next.flush({ timeoutMs: 30_000 });
    await next.flush({ timeoutMs: 30_000 });

    expect(files()).toEqual([]);
    const spooled = messages().filter((message) => message.startsWith('r'));
    // Whatever a killed process had on disk arrived: twice at most where it was killed between answer and removal.
    expect(new Set(spooled).size).toBeGreaterThanOrEqual(atLeast);
  }, 120_000);

  it('leaves no half-written file to be sent, nor to lie there for ever', async () => {
    bench.standIn.respondWith({ status: 503, retryAfter: 3600 });
    const first = bench.start({ spool: { directory } });
    first.trackTrace({ message: 'whole' });
    await first.close();
    const folder = join(directory, readdirSync(directory)[0] ?? '');
    const [file = ''] = files();
    const host = /[0-9a-f]{8}/.exec((await import('../../src/sender/spool/spool-file.ts')).heldName('x', 'part'))?.[0];
    // Of a process that cannot live: numbers of processes end below this.
    writeFileSync(join(folder, file.replace('.items', `.part-${host}-9999999-0000000000000`)), '{"ver":1');
    mkdirSync(join(folder, 'x'));
    bench.standIn.respondWith(null);
    bench.standIn.clear();
    const next = bench.start({ spool: { directory } });
    await next.close();

    expect(messages()).toEqual(['whole']);
    expect(files()).toEqual(['x']);
    expect(balanced(next)).toMatchObject({ tracked: 1, sent: 1 });
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../support/checkout.ts';
import { runNode } from '../support/run.ts';

const MODULE = pathToFileURL(join(ROOT, 'scripts', 'lock.mjs')).href;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'azureml-ts-lock-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** ESM that does its work inside the lock. */
function inside(work: string): string[] {
  const code = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as delay } from 'node:timers/promises';
    const { withLock } = await import(${JSON.stringify(MODULE)});
    const note = (text) => appendFileSync(${JSON.stringify(join(folder, 'notes'))}, text);
    await withLock(${JSON.stringify(join(folder, 'state'))}, async () => { ${work} });`;
  return ['--input-type=module', '--eval', code];
}

describe('the lock around the set-up', () => {
  it('lets one process in at a time', async () => {
    const work = `note('in '); await delay(50); note('out ');`;
    const results = await Promise.all(Array.from({ length: 5 }, () => runNode(inside(work))));
    expect(results.map((result) => result.code)).toEqual([0, 0, 0, 0, 0]);
    expect(readFileSync(join(folder, 'notes'), 'utf8')).toBe('in out '.repeat(5));
    expect(existsSync(join(folder, 'state', 'lock'))).toBe(false);
  });

  it('is released when the work fails', async () => {
    expect((await runNode(inside(`throw new Error('work failed');`))).stderr).toContain('work failed');
    expect(existsSync(join(folder, 'state', 'lock'))).toBe(false);
  });

  it('is taken over, once, from an owner that was killed', async () => {
    const owner = spawn(process.execPath, inside(`console.log('in'); await delay(600_000);`), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(owner.stdout, 'data');
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    expect(existsSync(join(folder, 'state', 'lock'))).toBe(true);

    const work = `note('in '); await delay(50); note('out ');`;
    const results = await Promise.all(Array.from({ length: 4 }, () => runNode(inside(work))));
    expect(results.map((result) => result.code)).toEqual([0, 0, 0, 0]);
    expect(results.filter((result) => result.stderr.includes('removing the lock'))).toHaveLength(1);
    expect(readFileSync(join(folder, 'notes'), 'utf8')).toBe('in out '.repeat(4));
  });

  it('is taken over from a dead owner whose number another process has now', async () => {
    mkdirSync(join(folder, 'state'));
    writeFileSync(join(folder, 'state', 'lock'), JSON.stringify({ pid: process.pid, start: 'another time' }));
    expect((await runNode(inside(`note('in');`))).code).toBe(0);
    expect(readFileSync(join(folder, 'notes'), 'utf8')).toBe('in');
  });
});

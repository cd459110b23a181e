import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';
import { isRunning, waitUntilGone } from '../support/processes.ts';

const SUPERVISE = join(ROOT, 'scripts', 'supervise.mjs');
const TREE = join(import.meta.dirname, 'fixtures', 'tree.mjs');
const GRACE_MS = 1500;

/** Starts the tree of processes under supervision, optionally behind a shell as npm does. */
async function startTree(manner: string, behind: 'node' | 'shell' = 'node') {
  const args = [SUPERVISE, '--grace-ms', String(GRACE_MS), '--', process.execPath, TREE, manner];
  // The `; true` keeps the shell, which would otherwise become the command itself.
  const child =
    behind === 'node'
      ? spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      : spawn('sh', ['-c', '"$0" "$@"; true', process.execPath, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const pids: number[] = JSON.parse(text);
  expect(pids).toHaveLength(4);
  return { child, pids };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    await once(child, 'exit');
  }
  return child.exitCode;
}

describe('supervise.mjs', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('passes %s on, ends everything that was started and exits with %i', async (signal, code) => {
    const { child, pids } = await startTree('polite');
    expect(pids.every(isRunning)).toBe(true);
    child.kill(signal);
    expect(await exitOf(child)).toBe(code);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it('kills what ignores the signal once the grace is over', async () => {
    const { child, pids } = await startTree('stubborn');
    const sent = Date.now();
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(137);
    expect(Date.now() - sent).toBeGreaterThanOrEqual(GRACE_MS - 50);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it('hands on the exit code and ends what the command left behind', async () => {
    const { child, pids } = await startTree('leave');
    expect(await exitOf(child)).toBe(7);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it('ends everything when the shell that started it is killed', async () => {
    const { child, pids } = await startTree('polite', 'shell');
    child.kill('SIGKILL');
    expect(await waitUntilGone(pids, 10_000)).toEqual([]);
  });

  it('leaves nothing behind when it is killed itself', async () => {
    const { child, pids } = await startTree('stubborn');
    child.kill('SIGKILL');
    expect(await waitUntilGone(pids, 10_000)).toEqual([]);
  });

  it('says so when the command cannot be started', async () => {
    const child = spawn(process.execPath, [SUPERVISE, '--', 'no-such-command-here'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [text] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string];
    expect(text).toContain('no-such-command-here could not be started');
    expect(await exitOf(child)).toBe(1);
  });
});

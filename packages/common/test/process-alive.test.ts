import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isProcessAlive } from '../src/index.ts';

describe('isProcessAlive', () => {
  it('knows this process, its parent, and one that has ended', async () => {
    const child = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    expect([process.pid, process.ppid, pid].map(isProcessAlive)).toEqual([true, true, true]);
    child.stdin.end();
    await once(child, 'exit');
    expect(isProcessAlive(pid)).toBe(false);
  });
});

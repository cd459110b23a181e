import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  currentIdentity,
  isOwnerId,
  judge,
  livingOwners,
  newOwnerId,
  type ProcessIdentity,
} from '../../src/journal/process-identity.ts';

const isLinux = process.platform === 'linux';
const me = currentIdentity();

function verdictOn(change: Partial<ProcessIdentity>): string {
  return judge(newOwnerId({ ...me, ...change }), me);
}

describe('the name of a folder', () => {
  it('says who holds it, and is never the same twice', () => {
    const [one, two] = [newOwnerId(me), newOwnerId(me)];
    expect(one).not.toBe(two);
    expect(one).toContain(`-${process.pid}-${me.startTime}-0-`);
    expect(isOwnerId(one)).toBe(true);
    expect(isOwnerId(`${one}.free`)).toBe(false);
    expect(isOwnerId('../../etc')).toBe(false);
  });
});

describe('whether the holder of a folder lives', () => {
  it('is certain of this very thread: what nobody in it holds was left', () => {
    const id = newOwnerId(me);
    expect(judge(id, me)).toBe('left');
    livingOwners().add(id);
    expect(judge(id, me)).toBe('alive');
    livingOwners().delete(id);
  });

  it('is seen only by its heartbeat when it is another thread of this process, but for the main one', () => {
    expect(verdictOn({ threadId: 3 })).toBe('unsure');
    expect(judge(newOwnerId(me), { ...me, threadId: 3 })).toBe('alive');
  });

  it('is seen only by its heartbeat on another machine, in another container, or since another start', () => {
    expect(verdictOn({ host: 'elsewhere' })).toBe('unsure');
    expect(verdictOn({ pidNamespace: 'pid:[17]' })).toBe('unsure');
    expect(verdictOn({ bootId: 'before' })).toBe('unsure');
    expect(judge('no name of a folder', me)).toBe('unsure');
  });

  if (isLinux) {
    it('is certain of a process of this machine: it lives, it has ended, or another one has its number', () => {
      const parent = { pid: process.ppid, startTime: startOf(process.ppid) };
      expect(verdictOn(parent)).toBe('alive');
      expect(verdictOn({ ...parent, threadId: 2 })).toBe('unsure');
      expect(verdictOn({ ...parent, startTime: '1' })).toBe('dead');
      expect(verdictOn({ pid: 4_194_305 })).toBe('dead');
    });

    it('is over for a process that was killed, also while its parent has not asked for its end', async () => {
      // The parent becomes another program, which knows nothing of the child.
      const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      try {
        const [line] = await once(parent.stdout, 'data');
        const pid = Number(String(line));
        await until(parent.pid ?? 0, ' (sleep) ');
        const change = { pid, startTime: startOf(pid) };
        expect(verdictOn(change)).toBe('alive');
        process.kill(pid, 'SIGKILL');
        await until(pid, ') Z ');
        expect(verdictOn(change)).toBe('dead');
      } finally {
        await end(parent);
      }
    });

    it('goes on for a process that is stopped', async () => {
      const child = spawn('sleep', ['600'], { stdio: 'ignore' });
      try {
        await once(child, 'spawn');
        const pid = child.pid ?? 0;
        child.kill('SIGSTOP');
        await until(pid, ') T ');
        expect(verdictOn({ pid, startTime: startOf(pid) })).toBe('alive');
      } finally {
        await end(child);
      }
    });
  }
});

/** Waits until the system says this of a process. */
async function until(pid: number, text: string): Promise<void> {
  while (!statOf(pid).includes(text)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function statOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8');
}

function startOf(pid: number): string {
  return statOf(pid).split(') ')[1]?.split(' ')[19] ?? '';
}

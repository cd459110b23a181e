import { link, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { currentIdentity, livingOwners, newOwnerId } from '../../src/journal/process-identity.ts';
import { FileLock } from '../../src/sinks/file-lock.ts';
import type { MakeLink } from '../../src/sinks/lock-draft.ts';
import { encodeLockState } from '../../src/sinks/lock-state.ts';
import { temporaryFolder } from '../support/workspace.ts';
import { runChild } from './children/run.ts';

let file: string;
beforeEach(async () => {
  file = path.join(await temporaryFolder(), 'data.csv');
});

const never = () => new AbortController().signal;
const acquire = (makeLink?: MakeLink) => FileLock.acquire(file, { abortSignal: never(), makeLink });
const left = () => readdir(path.dirname(file));
const noLink: MakeLink = async () => {
  throw Object.assign(new Error('ENOTSUP'), { code: 'ENOTSUP' });
};

/** Leaves a lock behind as a process that was killed does. */
async function leaveDeadLock(): Promise<void> {
  const end = await runChild('hold-lock.ts', { file, part: { position: 7, length: 11 } });
  expect(end).toMatchObject({ signal: 'SIGKILL', output: '' });
}

/** Writes a lock of a holder that cannot be looked for, which last gave a sign of life so long ago. */
async function writeLock(
  silentMs: number,
  content: (id: string) => Buffer = (id) => encodeLockState({ id }),
): Promise<void> {
  const id = newOwnerId({ ...currentIdentity(), host: 'elsewhere' });
  await writeFile(`${file}.lock`, content(id));
  const then = new Date(Date.now() - silentMs);
  await utimes(`${file}.lock`, then, then);
}

async function expectTaken(): Promise<void> {
  await expect(FileLock.acquire(file, { abortSignal: AbortSignal.timeout(150) })).rejects.toThrow();
}

/** Has many want the lock at once, and tells how many ever held it together. */
async function crowd(count: number, makeLink?: MakeLink): Promise<number> {
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: count }, async () => {
      const lock = await acquire(makeLink);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      await lock.release(true);
    }),
  );
  return most;
}

describe('the lock on a file', () => {
  it.each([
    ['with hard links', undefined],
    ['without hard links', noLink],
  ])('is held by one at a time, and leaves nothing behind (%s)', async (_, makeLink) => {
    expect(await crowd(20, makeLink)).toBe(1);
    expect(await left()).toEqual([]);
  });

  it('passes from a dead holder to one successor only, with what the dead one was writing', async () => {
    await leaveDeadLock();
    const parts: unknown[] = [];
    let inside = 0;
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        const lock = await acquire();
        inside += 1;
        expect(inside).toBe(1);
        parts.push(lock.inherited);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
        await lock.release(true);
      }),
    );
    expect(parts.filter((part) => part !== undefined)).toEqual([{ position: 7, length: 11 }]);
    expect(await left()).toEqual([]);
  });

  it('is not taken by who finds out about a death so late that the lock is long in other hands', async () => {
    await leaveDeadLock();
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let isReached = false;
    const late = acquire(async (from, name) => {
      if (!isReached) {
        isReached = true;
        reached.resolve();
        await goOn.promise;
      }
      await link(from, name);
    });
    await reached.promise;
    const first = await acquire();
    await first.release(true);
    const second = await acquire();
    goOn.resolve();
    // It makes itself the successor of the dead one, and takes that back.
    let isLateIn = false;
    const held = late.then((lock) => {
      isLateIn = true;
      return lock;
    });
    await expectTaken();
    expect(isLateIn).toBe(false);
    await second.release(true);
    const lock = await held;
    expect(lock.inherited).toBeUndefined();
    await lock.release(true);
    expect(await left()).toEqual([]);
  });

  it('is known to be lost by a holder that stood still while others had it, also when it is free or theirs again', async () => {
    const lost = await acquire();
    // As one that gives no sign of life.
    livingOwners().clear();
    const second = await acquire();
    expect(await lost.isLost()).toBe(true);
    await second.release(true);
    expect(await lost.isLost()).toBe(true);
    const third = await acquire();
    expect(await lost.isLost()).toBe(true);
    await lost.release(true);
    expect(await third.isLost()).toBe(false);
    await expectTaken();
    await third.release(true);
    expect(await left()).toEqual([]);
  });

  it('is waited for while its holder lives, and as long as a holder elsewhere may live', async () => {
    const lock = await acquire();
    await expectTaken();
    await lock.release(true);
    await writeLock(50_000);
    await expectTaken();
    expect(await left()).toEqual(['data.csv.lock']);
  });

  it('is taken when a holder elsewhere was silent for more than a minute', async () => {
    await writeLock(61_000, (id) => encodeLockState({ id, part: { position: 1, length: 2 } }));
    const lock = await acquire();
    expect(lock.inherited).toEqual({ position: 1, length: 2 });
    await lock.release(true);
    expect(await left()).toEqual([]);
  });

  it('is taken when nothing readable is in it for more than a minute, and not before', async () => {
    await writeLock(0, () => Buffer.alloc(0));
    await expectTaken();
    await writeLock(61_000, () => Buffer.alloc(0));
    await (await acquire()).release(true);
    expect(await left()).toEqual([]);
  });

  it('tells a holder that was taken for dead, who then leaves the lock of its successor alone', async () => {
    const lock = await acquire();
    expect(await lock.isLost()).toBe(false);
    const { id } = JSON.parse(await readFile(`${file}.lock`, 'utf8')) as { id: string };
    const successor = newOwnerId({ ...currentIdentity(), host: 'elsewhere' });
    await writeFile(`${file}.lock-${id}`, encodeLockState({ id: successor }));
    expect(await lock.isLost()).toBe(true);
    await lock.release(true);
    expect((await left()).sort()).toEqual(['data.csv.lock', `data.csv.lock-${id}`]);
    await expectTaken();
  });

  it('is free after a release that could not remove it, and goes with the next one', async () => {
    let isFull = false;
    const lock = await acquire(async (from, name) => {
      if (isFull) {
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      }
      await link(from, name);
    });
    isFull = true;
    await lock.release(true);
    expect(await left()).toEqual(['data.csv.lock']);
    const next = await acquire();
    expect(next.isSuccession).toBe(true);
    await next.release(true);
    expect(await left()).toEqual([]);
  });

  it('hands on what its holder wrote when that is not whole', async () => {
    const lock = await acquire();
    await lock.intend({ position: 3, length: 4 });
    await lock.release(false);
    const next = await acquire();
    expect(next.inherited).toEqual({ position: 3, length: 4 });
    await next.release(true);
    expect(await left()).toEqual([]);
  });

  it("is not taken while its holder is giving it back: the files that are removed then are nobody else's", async () => {
    let next: Promise<FileLock> | undefined;
    const lock = await acquire(async (existing, name) => {
      await link(existing, name);
      if (name !== `${file}.lock`) {
        // Between the two steps of the release there is all the time in the world for others.
        next = acquire();
        await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 300))]);
      }
    });
    await lock.release(true);
    const second = await next;
    await expectTaken();
    expect(await second?.isLost()).toBe(false);
    await second?.release(true);
    expect(await left()).toEqual([]);
  });

  it('sweeps away what the dead left, and nothing of the living', async () => {
    await leaveDeadLock();
    const [dead = ''] = await left();
    const { id } = JSON.parse(await readFile(path.join(path.dirname(file), dead), 'utf8')) as { id: string };
    await writeFile(`${file}.lock-${id}.tmp`, '');
    await writeFile(`${file}.lock-0123456789ab-1-1-0-0123456789ab`, encodeLockState({ id }));
    const living = newOwnerId({ ...currentIdentity(), host: 'elsewhere' });
    await writeFile(`${file}.lock-${living}.tmp`, encodeLockState({ id: living }));
    await writeFile(`${file}.other`, 'not ours');
    const lock = await acquire();
    await lock.sweep();
    await lock.release(true);
    expect((await left()).sort()).toEqual([`data.csv.lock-${living}.tmp`, 'data.csv.other']);
  });

  it('fails at once where no lock file can be made', async () => {
    const nowhere = path.join(file, 'missing', 'data.csv');
    await expect(FileLock.acquire(nowhere, { abortSignal: never() })).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { sleep } from '@azureml-ts/common';
import { judge } from '../journal/process-identity.ts';
import { LockDraft, type MakeLink, me } from './lock-draft.ts';
import { type SeenLock, seeLock, type WrittenPart } from './lock-state.ts';

/** Without a sign of life for so long, a holder that cannot be looked for is taken for dead, in milliseconds. */
const STALE_MS = 60_000;
/** How often a holder gives one. */
const SIGN_OF_LIFE_MS = 10_000;
/** Longest wait before looking again whether the lock is free, in milliseconds. */
const MAX_WAIT_MS = 200;

/** Settings of {@link FileLock.acquire}. */
export interface FileLockOptions {
  /** Ends the wait. */
  readonly abortSignal: AbortSignal;
  /** Makes a second name of a file; tests have file systems without. */
  readonly makeLink?: MakeLink | undefined;
}

/**
 * A lock on a file, held for one append by one of many processes: the lock file `<file>.lock`, which must not exist.
 *
 * What happens when a holder dies: whoever finds out makes the file `<file>.lock-<id>`, named by the acquisition that
 * died, which must not exist either. So a dead holder has exactly one successor, who holds the lock from then on, and
 * whose own death is treated alike. The acquisitions form a chain from `<file>.lock` on; the last of them holds the lock.
 *
 * Ids are never used again, and the lock file is removed only by the end of the chain. So who comes too late, and makes
 * the successor of a holder that is long gone, sees that the lock file is not the one it began with, and takes that back.
 *
 * To release the lock, a holder makes its own successor first: then nobody else can have taken it for dead, and the lock
 * file that is removed is the right one. When even that is impossible, the holder writes into the lock that it is done.
 *
 * Whether a holder of this machine and container lives is looked up by its process. One elsewhere, or another thread, is
 * taken for dead after a minute without a sign of life, by the clock of the file system. If it only stood still, it finds
 * out before it writes ({@link isLost}); what no lock file can prevent is that it stands still between that look and the
 * write. Files are therefore written in one piece at the end, so that rows stay whole even then.
 */
export class FileLock {
  /** What the dead holder before this one was writing. */
  readonly inherited: WrittenPart | undefined;
  readonly #file: string;
  readonly #chain: readonly string[];
  readonly #draft: LockDraft;
  readonly #makeLink: MakeLink | undefined;
  readonly #signs: NodeJS.Timeout;

  private constructor(parts: {
    file: string;
    chain: readonly string[];
    draft: LockDraft;
    inherited: WrittenPart | undefined;
    makeLink: MakeLink | undefined;
  }) {
    const { file, chain, draft, inherited, makeLink } = parts;
    this.#file = file;
    this.#chain = chain;
    this.#draft = draft;
    this.#makeLink = makeLink;
    this.inherited = inherited;
    this.#signs = setInterval(() => void draft.touch().catch(() => undefined), SIGN_OF_LIFE_MS);
    this.#signs.unref();
  }

  /**
   * Waits until the lock on a file is free, and takes it.
   *
   * @param file The file; its folder must exist.
   * @param options When to give up.
   */
  static async acquire(file: string, options: FileLockOptions): Promise<FileLock> {
    for (;;) {
      const lock = await FileLock.#wait(file, options);
      if (lock !== undefined) {
        return lock;
      }
    }
  }

  /** @returns The lock, or `undefined` when it was taken too late, or took so long that the draft was swept away. */
  static async #wait(file: string, { abortSignal, makeLink }: FileLockOptions): Promise<FileLock | undefined> {
    const draft = await LockDraft.write(`${file}.lock-`, { makeLink });
    let placed: string | undefined;
    let isHeld = false;
    try {
      for (let waitMs = 2; ; waitMs = Math.min(2 * waitMs, MAX_WAIT_MS)) {
        abortSignal.throwIfAborted();
        const chain = await seeChain(file);
        const [root] = chain;
        const end = chain.at(-1);
        const name = end === undefined ? `${file}.lock` : successorOf(file, end.id);
        if ((end === undefined || (await isOver(end, draft))) && (await draft.place(name))) {
          placed = name;
          // Read again: what the dead holder wrote last is certain only now that it is known to be dead.
          const held = end === undefined ? [] : await seeChain(file);
          if (end !== undefined && (held[0]?.id !== root?.id || held.at(-1)?.id !== draft.id)) {
            return undefined;
          }
          const inherited = held.findLast(({ state }) => state?.part !== undefined)?.state?.part;
          const names = end === undefined ? [name] : held.map((seen) => seen.path);
          isHeld = true;
          return new FileLock({ file, chain: names, draft, inherited, makeLink });
        }
        if (end !== undefined) {
          await sleep(waitMs * (0.5 + Math.random()), { abortSignal, keepAlive: true });
        }
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return undefined;
      }
      throw error;
    } finally {
      await draft.discard();
      if (!isHeld) {
        if (placed !== undefined) {
          await rm(placed, { force: true }).catch(() => undefined);
        }
        await draft.close();
      }
    }
  }

  /** Keeps what is about to be written, for whoever comes after this process if it dies meanwhile. */
  async intend(part: WrittenPart): Promise<void> {
    await this.#draft.update({ part });
  }

  /** Whether somebody has taken this holder for dead: who holds the lock now, or has given it back since. */
  async isLost(): Promise<boolean> {
    // In this order: whoever came and went while this process stood still in between is seen by what is gone.
    return (await exists(successorOf(this.#file, this.#draft.id))) || !(await this.#draft.isAt(this.#own));
  }

  /**
   * Gives the lock back.
   *
   * @param isWhole Whether the file is in order. When it is not, who comes next puts it in order as after a death.
   */
  async release(isWhole: boolean): Promise<void> {
    clearInterval(this.#signs);
    if (!isWhole || !(await this.#remove())) {
      // When not even this can be written, the signs of life that no longer come release it.
      await this.#draft.update({ isReleased: true }).catch(() => undefined);
    }
    await this.#draft.close();
  }

  /** Whether it was taken over from a holder that died. */
  get isSuccession(): boolean {
    return this.#chain.length > 1;
  }

  /** Removes what dead processes left beside the file, if they died where nobody needed to take over. */
  async sweep(): Promise<void> {
    const folder = path.dirname(this.#file);
    const prefix = `${path.basename(this.#file)}.lock-`;
    const inUse = [...this.#chain, successorOf(this.#file, this.#draft.id)];
    for (const name of await readdir(folder)) {
      const found = path.join(folder, name);
      if (name.startsWith(prefix) && !inUse.includes(found)) {
        const seen = await seeLock(found);
        // A draft has its id in its name, also when its process died before it wrote anything.
        const draftId = /^(.+)\.tmp$/.exec(name.slice(prefix.length))?.[1];
        if (seen !== undefined && (await isOver({ ...seen, id: draftId ?? seen.id }, this.#draft))) {
          await rm(found, { force: true });
        }
      }
    }
  }

  /** Where the file of this acquisition is. */
  get #own(): string {
    return this.#chain.at(-1) ?? '';
  }

  /** @returns Whether the lock is free now, or somebody else's. */
  async #remove(): Promise<boolean> {
    let draft: LockDraft | undefined;
    try {
      // It does not say yet that it is done: who took the lock from it now would lose it with the files removed here.
      draft = await LockDraft.write(`${this.#file}.lock-`, { makeLink: this.#makeLink });
      const name = successorOf(this.#file, this.#draft.id);
      if (await draft.place(name)) {
        // Whoever took it over and has given it back has removed this file. The lock file is somebody else's then.
        for (const file of (await this.#draft.isAt(this.#own)) ? [...this.#chain, name] : [name]) {
          await rm(file, { force: true });
        }
      }
      return true;
    } catch {
      // No room, or no right, to make or remove a file. Nothing more is removed: who comes next may go on from here.
      await draft?.update({ isReleased: true }).catch(() => undefined);
      return false;
    } finally {
      await draft?.discard();
      await draft?.close();
    }
  }
}

/** The acquisitions of a lock that is held, the last of which holds it. */
async function seeChain(file: string): Promise<SeenLock[]> {
  const chain: SeenLock[] = [];
  let next = await seeLock(`${file}.lock`);
  while (next !== undefined) {
    chain.push(next);
    next = await seeLock(successorOf(file, next.id));
  }
  return chain;
}

async function isOver({ id, state, writtenAtMs }: SeenLock, draft: LockDraft): Promise<boolean> {
  if (state?.isReleased === true) {
    return true;
  }
  const verdict = judge(id, me());
  if (verdict === 'unsure') {
    // Another machine, another container, another thread: only its signs of life tell.
    return (await draft.touch()) - writtenAtMs > STALE_MS;
  }
  return verdict !== 'alive';
}

function successorOf(file: string, id: string): string {
  return `${file}.lock-${id}`;
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return false;
    }
    throw error;
  }
}

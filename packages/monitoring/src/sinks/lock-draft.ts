import { type FileHandle, link, open, rm, stat } from 'node:fs/promises';
import { currentIdentity, livingOwners, newOwnerId, type ProcessIdentity } from '../journal/process-identity.ts';
import { encodeLockState, type LockState } from './lock-state.ts';

/** What file systems without hard links answer: SMB, blobfuse, some FUSE mounts. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/** Makes a second name of a file, as `link` of node:fs does. */
export type MakeLink = (existing: string, name: string) => Promise<void>;

/**
 * A lock file that nobody sees as one yet. It gets a name that must be free in one step, with all that it holds; where
 * the file system has no hard links, in two steps, and others may see it empty in between.
 */
export class LockDraft {
  readonly #path: string;
  readonly #makeLink: MakeLink;
  #state: LockState;
  #handle: FileHandle;
  #written: Promise<void> = Promise.resolve();

  private constructor(path: string, state: LockState, handle: FileHandle, makeLink: MakeLink) {
    this.#path = path;
    this.#state = state;
    this.#handle = handle;
    this.#makeLink = makeLink;
  }

  /**
   * Writes a draft.
   *
   * @param prefix Start of its path.
   * @param options Makes a second name.
   */
  static async write(
    prefix: string,
    { makeLink = link }: { makeLink?: MakeLink | undefined } = {},
  ): Promise<LockDraft> {
    const state = { id: newOwnerId(me()), isReleased: false };
    const path = `${prefix}${state.id}.tmp`;
    livingOwners().add(state.id);
    try {
      return new LockDraft(path, state, await openNew(path, state), makeLink);
    } catch (error) {
      livingOwners().delete(state.id);
      throw error;
    }
  }

  /** Of this acquisition. */
  get id(): string {
    return this.#state.id;
  }

  /** Path of the draft itself. */
  get path(): string {
    return this.#path;
  }

  /** Gives it a name; `false` when the name is taken. */
  async place(name: string): Promise<boolean> {
    try {
      await this.#makeLink(this.#path, name);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') {
        return false;
      }
      if (!NO_LINKS.has(code ?? '')) {
        throw error;
      }
    }
    return this.#placeWithoutLink(name);
  }

  /** Replaces what it holds, in place. Under its name others see it too. */
  async update(change: Partial<Pick<LockState, 'part' | 'isReleased'>>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    // One after the other: a sign of life must not bring an older state back.
    this.#written = this.#written.catch(() => undefined).then(() => writeState(this.#handle, this.#state));
    await this.#written;
  }

  /** What time it is for the file system. Also the sign of life of whoever holds the lock. */
  async touch(): Promise<number> {
    await this.update({});
    return (await this.#handle.stat()).mtimeMs;
  }

  /** Whether this very file still has a name that it was given. */
  async isAt(name: string): Promise<boolean> {
    const own = await this.#handle.stat();
    try {
      const found = await stat(name);
      return found.ino === own.ino && found.dev === own.dev;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return false;
      }
      throw error;
    }
  }

  /** Removes the draft; a name that it was given stays. */
  async discard(): Promise<void> {
    // One that cannot be removed is swept away later.
    await rm(this.#path, { force: true }).catch(() => undefined);
  }

  /** Ends the work with it. */
  async close(): Promise<void> {
    livingOwners().delete(this.#state.id);
    await this.#handle.close();
  }

  async #placeWithoutLink(name: string): Promise<boolean> {
    try {
      const handle = await openNew(name, this.#state);
      await this.#handle.close();
      this.#handle = handle;
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
        return false;
      }
      throw error;
    }
  }
}

let identity: ProcessIdentity | undefined;

/** Who this thread is. */
export function me(): ProcessIdentity {
  identity ??= currentIdentity();
  return identity;
}

async function writeState(handle: FileHandle, state: LockState): Promise<void> {
  const bytes = encodeLockState(state);
  const { bytesWritten } = await handle.write(bytes, 0, bytes.length, 0);
  if (bytesWritten < bytes.length) {
    // A full disk takes a part first, and says so only when it is asked for the rest.
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  }
}

/** Makes a file that must not exist; a half-written one does not stay. */
async function openNew(path: string, state: LockState): Promise<FileHandle> {
  const handle = await open(path, 'wx+', 0o600);
  try {
    await writeState(handle, state);
    return handle;
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    throw error;
  }
}

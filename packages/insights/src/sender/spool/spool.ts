import { errorMessage } from '@azureml-ts/common';
import type { SerializedItem } from '../../items/envelope.ts';
import { nodeFs } from '../../node-modules.ts';
import { freeName, heldName, newSpoolId, type SpoolFile } from './spool-file.ts';
import { SpoolFolder } from './spool-folder.ts';

const { closeSync, openSync, renameSync, unlinkSync, writeFileSync } = nodeFs;

/** Older items are not sent: the service would not take them for long either. */
const MAX_AGE_MS = 48 * 60 * 60 * 1000;
/** After this, whoever holds a file is taken for dead, wherever it runs. */
const LEASE_MS = 5 * 60 * 1000;

/** Options of {@link Spool}. @internal */
export interface SpoolParts {
  readonly directory: string;
  readonly maxBytes: number;
  /** Where the items go. */
  readonly destination: string;
  readonly now: () => number;
  /** @param kind Names the kind of problem. */
  readonly onProblem: (kind: string, problem: string) => void;
}

/** Items from disk, held by this process. @internal */
export interface SpooledBatch {
  readonly file: SpoolFile;
  /** Whether this process put them there. */
  readonly isOwn: boolean;
  readonly items: readonly SerializedItem[];
}

/** What was found on disk. @internal */
export interface SpoolFind {
  readonly batch?: SpooledBatch | undefined;
  /** Items that are too old or cannot be read, gone from the disk; of this process, and of others. */
  readonly lost: { readonly own: number; readonly foreign: number };
}

/**
 * Items on disk, in files of one batch each. A file is written under another name and appears whole by renaming; it is
 * taken by renaming, so that one process has it; and it is removed only when the service has taken what is in it.
 *
 * Nothing is synced: what is written survives the end of the process, however it ends, but not the loss of power.
 *
 * @internal
 */
export class Spool {
  readonly #parts: SpoolParts;
  readonly #folder: SpoolFolder;
  readonly #own = new Set<string>();
  #isOpen = false;

  constructor(parts: SpoolParts) {
    this.#parts = parts;
    this.#folder = new SpoolFolder(parts.directory, parts.destination);
  }

  /** Writes items at once. @returns Whether they are on disk. Never throws. */
  writeNow(items: readonly SerializedItem[]): boolean {
    return this.#guard('keep items on disk', false, () => {
      const content = contentOf(items);
      const id = this.#admit(items.length, content);
      if (id === undefined) {
        return false;
      }
      const part = this.#folder.pathOf(heldName(id, 'part'));
      const descriptor = openSync(part, 'wx', 0o600);
      try {
        try {
          writeFileSync(descriptor, content);
        } finally {
          closeSync(descriptor);
        }
        renameSync(part, this.#folder.pathOf(freeName(id)));
      } catch (error) {
        unlinkSync(part);
        throw error;
      }
      this.#own.add(id);
      return true;
    });
  }

  /** Writes items while the program goes on. @returns Whether they are on disk. Never rejects. */
  async write(items: readonly SerializedItem[]): Promise<boolean> {
    return this.#guardAsync('keep items on disk', false, async () => {
      const content = contentOf(items);
      const id = this.#admit(items.length, content);
      if (id === undefined) {
        return false;
      }
      const part = this.#folder.pathOf(heldName(id, 'part'));
      const handle = await nodeFs.promises.open(part, 'wx', 0o600);
      try {
        try {
          await handle.writeFile(content);
        } finally {
          await handle.close();
        }
        await nodeFs.promises.rename(part, this.#folder.pathOf(freeName(id)));
      } catch (error) {
        await nodeFs.promises.unlink(part).catch(() => undefined);
        throw error;
      }
      this.#own.add(id);
      return true;
    });
  }

  /** Takes the oldest batch that nobody holds. Never rejects. */
  async take(): Promise<SpoolFind> {
    const lost = { own: 0, foreign: 0 };
    const batch = await this.#guardAsync('read items from disk', undefined, async () => {
      this.#open();
      for (const file of this.#folder.files()) {
        if (this.#parts.now() - file.createdAt > MAX_AGE_MS && this.#isFree(file)) {
          await nodeFs.promises.unlink(this.#folder.pathOf(file.name));
          lost[this.#forget(file.id) ? 'own' : 'foreign'] += file.count;
        } else if (this.#isFree(file)) {
          const taken = file.state === 'part' ? await this.#removePart(file) : await this.#take(file);
          if (taken !== undefined) {
            const unreadable = file.count - taken.items.length;
            lost[taken.isOwn ? 'own' : 'foreign'] += Math.max(0, unreadable);
            return taken;
          }
        }
      }
      return undefined;
    });
    return { batch, lost };
  }

  /** Says that the holder of a batch lives. */
  async touch({ file }: SpooledBatch): Promise<void> {
    const now = new Date();
    await nodeFs.promises.utimes(this.#folder.pathOf(heldName(file.id, 'taken')), now, now).catch(() => undefined);
  }

  /** Ends the hold of a batch: removes it, or leaves what is in it to whoever comes next. Never rejects. */
  async release({ file, isOwn }: SpooledBatch, rest: readonly SerializedItem[]): Promise<void> {
    await this.#guardAsync('put items back on disk', undefined, async () => {
      const path = this.#folder.pathOf(heldName(file.id, 'taken'));
      if (rest.length === file.count) {
        await nodeFs.promises.rename(path, this.#folder.pathOf(freeName(file.id)));
        return;
      }
      if (rest.length > 0) {
        // First the new one: dying in between sends items twice, and loses none.
        const content = contentOf(rest);
        const id = newSpoolId(file.createdAt, rest.length, content.byteLength);
        const part = this.#folder.pathOf(heldName(id, 'part'));
        const handle = await nodeFs.promises.open(part, 'wx', 0o600);
        try {
          await handle.writeFile(content);
        } finally {
          await handle.close();
        }
        await nodeFs.promises.rename(part, this.#folder.pathOf(freeName(id)));
        if (isOwn) {
          this.#own.add(id);
        }
      }
      await nodeFs.promises.unlink(path);
      this.#own.delete(file.id);
    });
  }

  async #take(file: SpoolFile): Promise<SpooledBatch | undefined> {
    const path = this.#folder.pathOf(heldName(file.id, 'taken'));
    try {
      // The time first: a file that is taken must never look as if its holder were long gone.
      const now = new Date();
      await nodeFs.promises.utimes(this.#folder.pathOf(file.name), now, now);
      await nodeFs.promises.rename(this.#folder.pathOf(file.name), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
    return { file, isOwn: this.#own.has(file.id), items: itemsOf(await nodeFs.promises.readFile(path, 'utf8')) };
  }

  /** What was being written when its process ended: its items were lost with the process. */
  async #removePart(file: SpoolFile): Promise<undefined> {
    await nodeFs.promises.unlink(this.#folder.pathOf(file.name)).catch(() => undefined);
  }

  #isFree(file: SpoolFile): boolean {
    if (file.state === 'items' || file.isLeft) {
      return true;
    }
    const since = this.#folder.heldSince(file);
    return since !== undefined && Date.now() - since > LEASE_MS;
  }

  /** What others could have put there is not sent in our name. */
  #open(): void {
    if (!this.#isOpen) {
      this.#folder.open();
      this.#isOpen = true;
    }
  }

  /** @returns The id of a new file, or `undefined` when there is no room for it. */
  #admit(count: number, content: Buffer): string | undefined {
    this.#open();
    const used = this.#folder.files().reduce((sum, { bytes }) => sum + bytes, 0);
    if (used + content.byteLength > this.#parts.maxBytes) {
      this.#parts.onProblem('spool full', `the spool is full: ${used} of ${this.#parts.maxBytes} bytes are in use`);
      return undefined;
    }
    return newSpoolId(this.#parts.now(), count, content.byteLength);
  }

  #forget(id: string): boolean {
    return this.#own.delete(id);
  }

  #guard<T>(what: string, otherwise: T, run: () => T): T {
    try {
      return run();
    } catch (error) {
      return this.#failed(what, otherwise, error);
    }
  }

  async #guardAsync<T>(what: string, otherwise: T, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      return this.#failed(what, otherwise, error);
    }
  }

  #failed<T>(what: string, otherwise: T, error: unknown): T {
    // The folder may have been removed: the next time it is made again.
    this.#isOpen = false;
    this.#parts.onProblem(`spool ${what}`, `the spool could not ${what}: ${errorMessage(error)}`);
    return otherwise;
  }
}

function contentOf(items: readonly SerializedItem[]): Buffer {
  return Buffer.from(`${items.map(({ json }) => json).join('\n')}\n`);
}

function itemsOf(text: string): SerializedItem[] {
  return text.split('\n').flatMap((json) => {
    try {
      const value: unknown = JSON.parse(json);
      return typeof value === 'object' && value !== null ? [{ json, bytes: Buffer.byteLength(json) }] : [];
    } catch {
      return [];
    }
  });
}

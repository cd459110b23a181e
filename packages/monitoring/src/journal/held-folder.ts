import fs from 'node:fs';
import { unlink } from 'node:fs/promises';
import path from 'node:path';
import { AzuremlError } from '@azureml-ts/common';
import type { JournalPlace } from './journal-place.ts';
import { livingOwners } from './process-identity.ts';

/** End of the name of a folder that nobody holds. */
export const FREE_MARK = '.free';

const HEARTBEAT = 'heartbeat';

/** A journal folder that this thread holds, as long as nobody has taken it over. */
export class HeldFolder {
  /** Its name. */
  readonly id: string;
  /** Where it is. */
  readonly path: string;
  readonly #place: JournalPlace;
  readonly #discarding = new Set<Promise<void>>();

  private constructor(place: JournalPlace, id: string) {
    this.#place = place;
    this.id = id;
    this.path = place.pathOf(id);
  }

  /**
   * Makes a new folder.
   *
   * @throws What the file system says, or {@link JournalPlace.open}; nothing is left behind then.
   */
  static create(place: JournalPlace, id: string): HeldFolder {
    const folder = new HeldFolder(place, id);
    livingOwners().add(id);
    try {
      place.makeFolder(id);
      fs.writeFileSync(folder.file(HEARTBEAT), '.', { flag: 'wx', mode: 0o600 });
      return folder;
    } catch (error) {
      folder.remove();
      throw error;
    }
  }

  /**
   * Takes a folder over from its holder, who can do nothing in it from then on.
   *
   * @param name What it is called now.
   * @param id What it will be called.
   * @returns `undefined` when somebody else was quicker.
   * @throws What the file system says.
   */
  static take(place: JournalPlace, name: string, id: string): HeldFolder | undefined {
    const folder = new HeldFolder(place, id);
    livingOwners().add(id);
    try {
      // Before, so that it never lies there in our name with a heartbeat that stands still.
      touch(path.join(place.pathOf(name), HEARTBEAT));
      fs.renameSync(place.pathOf(name), folder.path);
      return folder;
    } catch (error) {
      livingOwners().delete(id);
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
  }

  /** Path of a file in it. */
  file(name: string): string {
    return path.join(this.path, name);
  }

  /**
   * Takes a file out of the folder at once, and frees what it takes on disk a little later: for megabytes that takes
   * longer than a caller should be held up.
   *
   * @param name The file.
   * @throws What the file system says.
   */
  discard(name: string): void {
    const goneAt = this.file(`${name}.gone`);
    fs.renameSync(this.file(name), goneAt);
    const discarding = unlink(goneAt)
      .catch(() => undefined)
      .finally(() => this.#discarding.delete(discarding));
    this.#discarding.add(discarding);
  }

  /** Resolves when everything that was discarded so far is freed. */
  async discarded(): Promise<void> {
    await Promise.all(this.#discarding);
  }

  /** Whether it is still ours: what was done in it before counts then. */
  isHeld(): boolean {
    return fs.existsSync(this.path);
  }

  /** Says that the holder lives. */
  touch(): void {
    touch(this.file(HEARTBEAT));
  }

  /** When the file system saw {@link HeldFolder.touch} last, by its own clock, in milliseconds. */
  heartbeat(): number | undefined {
    return heartbeatOf(this.path);
  }

  /**
   * Leaves it to others, with what is in it. Never throws.
   *
   * @param id In whose name; default that of the holder.
   */
  release(id = this.id): void {
    livingOwners().delete(this.id);
    try {
      fs.renameSync(this.path, this.#place.pathOf(`${id}${FREE_MARK}`));
    } catch {
      // It is not ours any more, or the disk refuses: then others have to find out that we have ended.
    }
  }

  /** Removes it. Never throws. */
  remove(): void {
    livingOwners().delete(this.id);
    // Files in it can be on their way out just now, which ends an attempt.
    for (let attempt = 1; attempt <= 10 && this.isHeld(); attempt += 1) {
      try {
        fs.rmSync(this.path, { recursive: true, force: true });
      } catch {
        // Whoever comes next finds nothing in it and removes it.
      }
    }
    this.#place.removeIfEmpty();
  }

  /** Somebody else holds it now. */
  forget(): void {
    livingOwners().delete(this.id);
  }

  /** The error that says that another process has taken it over. */
  taken(): AzuremlError {
    return new AzuremlError('JOURNAL_TAKEN', `Another process has taken over the journal ${this.path}.`, {
      retryable: true,
    });
  }
}

/** When a folder's holder said last that it lives, by the clock of the file system, in milliseconds. */
export function heartbeatOf(folder: string): number | undefined {
  for (const file of [path.join(folder, HEARTBEAT), folder]) {
    try {
      return fs.statSync(file).mtimeMs;
    } catch {
      // Made, but not yet touched: the folder itself tells when.
    }
  }
  return undefined;
}

/** A byte is written: setting the time would set that of the local clock, and others compare with the file system's. */
function touch(file: string): void {
  try {
    const descriptor = fs.openSync(file, 'r+');
    try {
      fs.writeSync(descriptor, '.', 0);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    // Taken over, removed or full: each is found out where it matters.
  }
}

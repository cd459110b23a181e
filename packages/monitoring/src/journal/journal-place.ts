import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AzuremlError } from '@azureml-ts/common';

/** Folders that this process has made, and may remove. */
const madeRoots = new Set<string>();

/**
 * Where journals are, and what is in them:
 *
 * ```text
 * <directory>/                        0700, of this user
 *   <16 hex digits of the storage>/   one folder a store: its journals are read by those who can write to it
 *     <owner id>/                     held by the process that its name says (see process-identity.ts)
 *     <owner id>.free/                held by nobody: left with rows in it
 *       owner.json                    who made it, for which store and stream
 *       heartbeat                     touched every 5 s while somebody holds the folder
 *       <file>-<n>.log                segments: slices of one file of rows, about 4 MiB each (see frame.ts)
 *       <file>-<n>.log.gone           one that is no longer needed, about to be removed
 *       <file>.state                  which of them are stored, and what was about to be done (see state-file.ts)
 *       limits.json                   in a folder taken from a process that may live: its last slices that count
 *     <owner id>.taken.json           the same, for that process; removed after a week
 *     <owner id>-<file>-<n>.damaged   a segment with rows that cannot be read any more, kept for whoever wants to try
 * ```
 *
 * A folder changes hands by renaming it, once: its name is never used again, so that everything its holder still does
 * there by path fails. Nothing is synced to the disk: what is written survives the end of the process, however it ends,
 * but not the loss of power.
 */
export class JournalPlace {
  /** Folder of the store. */
  readonly folder: string;
  readonly #root: string;

  /**
   * @param directory Folder of all journals.
   * @param storage Address of the store.
   */
  constructor(directory: string, storage: string) {
    this.#root = path.resolve(directory);
    this.folder = path.join(this.#root, createHash('sha256').update(storage).digest('hex').slice(0, 16));
  }

  /**
   * Makes the folders that are not there.
   *
   * @throws AzuremlError `JOURNAL_UNAVAILABLE` when others than this user could read or change what is in them; else
   *   what the file system says.
   */
  open(): void {
    if (fs.mkdirSync(this.#root, { recursive: true, mode: 0o700 }) !== undefined) {
      madeRoots.add(this.#root);
    }
    // Mounted volumes belong to the superuser and are often writable by all. What we make in them is not.
    checkPrivate(this.#root, true);
    try {
      fs.mkdirSync(this.folder, { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw error;
      }
    }
    checkPrivate(this.folder, false);
  }

  /**
   * Makes a folder in this one.
   *
   * @param name Its name.
   * @throws As {@link JournalPlace.open}.
   */
  makeFolder(name: string): void {
    // Others remove the folders above when they are empty, perhaps just now.
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.open();
        fs.mkdirSync(this.pathOf(name), { mode: 0o700 });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt >= 100) {
          throw error;
        }
      }
    }
  }

  /** Path of what has this name in the folder of the store. */
  pathOf(name: string): string {
    return path.join(this.folder, name);
  }

  /** Names of what is in the folder of the store. */
  names(): string[] {
    try {
      return fs.readdirSync(this.folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return [];
      }
      throw error;
    }
  }

  /** Removes the folders when nothing is in them. */
  removeIfEmpty(): void {
    try {
      fs.rmdirSync(this.folder);
      if (madeRoots.has(this.#root) || this.#root === defaultJournalDirectory()) {
        fs.rmdirSync(this.#root);
      }
    } catch {
      // Others use them, or somebody else was quicker.
    }
  }
}

/** Folder of journals when none is given: `azureml-ts-journal-<user>` in the system's temporary folder. */
export function defaultJournalDirectory(): string {
  return path.join(os.tmpdir(), `azureml-ts-journal-${process.getuid?.() ?? safeUserName()}`);
}

/** Writes a file of JSON, whole or not at all. */
export function writeJson(file: string, value: unknown): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    fs.writeFileSync(draft, JSON.stringify(value), { flag: 'wx', mode: 0o600 });
    fs.renameSync(draft, file);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw error;
  }
}

/**
 * Reads a file of JSON.
 *
 * @returns `undefined` when it is not there, or holds something else.
 * @throws What the file system says.
 */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a folder is this user's own, and nobody else's to change. */
export function isPrivate(folder: string): boolean {
  try {
    checkPrivate(folder, false);
    return true;
  } catch {
    return false;
  }
}

function checkPrivate(folder: string, canBeVolume: boolean): void {
  const { uid, mode, isLink, isFolder } = inspectPath(folder);
  const user = process.getuid?.();
  if (isLink || !isFolder) {
    throw unusable(folder, isLink ? 'is a symbolic link' : 'is no folder', 'Name a folder.');
  }
  if (user === undefined || (canBeVolume && uid === 0)) {
    return;
  }
  if (uid !== user) {
    throw unusable(folder, `belongs to user ${uid}, not to user ${user}`, 'Name a folder of this user.');
  }
  if ((mode & 0o022) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    throw unusable(folder, `can be written to by others (mode ${shown})`, `Run chmod go-w ${folder}.`);
  }
}

function inspectPath(folder: string) {
  const stats = fs.lstatSync(folder);
  return { uid: stats.uid, mode: stats.mode, isLink: stats.isSymbolicLink(), isFolder: stats.isDirectory() };
}

function unusable(folder: string, fault: string, advice: string): AzuremlError {
  return new AzuremlError('JOURNAL_UNAVAILABLE', `the folder ${folder} ${fault}. ${advice}`);
}

function safeUserName(): string {
  try {
    return os.userInfo().username.replace(/[^\w.-]/g, '_');
  } catch {
    return 'user';
  }
}

import { join, resolve } from 'node:path';
import { AzuremlError } from '@azureml-ts/common';
import { nodeCrypto, nodeFs } from '../../node-modules.ts';
import { readSpoolName, type SpoolFile } from './spool-file.ts';

const { chmodSync, lstatSync, mkdirSync, readdirSync, statSync } = nodeFs;

/**
 * Where items wait on disk: `<directory>/<16 hex digits of the destination>/`, of this user alone (0700). Items are read
 * only by those who would send them to the same place with the same key.
 *
 * @internal
 */
export class SpoolFolder {
  readonly #root: string;
  readonly #folder: string;

  /** @param destination Where the items go. It may hold the key: only its hash is written. */
  constructor(directory: string, destination: string) {
    this.#root = resolve(directory);
    this.#folder = join(this.#root, nodeCrypto().createHash('sha256').update(destination).digest('hex').slice(0, 16));
  }

  pathOf(name: string): string {
    return join(this.#folder, name);
  }

  /**
   * Makes what is not there.
   *
   * @throws {@link AzuremlError} `SPOOL_UNAVAILABLE` when others could read or change it; else what the system says.
   */
  open(): void {
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    try {
      mkdirSync(this.#folder, { mode: 0o700 });
      chmodSync(this.#folder, 0o700);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw error;
      }
    }
    const about = lstatSync(this.#folder);
    const fault = !about.isDirectory()
      ? 'is not a folder'
      : process.getuid !== undefined && about.uid !== process.getuid()
        ? 'belongs to another user'
        : process.platform !== 'win32' && (about.mode & 0o077) !== 0
          ? 'can be read or changed by others'
          : undefined;
    if (fault !== undefined) {
      throw new AzuremlError(
        'SPOOL_UNAVAILABLE',
        `the folder ${this.#folder} ${fault}. Name a directory in which only this user can write.`,
      );
    }
  }

  /** What is in it, the oldest first. */
  files(): SpoolFile[] {
    let names: string[];
    try {
      names = readdirSync(this.#folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return [];
      }
      throw error;
    }
    return names
      .sort()
      .map(readSpoolName)
      .filter((file) => file !== undefined);
  }

  /** When a file was last written to or held; `undefined` when it is gone. */
  heldSince(file: SpoolFile): number | undefined {
    return statSync(this.pathOf(file.name), { throwIfNoEntry: false })?.mtimeMs;
  }
}

import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MODEL_DATA_CONTAINER } from '@azureml-ts/monitoring/format';
import type { FileStore, StoredFile } from './file-store.ts';
import { storageFailure } from './storage-failure.ts';

/** Collected rows as files: the same paths as blobs, below `<directory>/modeldata`. */
export class DirectoryStore implements FileStore {
  readonly place: string;
  readonly name: string;
  readonly #root: string;

  /** @param directory The folder that the collector was given. */
  constructor(directory: string) {
    this.#root = path.resolve(directory, MODEL_DATA_CONTAINER);
    this.place = `directory ${path.resolve(directory)}`;
    this.name = `The folder ${this.#root}`;
  }

  /** See {@link FileStore.list}. */
  async *list(prefix: string, abortSignal: AbortSignal | undefined): AsyncGenerator<StoredFile, void, undefined> {
    for (const entry of (await this.#entries(prefix, abortSignal)) ?? []) {
      const name = `${prefix}${entry.name}`;
      if (entry.isDirectory()) {
        yield* this.list(`${name}/`, abortSignal);
      } else if (entry.isFile()) {
        const size = await this.#sizeOf(name);
        if (size !== undefined) {
          yield { path: name, size };
        }
      }
    }
  }

  /** See {@link FileStore.folders}. */
  async folders(prefix: string, abortSignal: AbortSignal | undefined): Promise<string[] | undefined> {
    const entries = await this.#entries(prefix, abortSignal);
    if (entries === undefined) {
      return prefix === '' || (await this.#entries('', abortSignal)) === undefined ? undefined : [];
    }
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  }

  /** See {@link FileStore.read}. */
  async *read(name: string, abortSignal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* createReadStream(this.#pathOf(name), abortSignal === undefined ? {} : { signal: abortSignal });
    } catch (error) {
      throw storageFailure(error, { what: `The file ${name} could not be read`, place: this.place, abortSignal });
    }
  }

  /** See {@link FileStore.urlOf}. */
  urlOf(name: string): string {
    return pathToFileURL(this.#pathOf(name)).href;
  }

  #pathOf(name: string): string {
    return path.join(this.#root, ...name.split('/'));
  }

  async #entries(prefix: string, abortSignal: AbortSignal | undefined) {
    abortSignal?.throwIfAborted();
    try {
      return await readdir(this.#pathOf(prefix), { withFileTypes: true });
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw storageFailure(error, { what: `"${prefix}" could not be listed`, place: this.place, abortSignal });
    }
  }

  /** Size of a file; `undefined` when it was removed since it was listed, as a collector's drafts are. */
  async #sizeOf(name: string): Promise<number | undefined> {
    try {
      return (await stat(this.#pathOf(name))).size;
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw storageFailure(error, {
        what: `The file ${name} could not be read`,
        place: this.place,
        abortSignal: undefined,
      });
    }
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

import { type FileHandle, open, readdir, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MODEL_DATA_CONTAINER } from '@azureml-ts/monitoring/format';
import type { FileStore, ReadRange, StoredFile } from './file-store.ts';
import { storageFailure } from './storage-failure.ts';

/** Bytes that are read at once. */
const PIECE_BYTES = 262_144;
/** Pieces of memory that are kept for the next file. */
const KEPT_PIECES = 4;

/** Collected rows as files: the same paths as blobs, below `<directory>/modeldata`. */
export class DirectoryStore implements FileStore {
  readonly place: string;
  readonly name: string;
  readonly #root: string;
  /**
   * Memory of files that were read. Made anew for each file, it would wait outside the heap until V8 finds the sum of it
   * worth a collection: half a megabyte for every file of a year.
   */
  readonly #free: Buffer[] = [];

  /**
   * @param directory The folder that the collector was given.
   * @param container The folder in it that stands for the container; none when it is empty.
   */
  constructor(directory: string, container: string = MODEL_DATA_CONTAINER) {
    this.#root = path.resolve(directory, container);
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
        const file = await this.#look(name);
        if (file !== undefined) {
          yield file;
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
  async *read(
    name: string,
    abortSignal: AbortSignal | undefined,
    range: ReadRange = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    let handle: FileHandle | undefined;
    let coming: Promise<unknown> = Promise.resolve();
    const memory: Buffer[] = [];
    try {
      abortSignal?.throwIfAborted();
      handle = await open(this.#pathOf(name));
      const end = Math.min(range.to ?? Number.POSITIVE_INFINITY, (await handle.stat()).size);
      // While one piece is taken, the next is read: two pieces of memory do for all of them when they may be used again.
      const readPiece = async (file: FileHandle, offset: number, number: number) => {
        const length = Math.max(0, Math.min(PIECE_BYTES, end - offset));
        const buffer = range.reuse === true ? this.#piece(memory, number % 2) : Buffer.allocUnsafe(length);
        const { bytesRead } = await file.read(buffer, 0, length, offset);
        return buffer.subarray(0, bytesRead);
      };
      let offset = range.from ?? 0;
      let next = offset < end ? readPiece(handle, offset, 0) : undefined;
      for (let number = 1; next !== undefined; number += 1) {
        coming = next;
        const piece: Buffer = await next;
        abortSignal?.throwIfAborted();
        if (piece.length === 0) {
          return;
        }
        offset += piece.length;
        next = offset < end ? readPiece(handle, offset, number) : undefined;
        coming = next ?? coming;
        next?.catch(() => undefined);
        yield piece;
      }
    } catch (error) {
      throw storageFailure(error, { what: `The file ${name} could not be read`, place: this.place, abortSignal });
    } finally {
      await coming.catch(() => undefined);
      this.#free.push(...memory.filter((piece) => piece !== undefined).slice(0, KEPT_PIECES - this.#free.length));
      await handle?.close();
    }
  }

  /** See {@link FileStore.remove}. Folders of dates that become empty by that are removed with it. */
  async remove(name: string, abortSignal: AbortSignal | undefined): Promise<boolean> {
    abortSignal?.throwIfAborted();
    let folder = this.#pathOf(name);
    try {
      await rm(folder);
    } catch (error) {
      if (isMissing(error)) {
        return false;
      }
      const what = `The file ${name} could not be removed`;
      throw storageFailure(error, { what, place: this.place, abortSignal, isWrite: true });
    }
    for (folder = path.dirname(folder); /^\d{1,4}$/.test(path.basename(folder)); folder = path.dirname(folder)) {
      try {
        await rmdir(folder);
      } catch {
        break;
      }
    }
    return true;
  }

  /** See {@link FileStore.urlOf}. */
  urlOf(name: string): string {
    return pathToFileURL(this.#pathOf(name)).href;
  }

  /** The piece of memory of a number, which is that of another file when there is one. */
  #piece(memory: Buffer[], number: number): Buffer {
    const piece = memory[number] ?? this.#free.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
    memory[number] = piece;
    return piece;
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

  /** What a file is; `undefined` when it was removed since it was listed, as a collector's drafts are. */
  async #look(name: string): Promise<StoredFile | undefined> {
    try {
      const { size, dev, ino, mtimeMs } = await stat(this.#pathOf(name));
      return { path: name, size, id: `${dev}:${ino}`, etag: `${ino}-${mtimeMs}-${size}` };
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

import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeFolder } from '@azureml-ts/common';
import type { FileSink, WriteOptions, WrittenFile } from './file-sink.ts';
import { checkSinkPath } from './sink-path.ts';
import { asPieces, fileExists } from './sink-pieces.ts';
import { storageFailure } from './storage-failure.ts';

/** Files in a folder: written under another name beside their place, and renamed when they are whole. */
export class DirectoryFileSink implements FileSink {
  readonly place: string;
  readonly #root: string;

  /** @param directory The folder; made by the first write. */
  constructor(directory: string) {
    this.#root = path.resolve(directory);
    this.place = `directory ${this.#root}`;
  }

  /** See {@link FileSink.write}. */
  async write(
    name: string,
    pieces: AsyncIterable<Uint8Array> | Uint8Array,
    options: WriteOptions = {},
  ): Promise<WrittenFile> {
    const { abortSignal, ifNotExists = false } = options;
    const target = this.#pathOf(name);
    // Hidden, and without the ending of data: no wildcard of a reader meets a draft.
    const draft = path.join(path.dirname(target), `.${randomUUID()}.tmp`);
    const failure = (error: unknown) => this.#failure(`The file ${name} could not be written`, error, abortSignal);
    abortSignal?.throwIfAborted();
    const handle = await makeFolder(path.dirname(target))
      .then(() => open(draft, 'wx', 0o600))
      .catch((error) => Promise.reject(failure(error)));
    try {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const piece of asPieces(pieces)) {
        abortSignal?.throwIfAborted();
        hash.update(piece);
        bytes += piece.length;
        await writeAll(handle, piece).catch((error) => Promise.reject(failure(error)));
      }
      abortSignal?.throwIfAborted();
      try {
        await handle.sync();
        // A rename would replace what came there meanwhile; a link does not.
        await (ifNotExists ? link(draft, target) : rename(draft, target));
      } catch (error) {
        const isThere = ifNotExists && (error as NodeJS.ErrnoException).code === 'EEXIST';
        throw isThere ? fileExists(name, this.place) : failure(error);
      }
      return { path: name, url: pathToFileURL(target).href, bytes, sha256: hash.digest('hex') };
    } finally {
      await handle.close().catch(() => undefined);
      await rm(draft, { force: true }).catch(() => undefined);
    }
  }

  /** See {@link FileSink.remove}. */
  async remove(name: string, abortSignal?: AbortSignal): Promise<boolean> {
    const target = this.#pathOf(name);
    abortSignal?.throwIfAborted();
    try {
      await rm(target);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') {
        return false;
      }
      throw this.#failure(`The file ${name} could not be removed`, error, abortSignal);
    }
  }

  #pathOf(name: string): string {
    return path.join(this.#root, ...checkSinkPath(name).split('/'));
  }

  #failure(what: string, error: unknown, abortSignal: AbortSignal | undefined): unknown {
    return storageFailure(error, { what, place: this.place, abortSignal, isWrite: true });
  }
}

/** A write may take only a part of what it is given. */
async function writeAll(handle: FileHandle, piece: Uint8Array): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    done += (await handle.write(piece, done)).bytesWritten;
  }
}

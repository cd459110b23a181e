import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MODEL_DATA_CONTAINER } from '../format/columns.ts';
import { makePrivateFolder } from '../sinks/make-folder.ts';
import { storageAddress } from '../storage/storage-target.ts';
import { pathTaken } from './path-taken.ts';
import type { NamedDocument, SpillPlace } from './spill-document.ts';

/** Stores documents as files: the same paths as blobs, below `<directory>/modeldata`. */
export class DirectorySpill implements SpillPlace {
  readonly #folder: string;

  /** @param directory The folder; made when it is not there. */
  constructor(directory: string) {
    this.#folder = path.join(storageAddress({ directory }), MODEL_DATA_CONTAINER);
  }

  /** See {@link SpillPlace.store}. */
  async store(document: NamedDocument, abortSignal: AbortSignal | undefined): Promise<string> {
    for (const name of document.paths) {
      const file = path.join(this.#folder, name);
      await makePrivateFolder(path.dirname(file));
      abortSignal?.throwIfAborted();
      if (await put(file, document)) {
        return pathToFileURL(file).href;
      }
    }
    throw pathTaken(document);
  }
}

/** Whole or not at all: written beside its place, then given its name. @returns `false` when another document has it. */
async function put(file: string, { content, sha256 }: NamedDocument): Promise<boolean> {
  const draft = `${file}.${randomUUID()}.part`;
  try {
    await writeFile(draft, content, { flag: 'wx', mode: 0o600 });
    await giveName(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return (
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex') === sha256
      );
    }
    throw error;
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

/** Fails with `EEXIST` when the name is taken. Some file systems, of mounted shares for example, have no second names. */
async function giveName(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') {
      throw error;
    }
    await copyFile(draft, file, constants.COPYFILE_EXCL);
  }
}

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AzuremlError } from '@azureml-ts/common';
import { type Batch, keyText } from '../engine/batch.ts';
import { type DataFileName, dataFilePath, type StreamIdentity } from '../format/blob-path.ts';
import { MODEL_DATA_CONTAINER } from '../format/columns.ts';
import type { RowSchema } from '../rows/row-schema.ts';
import type { AppendOptions, RowSink } from './row-sink.ts';
import { serialize } from './serialize.ts';

/** Stores batches as files: the same paths as blobs, below `<directory>/modeldata`. */
export class DirectorySink implements RowSink {
  readonly #directory: string;
  readonly #stream: StreamIdentity;
  readonly #files = new Map<string, FoundFile>();

  /**
   * @param directory The folder; made when it is not there.
   * @param stream What the rows are called.
   */
  constructor(directory: string, stream: StreamIdentity) {
    this.#directory = path.resolve(directory);
    this.#stream = stream;
  }

  /** See {@link RowSink.append}. */
  async append(batch: Batch, options: AppendOptions): Promise<void> {
    const folder = path.join(this.#directory, MODEL_DATA_CONTAINER, dataFilePath(this.#stream, batch.key.day));
    await serialize(folder, options.abortSignal, async () => {
      const key = keyText(batch.key);
      const known = this.#files.get(key);
      if (known !== undefined && (await appendWhole(known, batch.bytes))) {
        return;
      }
      // New here, or not the file of before any more: its header is looked at (again).
      this.#files.delete(key);
      const found = await this.#find(batch.key.day, batch.key.schema);
      if (!(await appendWhole(found, batch.bytes))) {
        throw new AzuremlError('FILE_REPLACED', `${found.path} was replaced while rows were stored. They are kept.`, {
          retryable: true,
        });
      }
      this.#files.set(key, found);
    });
  }

  /** Finds the file whose header fits, and makes it when it is not there. */
  async #find(day: string, schema: RowSchema): Promise<FoundFile> {
    let name: DataFileName = {};
    for (;;) {
      const file = path.join(this.#directory, MODEL_DATA_CONTAINER, dataFilePath(this.#stream, day, name));
      await createWithHeader(file, schema.header);
      const found = await inspectFile(file, schema);
      if (found !== undefined) {
        return found;
      }
      name = name.schema === undefined ? { schema: schema.hash } : { ...name, part: (name.part ?? 1) + 1 };
    }
  }
}

/** A file whose header fits, and which file that is: another one may take its path. */
interface FoundFile {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  readonly headerBytes: number;
}

/** Makes the file with its header in one step, so that nobody sees it without; does nothing when it is there. */
async function createWithHeader(file: string, header: Buffer): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, header, { mode: 0o600, flag: 'wx' });
    await link(draft, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') {
      await createWithoutLink(file, header);
    } else if (code !== 'EEXIST') {
      throw error;
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** For mounts without hard links (SMB, blobfuse): between the two steps another process could see the file empty. */
async function createWithoutLink(file: string, header: Buffer): Promise<void> {
  try {
    await writeFile(file, header, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  }
}

async function inspectFile(file: string, schema: RowSchema): Promise<FoundFile | undefined> {
  const handle = await open(file, 'r');
  try {
    const { size, dev, ino } = await handle.stat();
    const start = Buffer.alloc(Math.min(size, schema.probeBytes));
    await handle.read(start, 0, start.length, 0);
    const fits = size === 0 ? schema.header.length === 0 : schema.fitsStart(start);
    return fits ? { path: file, device: dev, inode: ino, headerBytes: schema.header.length } : undefined;
  } finally {
    await handle.close();
  }
}

/**
 * Appends all of it or nothing: a disk that runs full in between leaves no half row behind.
 *
 * @returns Whether it was done; `false` when the file is not there any more, or another one.
 */
async function appendWhole(file: FoundFile, bytes: Buffer): Promise<boolean> {
  const handle = await openForAppend(file.path);
  if (handle === undefined) {
    return false;
  }
  try {
    const { size: before, dev, ino } = await handle.stat();
    // Shorter than its header: it was emptied.
    if (dev !== file.device || ino !== file.inode || before < file.headerBytes) {
      return false;
    }
    let written = 0;
    try {
      while (written < bytes.length) {
        written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
      }
    } catch (error) {
      const { size } = await handle.stat();
      if (written > 0 && size === before + written) {
        await handle.truncate(before);
      }
      throw error;
    }
    return true;
  } finally {
    await handle.close();
  }
}

/** Opens for appending, but not creating: a file that was removed must not come back without its header. */
async function openForAppend(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, constants.O_WRONLY | constants.O_APPEND);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

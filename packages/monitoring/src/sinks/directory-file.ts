import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AzuremlError } from '@azureml-ts/common';
import type { DataFileName } from '../format/blob-path.ts';
import type { FileLock } from './file-lock.ts';
import { bytesAt } from './file-place.ts';
import { hasBytesAt, hasBytesFrom } from './find-bytes.ts';
import type { WrittenPart } from './lock-state.ts';
import type { AppendContext, RowBatch } from './row-sink.ts';
import { encodeIntent, type SinkIntent } from './sink-intent.ts';

/** What became of a batch at one file. */
export type FileOutcome =
  /** It is in the file. */
  | 'stored'
  /** Something else than a file is there, a folder for example: it takes no rows. */
  | 'taken'
  /** The file has other columns. */
  | 'misfit'
  /** The file is not there any more, or another one is: nothing of the batch is in it. */
  | 'replaced';

/** One file of rows, while its lock is held. */
export class DirectoryFile {
  readonly #path: string;
  readonly #name: DataFileName;
  readonly #lock: FileLock;
  #isWhole = true;

  /**
   * @param path Path of the file.
   * @param name Parts of its name.
   * @param lock Its lock.
   */
  constructor(path: string, name: DataFileName, lock: FileLock) {
    this.#path = path;
    this.#name = name;
    this.#lock = lock;
  }

  /** Whether the file ends with whole rows, as far as this process has written to it. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Finds out whether a batch was stored by an earlier try. */
  async holds(batch: RowBatch, intent: SinkIntent): Promise<boolean> {
    const handle = await this.#open(constants.O_RDWR);
    if (handle === undefined) {
      return false;
    }
    try {
      await repair(handle, this.#lock.inherited);
      return await findBatch(handle, batch, intent.position + intent.headerBytes);
    } finally {
      await handle.close();
    }
  }

  /** Appends a batch: all of it or nothing. */
  async append(batch: RowBatch, context: AppendContext): Promise<FileOutcome> {
    const handle = await this.#open(constants.O_RDWR | constants.O_CREAT | constants.O_APPEND);
    if (handle === undefined) {
      return 'taken';
    }
    try {
      await repair(handle, this.#lock.inherited);
      const { size, dev, ino } = await handle.stat();
      if (size > 0 && !(await fits(handle, size, batch))) {
        return 'misfit';
      }
      const bytes = bytesAt(size, batch);
      const headerBytes = bytes.length - batch.bytes.length;
      await context.intend(encodeIntent({ kind: 'file', name: this.#name, position: size, headerBytes }, batch));
      await this.#lock.intend({ position: size, length: bytes.length });
      context.abortSignal.throwIfAborted();
      if (await this.#lock.isLost()) {
        throw new AzuremlError(
          'LOCK_LOST',
          `This process stood still for so long that another one took over the lock of ${this.#path}. Nothing was written; the rows are kept.`,
          { retryable: true },
        );
      }
      await this.#write(handle, bytes, size);
      return (await this.#isStored({ size: size + bytes.length, dev, ino }, size, batch)) ? 'stored' : 'replaced';
    } finally {
      await handle.close();
    }
  }

  /** `undefined` when something else than a file is there, or nothing and it shall not be made. */
  async #open(flags: number): Promise<FileHandle | undefined> {
    let handle: FileHandle;
    try {
      // Without the last flag, opening a named pipe would wait for a reader.
      handle = await open(this.#path, flags | constants.O_NONBLOCK, 0o600);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EISDIR' || code === 'ENXIO' || (code === 'ENOENT' && (flags & constants.O_CREAT) === 0)) {
        return undefined;
      }
      throw error;
    }
    if ((await handle.stat()).isFile()) {
      return handle;
    }
    await handle.close();
    return undefined;
  }

  /** A disk that runs full in between leaves no half row behind. */
  async #write(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
    let written = 0;
    try {
      while (written < bytes.length) {
        written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
      }
    } catch (error) {
      this.#isWhole = written === 0 || (await this.#takeBack(handle, position, written));
      throw error;
    }
  }

  async #takeBack(handle: FileHandle, position: number, written: number): Promise<boolean> {
    try {
      const { size } = await handle.stat();
      if (size !== position + written || (await this.#lock.isLost())) {
        return false;
      }
      await handle.truncate(position);
      return true;
    } catch {
      return false;
    }
  }

  /** Looks by the file's path, because another file may have taken it meanwhile. */
  async #isStored(
    end: { size: number; dev: number; ino: number },
    position: number,
    batch: RowBatch,
  ): Promise<boolean> {
    const handle = await this.#open(constants.O_RDONLY);
    if (handle === undefined) {
      return false;
    }
    try {
      const { size, dev, ino } = await handle.stat();
      const isAsExpected = size === end.size && dev === end.dev && ino === end.ino && !(await this.#lock.isLost());
      return isAsExpected || (await findBatch(handle, batch, position));
    } finally {
      await handle.close();
    }
  }
}

/** Cuts off what a holder of the lock that died had written of its rows; rows that are whole stay. */
async function repair(handle: FileHandle, part: WrittenPart | undefined): Promise<void> {
  if (part !== undefined) {
    const { size } = await handle.stat();
    if (size > part.position && size < part.position + part.length) {
      await handle.truncate(part.position);
    }
  }
}

async function fits(handle: FileHandle, size: number, batch: RowBatch): Promise<boolean> {
  const start = Buffer.alloc(Math.min(size, batch.schema.probeBytes));
  const { bytesRead } = await handle.read(start, 0, start.length, 0);
  return batch.schema.fitsStart(start.subarray(0, bytesRead));
}

/** At their place nearly always; further back when another writer did not know of the lock. */
async function findBatch(handle: FileHandle, batch: RowBatch, position: number): Promise<boolean> {
  return (await hasBytesAt(handle, position, batch.bytes)) || (await hasBytesFrom(handle, position, batch.bytes));
}

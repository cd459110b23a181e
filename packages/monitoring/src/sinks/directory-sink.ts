import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
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
  readonly #files = new Map<string, string>();

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
    await serialize(folder, async () => {
      options.abortSignal.throwIfAborted();
      const file = this.#files.get(keyText(batch.key)) ?? (await this.#find(batch.key.day, batch.key.schema));
      this.#files.set(keyText(batch.key), file);
      try {
        await appendWhole(file, batch.bytes);
      } catch (error) {
        this.#files.delete(keyText(batch.key));
        throw error;
      }
    });
  }

  /** See {@link RowSink.describe}. */
  describe(): string {
    return `directory ${this.#directory}`;
  }

  /** Finds the file whose header fits, and makes it when it is not there. */
  async #find(day: string, schema: RowSchema): Promise<string> {
    let name: DataFileName = {};
    for (;;) {
      const file = path.join(this.#directory, MODEL_DATA_CONTAINER, dataFilePath(this.#stream, day, name));
      await createWithHeader(file, schema.header);
      if (await startsWithHeader(file, schema)) {
        return file;
      }
      name = name.schema === undefined ? { schema: schema.hash } : { ...name, part: (name.part ?? 1) + 1 };
    }
  }
}

/** Makes the file with its header in one step, so that nobody sees it without; does nothing when it is there. */
async function createWithHeader(file: string, header: Buffer): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, header, { mode: 0o600, flag: 'wx' });
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  } finally {
    await rm(draft, { force: true });
  }
}

async function startsWithHeader(file: string, schema: RowSchema): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const start = Buffer.alloc(Math.min(size, schema.probeBytes));
    await handle.read(start, 0, start.length, 0);
    return size === 0 ? schema.header.length === 0 : schema.fitsStart(start);
  } finally {
    await handle.close();
  }
}

/** Appends all of it or nothing: a disk that runs full in between leaves no half row behind. */
async function appendWhole(file: string, bytes: Buffer): Promise<void> {
  // Appending, but not creating: a file that was removed meanwhile must not come back without its header.
  const handle = await open(file, constants.O_WRONLY | constants.O_APPEND);
  try {
    const { size: before } = await handle.stat();
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
  } finally {
    await handle.close();
  }
}

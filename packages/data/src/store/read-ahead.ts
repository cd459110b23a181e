import { ValidationError } from '@azureml-ts/common';
import type { FileStore, SameFile } from './file-store.ts';
import { ReadLane, type ReadRoom } from './read-lane.ts';

/** How far the reading of several files has come. */
export interface ReadProgress {
  /** Number of files. */
  readonly files: number;
  /** Files that have been read to their end. */
  readonly filesDone: number;
  /** Bytes of all files: as they were listed; of those that are read, as they were. */
  readonly bytes: number;
  /** Bytes that have been read. */
  readonly bytesRead: number;
}

/** Options of {@link readAhead}. */
export interface ReadAheadOptions {
  /** Ends the work: the iteration rejects with the signal's reason. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Downloads that run at the same time, 1 to 64. Default 4. */
  readonly concurrency?: number | undefined;
  /** Bytes that may wait to be taken, of all downloads together; a piece of each may come on top. Default 16 MiB. */
  readonly maxBufferBytes?: number | undefined;
  /** Told of each piece that was taken. */
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/** A file whose bytes come; they must be taken before the next file is asked for, what is left is not read. */
export interface FilePieces<F> {
  /** The file. */
  readonly file: F;
  /** Its bytes, in order. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

const DEFAULT_CONCURRENCY = 4;
const DEFAULT_BUFFER_BYTES = 16 * 1_048_576;

/**
 * Checks options.
 *
 * @param path Start of the options' names, for errors.
 * @throws ValidationError (`VALIDATION`).
 */
export function checkReadAheadOptions(options: ReadAheadOptions, path = ''): void {
  const { concurrency, maxBufferBytes, onProgress } = options;
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 64)) {
    const expected = 'a whole number from 1 to 64';
    throw new ValidationError({ path: `${path}concurrency`, expected, received: concurrency });
  }
  if (maxBufferBytes !== undefined && !(Number.isInteger(maxBufferBytes) && maxBufferBytes >= 1)) {
    const expected = 'a whole number of bytes, 1 or more';
    throw new ValidationError({ path: `${path}maxBufferBytes`, expected, received: maxBufferBytes });
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new ValidationError({ path: `${path}onProgress`, expected: 'a function', received: onProgress });
  }
}

/**
 * Reads files one after the other, and meanwhile begins with those behind them. Of a store that is faster so, large files
 * are read in several ranges at the same time.
 *
 * Who stops early, in the middle of a file or between two, ends everything: when the iteration has returned, no download
 * runs and nothing is open. A file that cannot be read fails when it is its turn.
 */
export async function* readAhead<F extends { readonly path: string; readonly size: number }>(
  store: FileStore,
  files: readonly F[],
  options: ReadAheadOptions = {},
): AsyncGenerator<FilePieces<F>, void, undefined> {
  checkReadAheadOptions(options);
  const { abortSignal, concurrency = DEFAULT_CONCURRENCY, maxBufferBytes = DEFAULT_BUFFER_BYTES } = options;
  const room: ReadRoom = { left: maxBufferBytes, waiting: new Set() };
  const progress = new ProgressCount(files, options.onProgress);
  const planned = planLanes(store, files, room);
  const lanes: ReadLane[] = [];
  const fill = (): void => {
    while (lanes.length < concurrency) {
      const { value } = planned.next();
      if (value === undefined) {
        return;
      }
      value.begin();
      lanes.push(value);
    }
  };
  const stop = (): void => {
    for (const lane of lanes) {
      lane.abort(abortSignal?.reason);
    }
  };
  /** Takes the bytes of the lanes of one file. */
  async function* takeFile(index: number): AsyncGenerator<Uint8Array, void, undefined> {
    let taken = 0;
    for (;;) {
      fill();
      const [lane] = lanes;
      if (lane?.index !== index) {
        break;
      }
      for await (const piece of lane.take()) {
        taken += piece.length;
        progress.take(piece.length);
        yield piece;
        abortSignal?.throwIfAborted();
      }
      lanes.shift();
    }
    progress.end(index, taken);
  }
  abortSignal?.throwIfAborted();
  abortSignal?.addEventListener('abort', stop);
  try {
    for (const [index, file] of files.entries()) {
      fill();
      yield { file, pieces: takeFile(index) };
      abortSignal?.throwIfAborted();
      // What was not taken of a file is not read.
      while (lanes[0]?.index === index) {
        await lanes.shift()?.end();
        fill();
      }
    }
  } finally {
    abortSignal?.removeEventListener('abort', stop);
    await Promise.all(lanes.map((lane) => lane.end()));
  }
}

/** The lanes of all files, in order, made as they are needed. */
function* planLanes(
  store: FileStore,
  files: readonly { readonly path: string; readonly size: number }[],
  room: ReadRoom,
): Generator<ReadLane, undefined, undefined> {
  for (const [index, { path, size }] of files.entries()) {
    const step = store.rangeBytes ?? Number.POSITIVE_INFINITY;
    const count = size > 2 * step ? Math.ceil(size / step) : 1;
    const same: SameFile = {};
    let first: ReadLane | undefined;
    for (let at = 0; at < count; at += 1) {
      const range = {
        from: at === 0 ? 0 : at * step,
        // The last one takes what was appended since the file was listed.
        to: at === count - 1 ? undefined : (at + 1) * step,
        same,
      };
      const lane: ReadLane = new ReadLane({
        index,
        room,
        after: first,
        read: (signal) => store.read(path, signal, range),
      });
      first ??= lane;
      yield lane;
    }
  }
  return undefined;
}

class ProgressCount {
  readonly #files: readonly { readonly size: number }[];
  readonly #tell: ((progress: ReadProgress) => void) | undefined;
  #filesDone = 0;
  #bytes: number;
  #bytesRead = 0;

  constructor(files: readonly { readonly size: number }[], tell: ((progress: ReadProgress) => void) | undefined) {
    this.#files = files;
    this.#tell = tell;
    this.#bytes = files.reduce((sum, { size }) => sum + size, 0);
  }

  take(bytes: number): void {
    this.#bytesRead += bytes;
    this.#say();
  }

  end(index: number, taken: number): void {
    this.#filesDone += 1;
    this.#bytes += taken - (this.#files[index]?.size ?? 0);
    this.#say();
  }

  #say(): void {
    this.#tell?.({
      files: this.#files.length,
      filesDone: this.#filesDone,
      bytes: this.#bytes,
      bytesRead: this.#bytesRead,
    });
  }
}

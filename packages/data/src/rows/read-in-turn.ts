import type { CollectedFile } from '../files/collected-file.ts';
import type { FileStore } from '../store/file-store.ts';
import { type FilePieces, type ReadAheadOptions, readAhead } from '../store/read-ahead.ts';

/**
 * Reads files one after the other. Those of a folder come in one and the same memory, which is the fastest way and takes
 * the least of it; from a store that is faster so, several are read ahead.
 *
 * @param limit With a limit, files behind the last row should not be opened.
 */
export function readInTurn(
  store: FileStore,
  files: readonly CollectedFile[],
  options: ReadAheadOptions & { readonly limit?: number | undefined },
): AsyncGenerator<FilePieces<CollectedFile>, void, undefined> {
  const { abortSignal, maxBufferBytes, onProgress, limit } = options;
  const concurrency = options.concurrency ?? (limit === undefined ? undefined : 1);
  return store.rangeBytes === undefined && options.concurrency === undefined && maxBufferBytes === undefined
    ? readOne(store, files, options)
    : readAhead(store, files, { abortSignal, concurrency, maxBufferBytes, onProgress });
}

async function* readOne(
  store: FileStore,
  files: readonly CollectedFile[],
  { abortSignal, onProgress }: ReadAheadOptions,
): AsyncGenerator<FilePieces<CollectedFile>, void, undefined> {
  let bytes = files.reduce((sum, { size }) => sum + size, 0);
  let bytesRead = 0;
  let filesDone = 0;
  const tell = () => onProgress?.({ files: files.length, filesDone, bytes, bytesRead });
  for (const file of files) {
    let taken = 0;
    const pieces = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const piece of store.read(file.path, abortSignal, { reuse: true })) {
        taken += piece.length;
        bytesRead += piece.length;
        tell();
        yield piece;
      }
    };
    yield { file, pieces: pieces() };
    filesDone += 1;
    bytes += taken - file.size;
    tell();
  }
}

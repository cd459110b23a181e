import type { CollectedFile } from '../files/collected-file.ts';
import { readJsonBlocks } from '../json-lines/json-lines-reader.ts';
import type { RecordScanner } from '../scan/record-scanner.ts';
import type { FileStore } from '../store/file-store.ts';
import { type FileBlock, readBlocks } from './read-blocks.ts';
import type { ReadingOptions } from './rows-options.ts';

/**
 * Finds the rows of one file of any layout as its bytes come. Blocks of one file may come with other records than those
 * before them: their columns are others then.
 *
 * @param pieces Its bytes.
 * @param scanner Finds the records of CSV; one for all files that are read one after the other.
 */
export function fileBlocks(
  store: FileStore,
  file: CollectedFile,
  pieces: AsyncIterable<Uint8Array>,
  options: ReadingOptions,
  scanner?: RecordScanner,
): AsyncGenerator<FileBlock, void, undefined> {
  return file.layout === 'json-lines'
    ? readJsonBlocks(store, file, pieces, options)
    : readBlocks(file, pieces, options, scanner);
}

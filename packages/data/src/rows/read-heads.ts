import type { CollectedFile } from '../files/collected-file.ts';
import { inParallel } from '../files/in-parallel.ts';
import { readJsonHead } from '../json-lines/read-json-head.ts';
import type { RecordBlock } from '../scan/record-block.ts';
import { RecordScanner } from '../scan/record-scanner.ts';
import type { FileStore } from '../store/file-store.ts';
import { isCallColumn } from './correlation-columns.ts';
import type { FileColumns } from './file-columns.ts';
import { FileRecords } from './file-records.ts';
import type { ReadingOptions } from './rows-options.ts';

/** So much of a file is read to see what its columns are. */
export const HEAD_BYTES = 65_536;
/** Heads that are read at the same time. */
const CONCURRENCY = 8;

/** Is told of each row of a head. */
export type SeeRow = (block: RecordBlock, record: number, columns: FileColumns) => void;

/**
 * Reads the beginning of a file: one request, more only while not even the first record is whole.
 *
 * Bad records are passed over here: whoever reads the rows is told of them. Of JSON Lines, the columns are those of all
 * records that were read.
 *
 * @param bytes How much to read.
 * @param see Is told of each row.
 * @returns The columns; `undefined` when the file has no record yet.
 */
export async function readHead(
  store: FileStore,
  file: CollectedFile,
  options: Pick<ReadingOptions, 'abortSignal' | 'header'>,
  bytes: number = HEAD_BYTES,
  see: SeeRow = () => undefined,
): Promise<FileColumns | undefined> {
  if (file.layout === 'json-lines') {
    return readJsonHead(store, file, options, bytes, see);
  }
  const scanner = new RecordScanner();
  const records = new FileRecords(file, () => undefined, options.header);
  const look = (blocks: Iterable<RecordBlock>) => {
    for (const block of blocks) {
      for (let record = 0; record < block.count && !block.isTooLong; record += 1) {
        if (records.accept(block, record) && records.columns !== undefined) {
          see(block, record, records.columns);
        }
      }
    }
  };
  for (let from = 0, step = bytes; ; step *= 4) {
    let read = 0;
    for await (const piece of store.read(file.path, options.abortSignal, { from, to: from + step })) {
      read += piece.length;
      look(scanner.push(piece));
    }
    look(scanner.end());
    if (records.columns !== undefined || read < step) {
      return records.columns;
    }
    from += step;
  }
}

/**
 * The columns of the files, in their order; files without a record are left out. A record of JSON Lines may have columns
 * that none before it had: such files are read whole.
 */
export async function readHeads(
  store: FileStore,
  files: readonly CollectedFile[],
  options: Pick<ReadingOptions, 'abortSignal' | 'header'>,
  see?: SeeRow,
): Promise<{ readonly file: CollectedFile; readonly columns: FileColumns }[]> {
  const heads = new Map<CollectedFile, FileColumns>();
  await inParallel(files, CONCURRENCY, async (file) => {
    const bytes = file.layout === 'json-lines' ? Number.POSITIVE_INFINITY : HEAD_BYTES;
    const columns = await readHead(store, file, options, bytes, see);
    if (columns !== undefined) {
      heads.set(file, columns);
    }
  });
  return files.flatMap((file) => {
    const columns = heads.get(file);
    return columns === undefined ? [] : [{ file, columns }];
  });
}

/** The features to read: those that were asked for; when schemas are merged, those of all files. */
export async function mergedColumns(
  store: FileStore,
  files: readonly CollectedFile[],
  options: ReadingOptions,
): Promise<readonly string[] | undefined> {
  if (options.columns !== undefined || options.onSchemaChange !== 'merge') {
    return options.columns;
  }
  const heads = await readHeads(store, files, options);
  return [...new Set(heads.flatMap(({ columns }) => columns.names.filter((name) => !isCallColumn(name))))];
}

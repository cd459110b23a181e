import type { CollectedFile, FilesOptions } from '../files/collected-file.ts';
import type { DayRange } from '../files/day-range.ts';
import { listFiles } from '../files/list-files.ts';
import type { StreamSelection } from '../files/stream-selection.ts';
import type { FileStore } from '../store/file-store.ts';
import { type ArrowOptions, checkArrowOptions, readArrowBatches, readArrowTable } from './arrow.ts';
import { type BatchesOptions, checkBatchesOptions } from './batches-options.ts';
import type { ColumnBatch } from './column-batch.ts';
import { readBatches } from './read-batches.ts';
import { readRows } from './read-rows.ts';
import { readTail } from './read-tail.ts';
import { RowIterator } from './row-iterator.ts';
import { type CollectedRow, checkRowsOptions, type RowsOptions } from './rows-options.ts';
import { type CollectedSchema, readSchema, type SchemaOptions } from './schema.ts';
import { checkTailOptions, type TailOptions } from './tail-options.ts';

/** A stream that was opened: where it is, what it is called, and which days are read. */
export interface ReadSource {
  readonly store: FileStore;
  readonly selection: StreamSelection;
  readonly range: DayRange;
}

/** Lists the files of a stream. */
export function openedFiles(
  { store, selection, range }: ReadSource,
  { abortSignal }: FilesOptions,
): Promise<CollectedFile[]> {
  return listFiles(store, selection, range, abortSignal);
}

/** Reads rows; see {@link CollectedData.rows}. */
export function openedRows<T extends object>(
  source: ReadSource,
  options: RowsOptions,
): AsyncGenerator<CollectedRow<T>, void, undefined> {
  checkRowsOptions(options);
  const chunks = readRows<T>(source.store, () => openedFiles(source, options), options);
  return new RowIterator(chunks, options.abortSignal);
}

/** Reads the last rows; see {@link CollectedData.tail}. */
export function openedTail<T extends object>(
  { store, selection, range }: ReadSource,
  options: TailOptions,
): AsyncGenerator<CollectedRow<T>, void, undefined> {
  checkTailOptions(options);
  const { abortSignal } = options;
  const list = (from = range.from) => listFiles(store, selection, { ...range, from }, abortSignal);
  return new RowIterator(readTail<T>(store, list, options), abortSignal);
}

/** Reads batches; see {@link CollectedData.batches}. */
export function openedBatches(
  source: ReadSource,
  options: BatchesOptions,
): AsyncGenerator<ColumnBatch, void, undefined> {
  checkBatchesOptions(options);
  return readBatches(source.store, () => openedFiles(source, options), options);
}

/** Reads what the features are; see {@link CollectedData.schema}. */
export async function openedSchema(source: ReadSource, options: SchemaOptions): Promise<CollectedSchema> {
  return readSchema(source.store, await openedFiles(source, options), options);
}

/** Reads a table of Apache Arrow, of whatever type the package gives it; see {@link CollectedData.toArrow}. */
export async function openedTable<T>(source: ReadSource, options: ArrowOptions): Promise<T> {
  checkArrowOptions(options, true);
  checkBatchesOptions(options);
  return (await readArrowTable(source.store, await openedFiles(source, options), options)) as T;
}

/** Reads batches of Apache Arrow, of whatever type the package gives them; see {@link CollectedData.arrowBatches}. */
export function openedArrowBatches<T>(source: ReadSource, options: ArrowOptions): AsyncGenerator<T, void, undefined> {
  checkArrowOptions(options, false);
  checkBatchesOptions(options);
  const batches: AsyncGenerator<unknown, void, undefined> = readArrowBatches(
    source.store,
    () => openedFiles(source, options),
    options,
  );
  return batches as AsyncGenerator<T, void, undefined>;
}

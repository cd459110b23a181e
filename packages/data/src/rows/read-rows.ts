import { AzuremlError } from '@azureml-ts/common';
import type { RecordBlock } from '../scan/record-block.ts';
import { RecordScanner } from '../scan/record-scanner.ts';
import type { FileStore } from '../store/file-store.ts';
import { type BadRecord, cellFault } from './bad-record.ts';
import { isCallColumn } from './correlation-columns.ts';
import { fileBlocks } from './file-blocks.ts';
import { type FileListing, listedFiles } from './file-listing.ts';
import type { FileRecords } from './file-records.ts';
import { mergedColumns } from './read-heads.ts';
import { readInTurn } from './read-in-turn.ts';
import { type CallColumns, RowBuilder } from './row-builder.ts';
import type { CollectedRow, RowsOptions } from './rows-options.ts';
import { refuseLateFeatures, SchemaWatch } from './schema-change.ts';

/** The features of a row, and what ties them to their call. */
export interface CallRow<T extends object> {
  /** The features. */
  readonly features: T;
  /** The columns of the call. */
  readonly call: CallColumns;
}

/** Rows of one file that were read together. */
export interface RowChunk<R> {
  /** The file. */
  readonly path: string;
  /** Its next rows; never empty. */
  readonly rows: readonly R[];
}

/** What is made of each record. */
interface RowKind<R> {
  /** Whether the columns of the call are kept apart from the features. */
  readonly isApart: boolean;
  /** Makes a row; `undefined` when a cell is not of its type. */
  make(builder: RowBuilder, block: RecordBlock, record: number): R | undefined;
}

/** Reads rows with everything in one object, in chunks: one asynchronous step for each row would take most of the time. */
export function readRows<T extends object>(
  store: FileStore,
  files: FileListing,
  options: RowsOptions,
): AsyncGenerator<RowChunk<CollectedRow<T>>, void, undefined> {
  return readFiles<CollectedRow<T>>(store, files, options, ROW_KIND);
}

/** Rows with everything in one object. */
export const ROW_KIND = {
  isApart: false,
  make: <R extends object>(builder: RowBuilder, block: RecordBlock, record: number) => builder.build<R>(block, record),
};

/** Reads rows with their features apart from the columns of their call, in chunks. */
export function readCallRows<T extends object>(
  store: FileStore,
  files: FileListing,
  options: RowsOptions,
): AsyncGenerator<RowChunk<CallRow<T>>, void, undefined> {
  return readFiles(store, files, options, {
    isApart: true,
    make: (builder, block, record) => {
      const features = builder.build<T>(block, record);
      return features === undefined ? undefined : { features, call: builder.callOf(block, record) };
    },
  });
}

/**
 * Reads files one after the other, in the order in which their rows stand there.
 *
 * @throws AzuremlError `COLUMN_NOT_FOUND` when a column that was asked for is in none of the files that were read.
 */
async function* readFiles<R>(
  store: FileStore,
  listing: FileListing,
  options: RowsOptions,
  kind: RowKind<R>,
): AsyncGenerator<RowChunk<R>, void, undefined> {
  const files = await listedFiles(listing);
  const known = new Set<string>();
  const watch = new SchemaWatch(options.onSchemaChange);
  const columns = await mergedColumns(store, files, options);
  const merged = options.columns === undefined && columns !== undefined ? new Set(columns) : undefined;
  const scanner = new RecordScanner();
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  if (left > 0) {
    for await (const { file, pieces } of readInTurn(store, files, options)) {
      let reader: FileRows<R> | undefined;
      for await (const { block, records } of fileBlocks(store, file, pieces, options, scanner)) {
        if (reader?.records !== records) {
          reader = new FileRows(records, { ...options, columns }, kind, (names) => {
            watch.see(file.path, names);
            refuseLateFeatures(file.path, names, merged);
            for (const name of names) {
              known.add(name);
            }
          });
        }
        const { rows, failure } = reader.take(block, left);
        left -= rows.length;
        if (rows.length > 0) {
          yield { path: file.path, rows };
        }
        if (failure !== undefined) {
          throw failure;
        }
        if (left <= 0) {
          break;
        }
      }
      if (left <= 0) {
        break;
      }
    }
  }
  checkColumns(known, options);
}

/** Turns the records of one file into rows. */
export class FileRows<R> {
  readonly #records: FileRecords;
  readonly #options: RowsOptions;
  readonly #kind: RowKind<R>;
  readonly #onStart: (names: readonly string[]) => void;
  #builder: RowBuilder | undefined;

  constructor(
    records: FileRecords,
    options: RowsOptions,
    kind: RowKind<R>,
    onStart: (names: readonly string[]) => void,
  ) {
    this.#records = records;
    this.#options = options;
    this.#kind = kind;
    this.#onStart = onStart;
  }

  /** The records whose rows are made. */
  get records(): FileRecords {
    return this.#records;
  }

  /** Rows of the next records, at most `limit`. Those before a failure are given with it. */
  take(block: RecordBlock, limit: number): { rows: R[]; failure?: unknown } {
    const rows: R[] = [];
    try {
      this.#take(block, rows, limit);
    } catch (error) {
      return { rows, failure: error };
    }
    return { rows };
  }

  #take(block: RecordBlock, rows: R[], limit: number): void {
    const records = this.#records;
    const kind = this.#kind;
    for (let record = 0; record < block.count && rows.length < limit; record += 1) {
      const isRow = records.accept(block, record);
      if (this.#builder === undefined) {
        this.#start();
      }
      if (!isRow) {
        const retry = records.takeRetry();
        if (retry !== undefined) {
          this.#take(retry, rows, limit);
        }
        continue;
      }
      const builder = this.#builder as RowBuilder;
      const row = kind.make(builder, block, record);
      if (row === undefined) {
        records.rejectCell(this.#misfit(builder, block, record));
      } else {
        rows.push(row);
      }
    }
  }

  #start(): void {
    const { columns } = this.#records;
    if (columns !== undefined) {
      this.#onStart(columns.names);
      this.#builder = new RowBuilder(columns, this.#options, this.#kind.isApart);
    }
  }

  #misfit(builder: RowBuilder, block: RecordBlock, record: number): BadRecord {
    const { column = '', type = 'string', text = '' } = builder.misfit ?? {};
    const place = {
      path: this.#records.file.path,
      record: this.#records.number,
      byteOffset: block.offsetOf(record),
      column,
    };
    return cellFault(place, type, text);
  }
}

/**
 * A misspelt name would otherwise read as a column of nulls, or leave its type undeclared.
 *
 * @throws AzuremlError `COLUMN_NOT_FOUND`.
 */
export function checkColumns(
  known: ReadonlySet<string>,
  options: { readonly columns?: readonly string[] | undefined; readonly types?: unknown },
): void {
  const declared = typeof options.types === 'object' && options.types !== null ? Object.keys(options.types) : [];
  const missing = [...(options.columns ?? []), ...declared].find((name) => !known.has(name) && !isCallColumn(name));
  if (missing !== undefined && known.size > 0) {
    const names = [...known].filter((name) => !isCallColumn(name)).join(', ');
    throw new AzuremlError(
      'COLUMN_NOT_FOUND',
      `The column "${missing}" is in none of the files that were read. They have: ${names}. Check columns and types.`,
      { details: { column: missing, columns: [...known] } },
    );
  }
}

import { AzuremlError, createLogger } from '@azureml-ts/common';
import type { CollectedFile } from '../files/collected-file.ts';
import type { FileStore } from '../store/file-store.ts';
import { BadRecordError } from './bad-record.ts';
import { readRecords } from './read-records.ts';
import { type CallColumns, RowBuilder } from './row-builder.ts';
import type { CollectedRow, RowsOptions } from './rows-options.ts';

const log = createLogger('data');

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
  readonly apart: boolean;
  make(builder: RowBuilder, record: readonly string[], number: number): R;
}

/** Reads rows with everything in one object, in chunks: one asynchronous step for each row would take most of the time. */
export function readRows<T extends object>(
  store: FileStore,
  files: readonly CollectedFile[],
  options: RowsOptions,
): AsyncGenerator<RowChunk<CollectedRow<T>>, void, undefined> {
  return readFiles(store, files, options, {
    apart: false,
    make: (builder, record, number) => builder.build<CollectedRow<T>>(record, number),
  });
}

/** Reads rows with their features apart from the columns of their call, in chunks. */
export function readCallRows<T extends object>(
  store: FileStore,
  files: readonly CollectedFile[],
  options: RowsOptions,
): AsyncGenerator<RowChunk<CallRow<T>>, void, undefined> {
  return readFiles(store, files, options, {
    apart: true,
    make: (builder, record, number) => ({ features: builder.build<T>(record, number), call: builder.callOf(record) }),
  });
}

/**
 * Reads files one after the other, in the order in which their rows stand there.
 *
 * @throws AzuremlError `COLUMN_NOT_FOUND` when a column that was asked for is in none of the files that were read.
 */
async function* readFiles<R>(
  store: FileStore,
  files: readonly CollectedFile[],
  options: RowsOptions,
  kind: RowKind<R>,
): AsyncGenerator<RowChunk<R>, void, undefined> {
  const known = new Set<string>();
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  for (const file of files) {
    if (left <= 0) {
      break;
    }
    const reader = new FileReader(file.path, options, kind, known);
    try {
      for await (const records of readRecords(store.read(file.path, options.abortSignal), file)) {
        options.abortSignal?.throwIfAborted();
        const { rows, failure } = reader.take(records, left);
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
    } finally {
      reader.end();
    }
  }
  checkColumns(known, options);
}

/** Turns the records of one file into rows. */
class FileReader<R> {
  readonly #path: string;
  readonly #options: RowsOptions;
  readonly #kind: RowKind<R>;
  readonly #known: Set<string>;
  #builder: RowBuilder | undefined;
  #number = 0;
  #skipped = 0;

  constructor(path: string, options: RowsOptions, kind: RowKind<R>, known: Set<string>) {
    this.#path = path;
    this.#options = options;
    this.#kind = kind;
    this.#known = known;
  }

  /** Rows of the next records, at most `limit`. Those before a failure are given with it. */
  take(records: readonly (readonly string[])[], limit: number): { rows: R[]; failure?: unknown } {
    const rows: R[] = [];
    for (const record of records) {
      if (rows.length >= limit) {
        break;
      }
      this.#number += 1;
      // An empty line holds no row; a row has four cells at least.
      if (record.length === 1 && record[0] === '') {
        continue;
      }
      try {
        const builder = this.#builder ?? this.#start(record);
        if (!(builder.hasHeader && builder.names === record)) {
          rows.push(this.#kind.make(builder, record, this.#number));
        }
      } catch (error) {
        const { onBadRecord = 'throw' } = this.#options;
        if (!(error instanceof BadRecordError) || onBadRecord === 'throw') {
          return { rows, failure: error };
        }
        this.#skipped += 1;
        if (typeof onBadRecord === 'function') {
          onBadRecord(error.bad);
        }
      }
    }
    return { rows };
  }

  /** Says how many records were left out. */
  end(): void {
    if (this.#skipped > 0 && this.#options.onBadRecord === 'skip') {
      log.warning(`${this.#skipped} bad records of ${this.#path} were left out.`);
    }
  }

  #start(first: readonly string[]): RowBuilder {
    this.#builder = new RowBuilder(this.#path, first, this.#number, this.#options, this.#kind.apart);
    for (const name of this.#builder.names) {
      this.#known.add(name);
    }
    return this.#builder;
  }
}

/** A misspelt name would otherwise read as a column of nulls, or leave its type undeclared. */
function checkColumns(known: ReadonlySet<string>, options: RowsOptions): void {
  const declared = typeof options.types === 'object' ? Object.keys(options.types) : [];
  const missing = [...(options.columns ?? []), ...declared].find((name) => !known.has(name));
  if (missing !== undefined && known.size > 0) {
    const names = [...known].filter((name) => !name.startsWith('$aml_')).join(', ');
    throw new AzuremlError(
      'COLUMN_NOT_FOUND',
      `The column "${missing}" is in none of the files that were read. They have: ${names}. Check columns and types.`,
      { details: { column: missing, columns: [...known] } },
    );
  }
}

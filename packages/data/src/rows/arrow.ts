import { AzuremlError, ValidationError } from '@azureml-ts/common';
import type { RecordBatch, Table } from 'apache-arrow';
import { ArrowBatches } from '../export/arrow-batch.ts';
import type { FileStore } from '../store/file-store.ts';
import { type BatchesOptions, declaredTypes } from './batches-options.ts';
import type { ColumnType } from './column-batch.ts';
import type { FileListing } from './file-listing.ts';
import { BATCH_ROWS, readBatches } from './read-batches.ts';
import { TypeChangeError } from './type-change.ts';

/** Options of {@link CollectedData.toArrow} and {@link CollectedData.arrowBatches}. */
export interface ArrowOptions extends Omit<BatchesOptions, 'batchRows' | 'onSchemaChange' | 'reuse'> {
  /** Most rows of a batch, 1 to 1,048,576. Default 8,192. A batch never has rows of two files. */
  readonly batchRows?: number | undefined;
  /**
   * What to do when the columns change from file to file. Default `merge`: the table has the columns of all files, with
   * nulls where a file lacks one.
   */
  readonly onSchemaChange?: 'merge' | 'error' | undefined;
}

/**
 * A batch of Apache Arrow, as far as it is named here: these types need no package. It is a `RecordBatch` of `apache-arrow`:
 * `arrowBatches<RecordBatch>()` has the whole type.
 */
export interface ArrowBatch {
  /** Number of rows. */
  readonly numRows: number;
  /** Number of columns. */
  readonly numCols: number;
  /** A column by its name; `null` when there is none. Its `get(row)` gives a value. */
  getChild(name: string): { get(row: number): unknown; toArray(): ArrayLike<unknown> } | null;
}

/** A table of Apache Arrow: a `Table` of `apache-arrow`; see {@link ArrowBatch}. */
export interface ArrowTable extends ArrowBatch {
  /** The parts of the table. */
  readonly batches: readonly ArrowBatch[];
}

type Arrow = typeof import('apache-arrow');

/** Loads Apache Arrow, which only those need who ask for its tables. */
export async function loadArrow(): Promise<Arrow> {
  try {
    return await import('apache-arrow');
  } catch (cause) {
    throw new AzuremlError(
      'ARROW_NOT_INSTALLED',
      'Tables of Apache Arrow need the package apache-arrow, which is not installed or cannot be loaded. Install it: npm install apache-arrow',
      { cause },
    );
  }
}

/**
 * Checks options.
 *
 * @throws ValidationError (`VALIDATION`).
 */
export function checkArrowOptions(options: ArrowOptions, isWhole: boolean): void {
  const { onSchemaChange, onTypeChange } = options;
  if (onSchemaChange !== undefined && onSchemaChange !== 'merge' && onSchemaChange !== 'error') {
    throw new ValidationError({ path: 'onSchemaChange', expected: "'merge' or 'error'", received: onSchemaChange });
  }
  if (!isWhole && onTypeChange === 'widen') {
    throw new ValidationError({
      path: 'onTypeChange',
      expected: "'error': all batches of a stream have one schema. toArrow() can widen; or declare types",
      received: onTypeChange,
    });
  }
}

/** Reads rows as batches of Arrow, all of one schema. */
export async function* readArrowBatches(
  store: FileStore,
  files: FileListing,
  options: ArrowOptions,
): AsyncGenerator<RecordBatch, void, undefined> {
  const arrow = await loadArrow();
  let batches: ArrowBatches | undefined;
  for await (const batch of readBatches(store, files, {
    onSchemaChange: 'merge',
    ...options,
    batchRows: options.batchRows ?? BATCH_ROWS,
    onTypeChange: 'error',
    // Arrow keeps the arrays.
    reuse: false,
  })) {
    batches ??= new ArrowBatches(arrow, batch.columns);
    yield batches.gather([batch]);
  }
}

/**
 * Reads rows into a table of Arrow.
 *
 * A column whose type turns out to be wider is read from the start once more: its table has one type, and its texts must
 * be those of the file.
 */
export async function readArrowTable(store: FileStore, files: FileListing, options: ArrowOptions): Promise<Table> {
  const arrow = await loadArrow();
  const wider: Record<string, ColumnType> = {};
  for (;;) {
    const batches: RecordBatch[] = [];
    const types = Object.keys(wider).length === 0 ? options.types : { ...declaredTypes(options), ...wider };
    try {
      for await (const batch of readArrowBatches(store, files, { ...options, types })) {
        batches.push(batch);
      }
      return batches.length === 0 ? new arrow.Table() : new arrow.Table(batches);
    } catch (error) {
      if (options.onTypeChange !== 'widen' || !(error instanceof TypeChangeError)) {
        throw error;
      }
      wider[error.change.column] = error.change.to;
    }
  }
}

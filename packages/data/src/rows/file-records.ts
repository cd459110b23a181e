import { AzuremlError, createLogger } from '@azureml-ts/common';
import { utcDay } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../files/collected-file.ts';
import { PLAIN, type RecordBlock } from '../scan/record-block.ts';
import { MAX_RECORD_BYTES } from '../scan/record-scanner.ts';
import { wholeLines } from '../scan/whole-lines.ts';
import {
  type BadRecord,
  BadRecordError,
  headerFault,
  lengthFault,
  type RecordPlace,
  tornFault,
  widthFault,
} from './bad-record.ts';
import { type FileColumns, fileColumns } from './file-columns.ts';
import { isHeaderAgain } from './header-again.ts';

const log = createLogger('data');
const LF = 0x0a;
const QUOTE = 0x22;

/** What to do with a record that cannot be a row; see {@link RowsOptions.onBadRecord}. */
export type OnBadRecord = 'throw' | 'skip' | ((bad: BadRecord) => void);

/** Tells which records of a file are rows, and what becomes of the others. */
export class FileRecords {
  readonly file: CollectedFile;
  readonly #onBad: OnBadRecord;
  readonly #header: boolean | undefined;
  #columns: FileColumns | undefined;
  #number = 0;
  #skipped = 0;
  #emptyLines = 0;
  #retry: RecordBlock | undefined;

  /**
   * @param file The file.
   * @param onBadRecord What to do with a bad record.
   * @param header Whether the file has a header; `undefined` to find out.
   */
  constructor(file: CollectedFile, onBadRecord: OnBadRecord | undefined, header: boolean | undefined) {
    this.file = file;
    this.#onBad = onBadRecord ?? 'throw';
    this.#header = header;
  }

  /** The columns of the file; `undefined` until its first record was seen. */
  get columns(): FileColumns | undefined {
    return this.#columns;
  }

  /** Number of the record that was looked at last. */
  get number(): number {
    return this.#number;
  }

  /**
   * Whether a record is a row. Empty lines and headers are none; what is bad is told of, and is none either.
   *
   * - An empty line is no bad record but is counted: it has no cell. The Python package writes one for an empty list, while
   *   it writes an empty cell that is alone in its row as `""`, which is a row.
   * - A header within a file that names the id of the call is that of a writer that was started again: no id is called so.
   * - In a file without that column, as only the layout of the Python package has it, a record that equals the header is bad. That
   *   package writes a header once in the life of a file, so it is a row of these texts, or files that were put together
   *   by hand: which of them cannot be told.
   *
   * @throws BadRecordError when bad records are to be thrown; AzuremlError `CSV_BAD_HEADER`.
   */
  accept(block: RecordBlock, record: number): boolean {
    this.#number += 1;
    const width = block.widths[record] as number;
    if (width === 1 && block.isBlank(record)) {
      this.#emptyLines += 1;
      return false;
    }
    const isFirst = this.#columns === undefined;
    const columns = this.#columns ?? this.#start(block, record);
    if (columns === undefined || (isFirst && columns.hasHeader)) {
      return false;
    }
    if (columns.hasHeader && namesColumns(block, record, width)) {
      this.#checkHeader(block, record, columns.names);
      return false;
    }
    if (width !== columns.names.length) {
      this.reject(block, record, widthFault(this.#place(block, record), width, columns.names.length));
      return false;
    }
    if (columns.hasHeader && isHeaderAgain(block, record, columns.names)) {
      if (!columns.names.includes(ID_NAME)) {
        this.#report(headerFault(this.#place(block, record)));
      }
      return false;
    }
    return true;
  }

  /** Says what the columns are, where reading does not begin at the start of the file. */
  resume(columns: FileColumns): void {
    this.#columns = columns;
  }

  /** Looks at the last record once more: nothing was done with it. */
  again(): void {
    this.#number -= 1;
  }

  /** A block of lines that were rescued from a bad record, once; they come before the rest of the records. */
  takeRetry(): RecordBlock | undefined {
    const block = this.#retry;
    this.#retry = undefined;
    return block;
  }

  /**
   * Leaves a record out, or throws.
   *
   * When it has several lines, a quote may be open that should not be: the lines behind the first are looked at again.
   */
  reject(block: RecordBlock, record: number, bad: BadRecord): void {
    this.#report(bad);
    const start = block.recordStarts[record] as number;
    this.#rescue(block.bytes.subarray(start, block.recordStarts[record + 1]), block.offsetOf(record));
  }

  /** Leaves a record out of which only one cell is wrong, or throws. */
  rejectCell(bad: BadRecord): void {
    this.#report(bad);
  }

  /** What stands at the beginning of a record that is longer than any may be. */
  rejectTooLong(block: RecordBlock): void {
    this.#number += 1;
    const place = { path: this.file.path, record: this.#number, byteOffset: block.offset };
    this.#report(lengthFault(place, MAX_RECORD_BYTES));
    this.#rescue(block.bytes, block.offset);
  }

  /**
   * Takes what stands behind the last line end. In a file that is still written to, that is a row on its way.
   *
   * @param rest The bytes, and their place.
   * @param position Bytes of the file that were read.
   */
  finish(rest: { readonly bytes: Buffer; readonly offset: number }, position: number): void {
    if (rest.bytes.length === 0) {
      return;
    }
    if (this.file.day >= utcDay(Date.now()) || position > this.file.size) {
      log.verbose(`${this.file.path} ends within a record, which is being written. It is left for the next time.`);
      return;
    }
    this.#number += 1;
    const place = { path: this.file.path, record: this.#number, byteOffset: rest.offset };
    this.#report(tornFault(place, rest.bytes.includes(LF)));
    this.#rescue(rest.bytes, rest.offset);
  }

  /** Says how many records were left out, and how many lines of the Python package hold none. */
  end(): void {
    if (this.#emptyLines > 0 && this.#columns?.dialect === 'python') {
      log.warning(
        `${this.#emptyLines} empty lines of ${this.file.path} hold no row: the Python package writes one for an empty list.`,
      );
    }
    if (this.#skipped > 0 && this.#onBad === 'skip') {
      log.warning(`${this.#skipped} bad records of ${this.file.path} were left out.`);
    }
  }

  /**
   * Looks at a header within the file: that of a writer that was started again.
   *
   * @throws AzuremlError `CSV_BAD_HEADER` when it has other columns: the rows behind it would be taken for something else.
   */
  #checkHeader(block: RecordBlock, record: number, names: readonly string[]): void {
    const found = block.texts(record);
    if (found.length === names.length && found.every((name, index) => name === names[index])) {
      return;
    }
    const { path, byteOffset } = this.#place(block, record);
    throw new AzuremlError(
      'CSV_BAD_HEADER',
      `Record ${this.#number} of ${path} (byte ${byteOffset}) is a header with other columns than the file begins with, so the rows behind it would be read under wrong names. Make two files of it there.`,
      { details: { path, record: this.#number, byteOffset, columns: found } },
    );
  }

  /** Where the record that was looked at last stands. */
  #place(block: RecordBlock, record: number): RecordPlace & { readonly byteOffset: number } {
    return { path: this.file.path, record: this.#number, byteOffset: block.offsetOf(record) };
  }

  #start(block: RecordBlock, record: number): FileColumns | undefined {
    try {
      this.#columns = fileColumns(this.file, block, record, this.#place(block, record), this.#header);
      return this.#columns;
    } catch (error) {
      if (!(error instanceof BadRecordError)) {
        throw error;
      }
      this.reject(block, record, error.bad as BadRecord);
      return undefined;
    }
  }

  #report(bad: BadRecord): void {
    if (this.#onBad === 'throw') {
      throw new BadRecordError(bad);
    }
    this.#skipped += 1;
    if (typeof this.#onBad === 'function') {
      this.#onBad(bad);
    }
  }

  #rescue(bytes: Buffer, offset: number): void {
    const second = bytes.indexOf(LF) + 1;
    const width = this.#columns?.names.length;
    if (second > 0 && second < bytes.length && width !== undefined && bytes.subarray(0, second).includes(QUOTE)) {
      this.#retry = wholeLines(bytes.subarray(second), offset + second, width);
    }
  }
}

/** Source: the columns that every row ends with; those of the Python package are eight, ours are four. */
const ID_NAME = '$aml_dc_correlation_id';
const ID_PLACES = [4, 8];

/** Whether a record names columns: where rows have the id of their call, it has the name of that column. */
function namesColumns(block: RecordBlock, record: number, width: number): boolean {
  const first = block.firstCells[record] as number;
  return ID_PLACES.some((place) => {
    const cell = first + width - place;
    return (
      width >= place &&
      block.kinds[cell] === PLAIN &&
      (block.ends[cell] as number) - (block.starts[cell] as number) === ID_NAME.length &&
      block.text(cell) === ID_NAME
    );
  });
}

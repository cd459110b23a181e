import { AzuremlError } from '@azureml-ts/common';
import { CELL_TYPE_NAMES, type CellType } from './cell-types.ts';

/** A record that cannot be a row. */
export interface BadRecord {
  /** `CSV_BAD_RECORD`, `CSV_RECORD_TOO_LONG` or `CELL_NOT_<TYPE>`. */
  readonly code: string;
  /** What is wrong with it. */
  readonly message: string;
  /** Path of its file. */
  readonly path: string;
  /** Its number in the file, from 1; the header counts. */
  readonly record: number;
  /** Where it begins in the file, in bytes from 0. */
  readonly byteOffset: number;
  /** The column, when it is a cell that is wrong. */
  readonly column?: string | undefined;
}

/** Where a record stands. */
export interface RecordPlace {
  /** Path of its file. */
  readonly path: string;
  /** Its number in the file, from 1. */
  readonly record: number;
  /** Where it begins in the file. Left out where nobody counts bytes. */
  readonly byteOffset?: number | undefined;
}

/** A {@link BadRecord} where nobody may have counted bytes. */
type BadFacts = Omit<BadRecord, 'byteOffset'> & { readonly byteOffset?: number | undefined };

/** Raised inside for a {@link BadRecord}; the reader decides whether it is thrown or told. */
export class BadRecordError extends AzuremlError {
  /** The facts. */
  readonly bad: BadFacts;

  /** @param bad The facts. */
  constructor(bad: BadFacts) {
    const { path, record, byteOffset, column } = bad;
    super(bad.code, bad.message, {
      details: {
        path,
        record,
        ...(byteOffset === undefined ? {} : { byteOffset }),
        ...(column === undefined ? {} : { column }),
      },
    });
    this.name = 'AzuremlError';
    this.bad = bad;
  }
}

const ADVICE = "Repair the file, or pass onBadRecord: 'skip'.";

/** A record has another number of cells than the header: which cell is missing cannot be told. */
export function wrongWidth(path: string, record: number, found: number, expected: number): BadRecordError {
  return new BadRecordError(widthFault({ path, record }, found, expected));
}

/** The facts of a record with another number of cells than the header. */
export function widthFault<P extends RecordPlace>(place: P, found: number, expected: number) {
  return {
    code: 'CSV_BAD_RECORD',
    message: `Record ${place.record} of ${place.path} has ${found} cells, but its file has ${expected} columns${at(place)}. ${ADVICE}`,
    ...place,
  };
}

/** The facts of a record that equals the header, in a file without the columns of the call. */
export function headerFault<P extends RecordPlace>(place: P) {
  return {
    code: 'CSV_BAD_RECORD',
    message: `Record ${place.record} of ${place.path} equals the header${at(place)}. Whether it is a row or the header once more cannot be told. Take the line out, or pass onBadRecord: 'skip'; with header: false every record is a row, the first one too.`,
    ...place,
  };
}

/** The facts of what stands behind the last line end of a file whose day is over. */
export function tornFault<P extends RecordPlace>(place: P, isQuoteOpen: boolean) {
  const what = isQuoteOpen ? 'a quote that nobody closes' : 'no line end';
  return {
    code: 'CSV_BAD_RECORD',
    message: `${place.path} ends within a record: record ${place.record} has ${what}${at(place)}. ${ADVICE}`,
    ...place,
  };
}

/** The facts of a record that is longer than any may be. */
export function lengthFault<P extends RecordPlace>(place: P, mostBytes: number) {
  return {
    code: 'CSV_RECORD_TOO_LONG',
    message: `Record ${place.record} of ${place.path} has more than ${mostBytes} bytes${at(place)}: a quote that is opened and never closed looks like this. ${ADVICE}`,
    ...place,
  };
}

/** A cell is not of the type that its column is declared to have. */
export function wrongCell(at: RecordPlace & { readonly column: string }, type: CellType, text: string): BadRecordError {
  return new BadRecordError(cellFault(at, type, text));
}

/** The facts of a cell that is not of the type that its column is declared to have. */
export function cellFault<P extends RecordPlace & { readonly column: string }>(place: P, type: CellType, text: string) {
  return {
    code: `CELL_NOT_${type.toUpperCase()}`,
    message: `The cell "${place.column}" in record ${place.record} of ${place.path} should be ${CELL_TYPE_NAMES[type]}, but is ${shortened(text)}${at(place)}. Declare another type for the column, or pass onBadRecord: 'skip'.`,
    ...place,
  };
}

/** A cell's text for a message. */
export function shortened(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}

function at({ byteOffset }: RecordPlace): string {
  return byteOffset === undefined ? '' : ` (at byte ${byteOffset})`;
}

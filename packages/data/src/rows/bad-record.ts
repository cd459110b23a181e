import { AzuremlError } from '@azureml-ts/common';
import { CELL_TYPE_NAMES, type CellType } from './cell-types.ts';

/** A record that cannot be a row. */
export interface BadRecord {
  /** `CSV_BAD_RECORD` or `CELL_NOT_<TYPE>`. */
  readonly code: string;
  /** What is wrong with it. */
  readonly message: string;
  /** Path of its file. */
  readonly path: string;
  /** Its number in the file, from 1; the header counts. */
  readonly record: number;
  /** The column, when it is a cell that is wrong. */
  readonly column?: string | undefined;
}

/** Raised inside for a {@link BadRecord}; the reader decides whether it is thrown or told. */
export class BadRecordError extends AzuremlError {
  /** The facts. */
  readonly bad: BadRecord;

  /** @param bad The facts. */
  constructor(bad: BadRecord) {
    super(bad.code, bad.message, {
      details: { path: bad.path, record: bad.record, ...(bad.column === undefined ? {} : { column: bad.column }) },
    });
    this.name = 'AzuremlError';
    this.bad = bad;
  }
}

/** A record has another number of cells than the header: which cell is missing cannot be told. */
export function wrongWidth(path: string, record: number, found: number, expected: number): BadRecordError {
  return new BadRecordError({
    code: 'CSV_BAD_RECORD',
    message: `Record ${record} of ${path} has ${found} cells, but its file has ${expected} columns. Repair the file, or pass onBadRecord: 'skip'.`,
    path,
    record,
  });
}

/** A cell is not of the type that its column is declared to have. */
export function wrongCell(
  at: { path: string; record: number; column: string },
  type: CellType,
  text: string,
): BadRecordError {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
  return new BadRecordError({
    code: `CELL_NOT_${type.toUpperCase()}`,
    message: `The cell "${at.column}" in record ${at.record} of ${at.path} should be ${CELL_TYPE_NAMES[type]}, but is ${shown}. Declare another type for the column, or pass onBadRecord: 'skip'.`,
    ...at,
  });
}

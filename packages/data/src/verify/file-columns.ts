import { createHash } from 'node:crypto';
import { CORRELATION_COLUMNS, PYTHON_COLUMNS } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../files/collected-file.ts';
import type { RecordPlace } from '../rows/bad-record.ts';
import { endsWithPythonColumns } from '../rows/correlation-columns.ts';
import { fileColumns } from '../rows/file-columns.ts';
import type { RecordBlock } from '../scan/record-block.ts';

const [ID_COLUMN, , TIME_COLUMN] = CORRELATION_COLUMNS;
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/;

/** What the first record of a file tells of its columns. */
export interface ScannedColumns {
  /** Cells of each record. */
  readonly width: number;
  /** Whether the first record is a header. */
  readonly hasHeader: boolean;
  /** Names of the columns in the header, when there is one. */
  readonly names: readonly string[];
  /** Place of the id of the call in a record; -1 when there is none. */
  readonly id: number;
  /** Place of the time of scoring; -1 when there is none. */
  readonly time: number;
  /** Whether the Python package wrote it, which keeps no ledger. */
  readonly isPython: boolean;
  /** Hash of the columns, as in ledgers and names of files; empty for files of the Python package. */
  readonly schema: string;
  /** A column that the header names twice. */
  readonly repeated: string | undefined;
}

/**
 * Reads the columns from the first record that is no empty line, as the reader of rows does.
 *
 * @param file The file.
 * @param block Holds the record.
 * @param record Which one it is.
 * @param place Where it is.
 */
export function scannedColumns(
  file: CollectedFile,
  block: RecordBlock,
  record: number,
  place: RecordPlace,
): ScannedColumns {
  const cells = block.texts(record);
  const width = cells.length;
  const repeated = cells.find((name, index) => cells.indexOf(name) !== index);
  const kind = kindOf(file, block, record, place, cells);
  if (kind.hasHeader) {
    const raw = block.bytes.subarray(block.recordStarts[record], block.recordStarts[record + 1]);
    return {
      width,
      ...kind,
      names: cells,
      id: cells.indexOf(ID_COLUMN),
      time: cells.indexOf(TIME_COLUMN),
      schema: kind.isPython ? '' : hashOf(raw),
      repeated,
    };
  }
  if (kind.isPython) {
    // Designations other than inputs have these columns only when the rows brought them along.
    const id = endsWithPythonColumns(cells) ? width - PYTHON_COLUMNS.length : -1;
    return { width, ...kind, names: [], id, time: id < 0 ? -1 : id + 1, schema: '', repeated: undefined };
  }
  const features = width - CORRELATION_COLUMNS.length;
  return {
    width,
    ...kind,
    names: [],
    id: features,
    time: features + CORRELATION_COLUMNS.indexOf(TIME_COLUMN),
    schema: hashOf(`${features} unnamed features`),
    repeated: undefined,
  };
}

function kindOf(
  file: CollectedFile,
  block: RecordBlock,
  record: number,
  place: RecordPlace,
  cells: readonly string[],
): { readonly hasHeader: boolean; readonly isPython: boolean } {
  try {
    const { hasHeader, dialect } = fileColumns(file, block, record, place, undefined);
    return { hasHeader, isPython: dialect === 'python' };
  } catch {
    // A header that names a column twice, or a record that is too short: both are told.
    return { hasHeader: cells.includes(ID_COLUMN), isPython: file.layout === 'python-v1' };
  }
}

/** Whether a cell may be a time of scoring. */
export function isTime(text: string): boolean {
  return TIME.test(text) && !Number.isNaN(Date.parse(text));
}

/** Whether a cell of the id column is its name. */
export function isIdName(text: string): boolean {
  return text === ID_COLUMN;
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 8);
}

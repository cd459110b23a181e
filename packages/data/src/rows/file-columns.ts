import { AzuremlError } from '@azureml-ts/common';
import { CORRELATION_COLUMNS, PYTHON_COLUMNS } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../files/collected-file.ts';
import type { RecordBlock } from '../scan/record-block.ts';
import { BadRecordError, type RecordPlace, widthFault } from './bad-record.ts';
import type { Dialect } from './cell-readers.ts';
import { endsWithPythonColumns } from './correlation-columns.ts';
import { inferPythonCell } from './python-cells.ts';

/** What the columns of a file are. */
export interface FileColumns {
  /** Their names, in the order of the file. */
  readonly names: readonly string[];
  /** Whether the file names them itself: its first record is then no row. */
  readonly hasHeader: boolean;
  /** Whose text the cells are. */
  readonly dialect: Dialect;
}

const LF = 0x0a;
const CR = 0x0d;
const LIKE_A_TIME = /^\d{4}-\d\d-\d\d(?:[T ]|$)/;

/**
 * Finds out what the columns of a file are, by its first record that is no empty line.
 *
 * - A record that names `$aml_dc_correlation_id` is a header.
 * - Otherwise a file of this library has none: its rows end with the four columns of the call.
 * - A file of the Python package may have neither header nor these columns. Rows that end with its eight columns are
 *   recognised. Else the first record is a header when it could be names (texts, none empty, none twice), or when it ends
 *   in CRLF and the next one in LF, as only data frames are written. `header` says what it is in any case.
 *
 * @throws AzuremlError `CSV_BAD_HEADER` when a column's name is repeated; BadRecordError (`CSV_BAD_RECORD`) when there is
 *   no header and the record is too short to be a row.
 */
export function fileColumns(
  file: CollectedFile,
  block: RecordBlock,
  record: number,
  place: RecordPlace,
  header: boolean | undefined,
): FileColumns {
  const cells = block.texts(record);
  const isNamed = cells.includes(CORRELATION_COLUMNS[0]);
  const isPython =
    file.layout === 'python-v1' || (isNamed ? cells.includes('$aml_dc_boundary') : endsWithPythonColumns(cells));
  const dialect: Dialect = isPython ? 'python' : 'javascript';
  const hasHeader = header ?? (isNamed || (isPython && isPythonHeader(cells, block, record)));
  if (!hasHeader) {
    return { names: unnamed(cells, isPython, place), hasHeader, dialect };
  }
  checkNames(cells, file.path);
  return { names: cells, hasHeader, dialect };
}

function isPythonHeader(cells: readonly string[], block: RecordBlock, record: number): boolean {
  if (endsWithPythonColumns(cells)) {
    return false;
  }
  if (endOf(block, record) === 'CRLF' && endOf(block, record + 1) === 'LF') {
    return true;
  }
  return (
    new Set(cells).size === cells.length &&
    cells.every((text) => text !== '' && typeof inferPythonCell(text) === 'string' && !LIKE_A_TIME.test(text))
  );
}

function endOf(block: RecordBlock, record: number): 'LF' | 'CRLF' | undefined {
  if (record >= block.count) {
    return undefined;
  }
  const end = block.recordStarts[record + 1] as number;
  return block.bytes[end - 1] !== LF ? undefined : block.bytes[end - 2] === CR ? 'CRLF' : 'LF';
}

/** Names for a file without header: rows that were collected as arrays and that nobody named. */
function unnamed(cells: readonly string[], isPython: boolean, place: RecordPlace): string[] {
  const own = !isPython ? CORRELATION_COLUMNS : endsWithPythonColumns(cells) ? PYTHON_COLUMNS : [];
  const featureCount = cells.length - own.length;
  if (featureCount < 0) {
    throw new BadRecordError(widthFault(place, cells.length, own.length));
  }
  return [...Array.from({ length: featureCount }, (_, index) => `column_${index + 1}`), ...own];
}

function checkNames(names: readonly string[], path: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw new AzuremlError(
        'CSV_BAD_HEADER',
        `The header of ${path} names the column "${name}" twice, so a row could hold only one of them. Repair the file.`,
        { details: { path, column: name } },
      );
    }
    seen.add(name);
  }
}

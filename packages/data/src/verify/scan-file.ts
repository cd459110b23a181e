import type { CollectedFile } from '../files/collected-file.ts';
import { isHeaderAgain } from '../rows/header-again.ts';
import type { RecordBlock } from '../scan/record-block.ts';
import { RecordScanner } from '../scan/record-scanner.ts';
import { isIdName, isTime, type ScannedColumns, scannedColumns } from './file-columns.ts';
import { counted, type FindingCode, type FindingDraft, type Tell } from './finding.ts';
import { Places } from './places.ts';
import type { ReadFile, RowScanner } from './read-files.ts';

/** What was found in a file. */
export interface FileScan {
  /** Rows that are whole. */
  readonly rows: number;
  /** Its columns; `undefined` when there is no record. */
  readonly columns: ScannedColumns | undefined;
  /** What it ends with, when that is no whole record. */
  readonly torn: { readonly byteOffset: number; readonly bytes: number } | undefined;
}

/** A file of rows that was read. */
export type ScannedFile = ReadFile<FileScan>;

/** Gets each row that is whole. */
export type TakeRow = (callId: string, record: number, byteOffset: number) => void;

const PROBLEMS = {
  BAD_RECORD: 'have another number of cells than the file has columns',
  HEADER_REPEATED: 'are the header again: rows of two files were put together by hand',
  BAD_TIMESTAMP: 'have no time of scoring that can be read',
  ROW_WITHOUT_ID: 'have no id of a call',
  ROW_OF_OTHER_DAY: 'were scored on another day than that of their folder: who reads by day misses them',
  RECORD_TOO_LONG: 'have more than 64 MiB, as an opened quote makes it',
} as const satisfies Partial<Record<FindingCode, string>>;

type Problem = keyof typeof PROBLEMS;

/** Reads one file: gives its rows, and tells what is wrong with its records. */
export class FileScanner implements RowScanner<FileScan> {
  readonly #file: CollectedFile;
  readonly #take: TakeRow;
  readonly #scanner = new RecordScanner();
  readonly #problems = new Map<Problem, Places>();
  #columns: ScannedColumns | undefined;
  #record = 0;
  #rows = 0;
  #otherWidth = 0;

  /**
   * @param file The file.
   * @param take Gets each row.
   */
  constructor(file: CollectedFile, take: TakeRow) {
    this.#file = file;
    this.#take = take;
  }

  /** Rows so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Takes more bytes. */
  push(piece: Uint8Array): void {
    for (const block of this.#scanner.push(piece)) {
      this.#read(block);
    }
  }

  /** Says that the file ends here, and tells what was found. */
  end(tell: Tell): FileScan {
    for (const block of this.#scanner.end()) {
      this.#read(block);
    }
    const { bytes, offset } = this.#scanner.rest;
    for (const [problem, places] of this.#problems) {
      tell(this.#finding(problem, places));
    }
    const columns = this.#columns;
    if (columns?.repeated !== undefined) {
      tell({
        code: 'BAD_HEADER',
        severity: 'error',
        day: this.#file.day,
        path: this.#file.path,
        message: `The header of ${this.#file.path} names the column "${columns.repeated}" twice, so that a row could hold only one of them. Repair the file.`,
        counts: { columns: columns.width },
      });
    }
    return {
      rows: this.#rows,
      columns,
      torn: bytes.length === 0 ? undefined : { byteOffset: offset, bytes: bytes.length },
    };
  }

  #read(block: RecordBlock): void {
    if (block.isTooLong) {
      this.#record += 1;
      this.#note('RECORD_TOO_LONG', block.offset);
      return;
    }
    for (let index = 0; index < block.count; index += 1) {
      this.#record += 1;
      if (block.isBlank(index)) {
        continue;
      }
      if (this.#columns === undefined) {
        const place = { path: this.#file.path, record: this.#record, byteOffset: block.offsetOf(index) };
        this.#columns = scannedColumns(this.#file, block, index, place);
        if (this.#columns.hasHeader) {
          continue;
        }
      }
      this.#readRow(block, index, this.#columns);
    }
  }

  #readRow(block: RecordBlock, index: number, columns: ScannedColumns): void {
    const { width, hasHeader, names, id, time, isPython } = columns;
    const found = block.widths[index] as number;
    if (found !== width || (!hasHeader && !isPython && id < 0)) {
      this.#otherWidth ||= found;
      this.#note('BAD_RECORD', block.offsetOf(index));
      return;
    }
    const first = block.firstCells[index] as number;
    const callId = id < 0 ? '' : block.text(first + id);
    if (hasHeader && (id < 0 ? isHeaderAgain(block, index, names) : isIdName(callId))) {
      this.#note('HEADER_REPEATED', block.offsetOf(index));
      return;
    }
    if (time >= 0) {
      const scored = block.text(first + time);
      if (!isTime(scored)) {
        if (!isPython || scored !== '') {
          this.#note('BAD_TIMESTAMP', block.offsetOf(index));
        }
      } else if (!scored.startsWith(this.#file.day)) {
        this.#note('ROW_OF_OTHER_DAY', block.offsetOf(index));
      }
    }
    if (callId === '' && !isPython) {
      this.#note('ROW_WITHOUT_ID', block.offsetOf(index));
    }
    this.#rows += 1;
    this.#take(callId, this.#record, block.offsetOf(index));
  }

  #note(problem: Problem, byteOffset: number): void {
    let places = this.#problems.get(problem);
    if (places === undefined) {
      places = new Places();
      this.#problems.set(problem, places);
    }
    places.add(this.#record, byteOffset);
  }

  #finding(code: Problem, places: Places): FindingDraft {
    const { path, day } = this.#file;
    const isPython = this.#columns?.isPython === true;
    const width = this.#columns?.width ?? 0;
    const detail = code === 'BAD_RECORD' ? ` (${this.#otherWidth} in place of ${width})` : '';
    return {
      code,
      // The Python package takes the day when it writes; a row of the last moment is in the next folder.
      severity: isPython && code === 'ROW_OF_OTHER_DAY' ? 'warning' : 'error',
      day,
      path,
      message: `${counted(places.count, 'record')} of ${path} ${PROBLEMS[code]}${detail}. The first is ${places.text}. ${ADVICE[code]}`,
      counts: { records: places.count, ...(code === 'BAD_RECORD' ? { columns: width, cells: this.#otherWidth } : {}) },
      places: places.first,
    };
  }
}

const ADVICE: Readonly<Record<Problem, string>> = {
  BAD_RECORD: 'Their rows are not counted. Compare the file with a backup, and repair it.',
  HEADER_REPEATED: 'Take these lines out.',
  BAD_TIMESTAMP: 'Compare the file with a backup, and repair it.',
  ROW_WITHOUT_ID: 'They were not written by the collector, or were changed since.',
  ROW_OF_OTHER_DAY: 'They were put there by hand: move them to the folder of their day.',
  RECORD_TOO_LONG: 'Look at the file there, and repair it.',
};

import { CORRELATION_COLUMNS, utcDay } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../../files/collected-file.ts';
import type { JsonBlock } from '../../json-lines/json-block.ts';
import { withoutAdvice } from '../../json-lines/json-faults.ts';
import { JsonLinesReader } from '../../json-lines/json-lines-reader.ts';
import type { SeenRecord } from '../../json-lines/json-lines-reading.ts';
import type { BadRecord } from '../../rows/bad-record.ts';
import type { FileBlock } from '../../rows/read-blocks.ts';
import type { FileStore } from '../../store/file-store.ts';
import { isTime } from '../file-columns.ts';
import { counted, type Tell } from '../finding.ts';
import type { RowScanner } from '../read-files.ts';
import { RecordProblem, type RecordProblemCode } from './record-problem.ts';
import type { SeenRecords } from './seen-records.ts';

/** What was found in a file. */
export interface RecordScan {
  /** Records that are whole. */
  readonly records: number;
  /** Their rows. */
  readonly rows: number;
}

const TIME = CORRELATION_COLUMNS.indexOf('$aml_dc_scoring_timestamp');
const CODES = new Map<string, RecordProblemCode>([
  ['JSON_RECORD_TOO_LONG', 'RECORD_TOO_LONG'],
  ['JSON_DATAREF_FAILED', 'DATAREF_FAILED'],
]);

/** Reads one file of JSON Lines as readers of its rows do, and tells what is wrong with its records. */
export class RecordFileScanner implements RowScanner<RecordScan> {
  readonly #file: CollectedFile;
  readonly #seen: SeenRecords;
  readonly #reader: JsonLinesReader;
  readonly #problems = new Map<RecordProblemCode, RecordProblem>();
  /** By their place, records whose rows have not come yet: whether their own id is new. */
  readonly #ids = new Map<number, boolean>();
  #bytes = 0;
  #records = 0;
  #rows = 0;
  #isAtEnd = false;
  #torn: BadRecord | undefined;
  /** The record of the last row, the id of its call, and where that and its time stand. */
  #last = { offset: -1, id: '', idAt: -1, timeAt: -1 };
  /** What is wrong with it. */
  #wrong: readonly RecordProblem[] = [];

  /**
   * @param store Where the blobs are that records name.
   * @param file The file.
   * @param seen The records of the files before it.
   */
  constructor(store: FileStore, file: CollectedFile, seen: SeenRecords, abortSignal: AbortSignal | undefined) {
    this.#file = file;
    this.#seen = seen;
    this.#reader = new JsonLinesReader(store, file, {
      abortSignal,
      onBadRecord: (bad) => this.#reject(bad),
      onRecord: (record) => this.#see(record),
    });
  }

  /** See {@link RowScanner.rows}. */
  get rows(): number {
    return this.#rows;
  }

  /** See {@link RowScanner.push}. */
  async push(piece: Uint8Array): Promise<void> {
    this.#bytes += piece.length;
    for await (const found of this.#reader.push(piece)) {
      this.#take(found);
    }
    // The rows of all whole records have come.
    this.#ids.clear();
  }

  /** See {@link RowScanner.end}. */
  async end(tell: Tell): Promise<RecordScan> {
    this.#isAtEnd = true;
    for await (const found of this.#reader.end()) {
      this.#take(found);
    }
    for (const problem of this.#problems.values()) {
      tell(problem.finding(this.#file));
    }
    this.#tellTorn(tell);
    return { records: this.#records, rows: this.#rows };
  }

  #reject(bad: BadRecord): void {
    const { code, record, byteOffset, message } = bad;
    if (this.#isAtEnd && code === 'JSON_BAD_RECORD') {
      this.#torn = bad;
    } else {
      this.#problem(CODES.get(code) ?? 'BAD_RECORD').note(record, byteOffset, undefined, withoutAdvice(message));
    }
  }

  #see({ line, offset, id }: SeenRecord): void {
    this.#records += 1;
    if (id !== '') {
      const isNew = this.#seen.isNewRecord(id);
      this.#ids.set(offset, isNew);
      if (!isNew) {
        this.#problem('DUPLICATE_RECORD').note(line, offset, id);
      }
    }
  }

  #take({ block: given, records }: FileBlock): void {
    const block = given as JsonBlock;
    const first = (records.columns?.names.length ?? 0) - CORRELATION_COLUMNS.length;
    for (let row = 0; row < block.count; row += 1) {
      const cell = (block.firstCells[row] as number) + first;
      const offset = block.recordOffsets[row] as number;
      const idAt = block.starts[cell] as number;
      const timeAt = block.starts[cell + TIME] as number;
      const last = this.#last;
      // All rows of a record have the same, unless they brought their own.
      if (offset !== last.offset || idAt !== last.idAt || timeAt !== last.timeAt) {
        const id = block.ownText(cell);
        const isSameCall = offset === last.offset && id === last.id;
        this.#wrong = this.#judge(
          { offset, line: block.lines[row] as number },
          id,
          isSameCall,
          block.ownText(cell + TIME),
        );
        this.#last = { offset, id, idAt, timeAt };
      }
      for (const problem of this.#wrong) {
        problem.rows += 1;
      }
    }
    this.#rows += block.count;
  }

  /** Finds what is wrong with the call of a row. */
  #judge(
    { line, offset }: Omit<SeenRecord, 'id'>,
    id: string,
    isSameCall: boolean,
    time: string,
  ): readonly RecordProblem[] {
    const found: RecordProblem[] = [];
    const note = (code: RecordProblemCode, call?: string): void => {
      const problem = this.#problem(code);
      problem.note(line, offset, call);
      found.push(problem);
    };
    const isNewRecord = this.#ids.get(offset);
    if (isNewRecord === false) {
      found.push(this.#problem('DUPLICATE_RECORD'));
    }
    if (id === '') {
      note('ROW_WITHOUT_ID');
    } else if (!isSameCall && !this.#seen.isNewCall(id) && isNewRecord !== false) {
      note('DUPLICATE_CALL', id);
      this.#problem('DUPLICATE_CALL').isHarmless &&= isNewRecord === true;
    }
    // Azure's monitor needs none, and never looks at it.
    if (time !== '') {
      if (!isTime(time)) {
        note('BAD_TIMESTAMP');
      } else if (dayOf(time) !== this.#file.day) {
        note('ROW_OF_OTHER_DAY');
      }
    }
    return found;
  }

  #tellTorn(tell: Tell): void {
    if (this.#torn !== undefined) {
      const { record, byteOffset } = this.#torn;
      const bytes = this.#bytes - byteOffset;
      const { path, day } = this.#file;
      tell({
        code: 'TORN_END',
        severity: 'error',
        day,
        path,
        message: `${path} ends within a record: its last ${counted(bytes, 'byte')}, from byte ${byteOffset} on (record ${record}), are none. The file was cut; take it from a backup.`,
        counts: { byteOffset, bytes },
        places: [{ record, byteOffset }],
      });
    }
  }

  #problem(code: RecordProblemCode): RecordProblem {
    let problem = this.#problems.get(code);
    if (problem === undefined) {
      problem = new RecordProblem(code);
      this.#problems.set(code, problem);
    }
    return problem;
  }
}

/** UTC day of a time; without a zone it is UTC. */
function dayOf(time: string): string {
  return /(?:z|[+-]\d\d:?\d\d)$/i.test(time) ? utcDay(Date.parse(time)) : time.slice(0, 10);
}

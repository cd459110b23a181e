import { createLogger } from '@azureml-ts/common';
import { utcDay } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../files/collected-file.ts';
import { FileRecords } from '../rows/file-records.ts';
import type { FileBlock } from '../rows/read-blocks.ts';
import { MAX_RECORD_BYTES } from '../scan/record-scanner.ts';
import type { FileStore } from '../store/file-store.ts';
import { readReference, referencePaths } from './data-reference.ts';
import { JsonBlock } from './json-block.ts';
import { JsonColumns, nameAt } from './json-columns.ts';
import { JsonCursor } from './json-cursor.ts';
import { longRecordFault, recordFault, referenceFault, tornRecordFault } from './json-faults.ts';
import type { JsonLinesReading, JsonLinesStart } from './json-lines-reading.ts';
import { JsonRecords } from './json-records.ts';
import { isBlank, type Line, LineSplitter } from './line-splitter.ts';
import { placeRows, type RowsOfRecord } from './place-rows.ts';
import { type RecordPlaces, readRecord, readRows, type ValuePlace } from './read-record.ts';

const log = createLogger('data');
const OPEN_LIST = 0x5b;
/** A block has no more rows, and what is made of it no more memory. */
const MOST_ROWS = 4096;

/**
 * Finds the rows of a JSON Lines file as its bytes come.
 *
 * Each block has rows of the same columns. When a record has a feature that none before it had, the next block comes with
 * other records, which have that column as well: the columns of a file only become more.
 */
export class JsonLinesReader {
  readonly #store: FileStore;
  readonly #file: CollectedFile;
  readonly #abortSignal: AbortSignal | undefined;
  readonly #onRecord: JsonLinesReading['onRecord'];
  readonly #main: FileRecords;
  readonly #lines: LineSplitter;
  readonly #block = new JsonBlock();
  readonly #cursor = new JsonCursor();
  #columns: JsonColumns;
  #records: JsonRecords;
  #isOpen = false;
  /** The record that was read last, and the names in it that were no columns yet. */
  #record: RecordPlaces | undefined;
  #added: ReadonlySet<string> = new Set();

  /**
   * @param store Where the file is, and the blobs that its records name.
   * @param file The file.
   * @param options What to do with bad records.
   */
  constructor(
    store: FileStore,
    file: CollectedFile,
    options: JsonLinesReading,
    start: JsonLinesStart = { offset: 0, line: 0, columns: new JsonColumns() },
  ) {
    this.#store = store;
    this.#file = file;
    this.#abortSignal = options.abortSignal;
    this.#onRecord = options.onRecord;
    this.#main = new FileRecords(file, options.onBadRecord, undefined);
    this.#lines = new LineSplitter(MAX_RECORD_BYTES, start.offset, start.line);
    this.#columns = start.columns;
    this.#records = new JsonRecords(this.#main, this.#columns);
  }

  /** Where to go on, when more was written to the file. */
  get place(): JsonLinesStart {
    return { offset: this.#lines.offset, line: this.#lines.number, columns: this.#columns };
  }

  /** Takes more bytes, and gives the rows of the records that are whole now. */
  async *push(piece: Uint8Array): AsyncGenerator<FileBlock, void, undefined> {
    for (const line of this.#lines.push(piece)) {
      const isDone = this.#takeQuickly(line);
      if (isDone !== true) {
        yield* this.#take(line, isDone);
      }
    }
  }

  /**
   * Takes what stands behind the last line end. A record that is whole there is one; what is not, in a file that is still
   * written to, is a record on its way.
   *
   * @param isGrowing Whether the file is known to be written to; found out when it is left out.
   */
  async *end(isGrowing?: boolean): AsyncGenerator<FileBlock, void, undefined> {
    const rest = this.#lines.rest();
    if (rest !== undefined && !isBlank(rest)) {
      this.#cursor.set(rest.bytes, rest.start, rest.end);
      const isWhole = readRecord(this.#cursor, this.#columns, new Set()) !== undefined;
      const line = { ...rest, number: rest.number + 1 };
      if (isWhole) {
        yield* this.#take(line, this.#takeQuickly(line));
        this.#lines.takeRest();
      } else if (isGrowing === true || this.#file.day >= utcDay(Date.now()) || this.#lines.position > this.#file.size) {
        log.verbose(`${this.#file.path} ends within a record, which is being written. It is left for the next time.`);
      } else {
        this.#main.rejectCell(tornRecordFault(this.#placeOf(line)));
      }
    }
  }

  /** Says how many records were left out. */
  close(): void {
    this.#main.end();
  }

  /** Takes a line that is not done with quickly, or only with what comes of it. */
  async *#take(
    line: Line,
    isDone: boolean | { readonly failure: unknown },
  ): AsyncGenerator<FileBlock, void, undefined> {
    if (typeof isDone === 'object') {
      // Rows before a failure are given with it.
      yield* this.#flush();
      throw isDone.failure;
    }
    const record = this.#record;
    if (record !== undefined) {
      const common = { call: record.call, userIds: record.userIds, line: line.number, offset: line.offset };
      if (record.data !== undefined) {
        this.#cursor.set(line.bytes, record.data.start + 1, line.end);
        yield* this.#place(common, record.rowCount, line.start, line.end);
      } else if (record.dataref !== undefined) {
        yield* this.#flush();
        yield* this.#follow(line, record.dataref, common);
      }
    }
    if (line.isLast) {
      yield* this.#flush();
    }
  }

  /**
   * Takes a line whose rows fit into the block as it is, which is nearly every one: an asynchronous step for each would
   * take most of the time.
   *
   * @returns Whether there is nothing else to do with it.
   */
  #takeQuickly(line: Line): boolean | { readonly failure: unknown } {
    try {
      this.#record = this.#read(line);
    } catch (failure) {
      return { failure };
    }
    const record = this.#record;
    if (record === undefined) {
      return !line.isLast;
    }
    const { data, rowCount, call, userIds } = record;
    if (data === undefined || this.#added.size > 0 || this.#block.count + rowCount >= MOST_ROWS) {
      return false;
    }
    this.#open(line.bytes, line.start);
    this.#cursor.set(line.bytes, data.start + 1, line.end);
    placeRows(
      this.#cursor,
      this.#block,
      this.#columns,
      { call, userIds, line: line.number, offset: line.offset },
      0,
      rowCount,
    );
    this.#block.extend(line.end);
    this.#record = undefined;
    return !line.isLast;
  }

  /** Reads a line; what is no record is told of. */
  #read(line: Line): RecordPlaces | undefined {
    if (line.isTooLong) {
      this.#main.rejectCell(longRecordFault(this.#placeOf(line), MAX_RECORD_BYTES));
      return undefined;
    }
    if (isBlank(line)) {
      return undefined;
    }
    const added = new Set<string>();
    const cursor = this.#cursor;
    cursor.set(line.bytes, line.start, line.end);
    const record = readRecord(cursor, this.#columns, added);
    if (record === undefined) {
      this.#main.rejectCell(
        recordFault(this.#placeOf(line), cursor.fault, line.offset + Math.min(cursor.at, line.end) - line.start),
      );
      return undefined;
    }
    this.#added = added;
    if (this.#onRecord !== undefined) {
      const { id } = record;
      const text = id === undefined ? '' : nameAt(line.bytes, id.start, id.stop);
      this.#onRecord({ line: line.number, offset: line.offset, id: text });
    }
    return record;
  }

  /** Puts the rows of a list into blocks; the cursor stands behind its bracket. */
  *#place(record: RowsOfRecord, rowCount: number, from: number, end: number): Generator<FileBlock, void, undefined> {
    const bytes = this.#cursor.bytes as Buffer;
    if (this.#added.size > 0) {
      yield* this.#flush();
      this.#columns = this.#columns.with([...this.#added]);
      this.#records = new JsonRecords(this.#main, this.#columns);
      this.#added = new Set();
    }
    for (let done = 0; done < rowCount; ) {
      this.#open(bytes, from);
      const count = Math.min(MOST_ROWS - this.#block.count, rowCount - done);
      placeRows(this.#cursor, this.#block, this.#columns, record, done, count);
      this.#block.extend(end);
      done += count;
      if (this.#block.count === MOST_ROWS) {
        yield* this.#flush();
      }
    }
  }

  /** Reads the rows of a record from the blob that it names. */
  async *#follow(line: Line, dataref: ValuePlace, record: RowsOfRecord): AsyncGenerator<FileBlock, void, undefined> {
    const reference = line.bytes.toString('utf8', dataref.start, dataref.stop);
    const isText = line.bytes[dataref.start - 1] === 0x22 || line.bytes[dataref.start] === 0x22;
    const place = this.#placeOf(line);
    if (!isText) {
      this.#main.rejectCell(referenceFault(place, 'it is no text'));
      return;
    }
    const text = reference.startsWith('"') ? (JSON.parse(reference) as string) : reference;
    const paths = referencePaths(text, this.#file, this.#store);
    // What the record says of the call goes behind the rows: a block has its cells in one memory.
    const own = Buffer.from(line.bytes.subarray(line.start, line.end));
    const rows = await readReference(this.#store, paths, MAX_RECORD_BYTES, this.#abortSignal);
    if (typeof rows === 'string') {
      this.#main.rejectCell(referenceFault(place, rows));
      return;
    }
    const bytes = Buffer.concat([rows, own]);
    const added = new Set<string>();
    const cursor = this.#cursor;
    cursor.set(bytes, 0, rows.length);
    const rowCount = readRows(cursor, this.#columns, added);
    if (rowCount === undefined || cursor.next() !== 0 || cursor.at < rows.length) {
      const what = cursor.fault === '' ? 'something behind the list' : cursor.fault;
      this.#main.rejectCell(referenceFault(place, `at byte ${cursor.at} of ${paths[0]} there is ${what}`));
      return;
    }
    this.#added = added;
    const moved = ({ start, stop, kind }: ValuePlace): ValuePlace =>
      stop === start
        ? { start, stop, kind }
        : { start: start - line.start + rows.length, stop: stop - line.start + rows.length, kind };
    cursor.set(bytes, 0, rows.length);
    cursor.take(OPEN_LIST);
    yield* this.#place(
      { ...record, call: record.call.map(moved), userIds: record.userIds?.map(moved) },
      rowCount,
      0,
      bytes.length,
    );
    yield* this.#flush();
  }

  /** Begins a block, if none is open. */
  #open(bytes: Buffer, from: number): void {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#block.begin(bytes, from);
    }
  }

  *#flush(): Generator<FileBlock, void, undefined> {
    this.#isOpen = false;
    if (this.#block.count > 0) {
      yield { block: this.#block, records: this.#records };
      this.#block.count = 0;
    }
  }

  #placeOf({ offset, number }: Line) {
    return { path: this.#file.path, record: number, byteOffset: offset };
  }
}

/** Finds the rows of one JSON Lines file as its bytes come; see {@link JsonLinesReader}. */
export async function* readJsonBlocks(
  store: FileStore,
  file: CollectedFile,
  pieces: AsyncIterable<Uint8Array>,
  options: JsonLinesReading,
): AsyncGenerator<FileBlock, void, undefined> {
  const reader = new JsonLinesReader(store, file, options);
  try {
    for await (const piece of pieces) {
      options.abortSignal?.throwIfAborted();
      yield* reader.push(piece);
    }
    yield* reader.end();
  } finally {
    reader.close();
  }
}

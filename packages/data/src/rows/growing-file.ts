import type { CollectedFile } from '../files/collected-file.ts';
import type { RecordBlock } from '../scan/record-block.ts';
import { RecordScanner } from '../scan/record-scanner.ts';
import type { FileStore } from '../store/file-store.ts';
import { FileRecords } from './file-records.ts';
import { readHead } from './read-heads.ts';
import { FileRows, ROW_KIND } from './read-rows.ts';
import type { CollectedRow } from './rows-options.ts';
import type { TailOptions } from './tail-options.ts';

/** Of a file that is larger, only the end is looked at. */
const WHOLE_BYTES = 8_388_608;
/** So much of it at first. */
const END_BYTES = 1_048_576;
const LF = 0x0a;
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?$/;

/** A file whose rows are read as they come: it knows how far it has been read. */
export class GrowingFile<T extends object> {
  readonly #store: FileStore;
  readonly #options: TailOptions;
  readonly #file: CollectedFile;
  readonly #records: FileRecords;
  readonly #rows: FileRows<CollectedRow<T>>;
  #offset = 0;

  /** @param file The file, as it was listed when it was seen first. */
  constructor(store: FileStore, file: CollectedFile, options: TailOptions) {
    this.#store = store;
    this.#file = file;
    this.#options = options;
    this.#records = new FileRecords(file, options.onBadRecord, options.header);
    this.#rows = new FileRows<CollectedRow<T>>(this.#records, options, ROW_KIND, () => undefined);
  }

  /** Bytes of whole records that were read. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Reads the last rows. Of a large file only the end is read, from a row on that is known by its scoring time.
   *
   * @param count How many.
   */
  async last(count: number): Promise<CollectedRow<T>[]> {
    for (let bytes = END_BYTES; this.#file.size > WHOLE_BYTES && bytes < this.#file.size; bytes *= 8) {
      if (!(await this.#skipTo(this.#file.size - bytes))) {
        continue;
      }
      const start = this.#offset;
      // One more than is wanted: the line that was begun at may have been the last one of a cell with several lines.
      const rows = await this.#lastOf(count + 1);
      if (rows.length > count) {
        return rows.slice(1);
      }
      // The columns are known; the rows before are read once more, with all of them.
      this.#offset = 0;
      if (start === 0) {
        break;
      }
    }
    this.#offset = 0;
    return this.#lastOf(count);
  }

  /** Reads the rows that came since, and calls for each group of them. A record without line end is left for later. */
  async *next(): AsyncGenerator<CollectedRow<T>[], void, undefined> {
    const scanner = new RecordScanner({ offset: this.#offset });
    const take = function* (
      rows: FileRows<CollectedRow<T>>,
      blocks: Iterable<RecordBlock>,
      records: FileRecords,
    ): Generator<CollectedRow<T>[], void, undefined> {
      for (const block of blocks) {
        if (block.isTooLong) {
          records.rejectTooLong(block);
          continue;
        }
        const { rows: found, failure } = rows.take(block, Number.POSITIVE_INFINITY);
        if (found.length > 0) {
          yield found;
        }
        if (failure !== undefined) {
          throw failure;
        }
      }
    };
    const { abortSignal } = this.#options;
    for await (const piece of this.#store.read(this.#file.path, abortSignal, { from: this.#offset })) {
      yield* take(this.#rows, scanner.push(piece), this.#records);
    }
    yield* take(this.#rows, scanner.end(), this.#records);
    this.#offset = scanner.rest.offset;
  }

  async #lastOf(count: number): Promise<CollectedRow<T>[]> {
    let last: CollectedRow<T>[] = [];
    for await (const rows of this.next()) {
      last = rows.length >= count ? rows.slice(rows.length - count) : [...last, ...rows].slice(-count);
    }
    return count === 0 ? [] : last;
  }

  /** Finds a place near the end where a row begins; `false` when there is none that is beyond doubt. */
  async #skipTo(from: number): Promise<boolean> {
    const columns = this.#records.columns ?? (await readHead(this.#store, this.#file, this.#options));
    const time = columns?.names.indexOf('$aml_dc_scoring_timestamp') ?? -1;
    if (columns === undefined || time === -1) {
      return false;
    }
    const pieces: Uint8Array[] = [];
    const range = { from, to: from + END_BYTES };
    for await (const piece of this.#store.read(this.#file.path, this.#options.abortSignal, range)) {
      pieces.push(piece);
    }
    const bytes = Buffer.concat(pieces);
    for (let start = bytes.indexOf(LF) + 1; start > 0; start = bytes.indexOf(LF, start) + 1) {
      const [block] = new RecordScanner().push(bytes.subarray(start, start + 65_536));
      const [cells = []] = block === undefined ? [] : [block.texts(0)];
      if (cells.length === columns.names.length && TIME.test(cells[time] ?? '')) {
        this.#records.resume(columns);
        this.#offset = from + start;
        return true;
      }
    }
    return false;
  }
}

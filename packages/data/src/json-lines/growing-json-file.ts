import type { CollectedFile } from '../files/collected-file.ts';
import type { FileBlock } from '../rows/read-blocks.ts';
import { FileRows, ROW_KIND } from '../rows/read-rows.ts';
import type { CollectedRow } from '../rows/rows-options.ts';
import type { TailOptions } from '../rows/tail-options.ts';
import type { FileStore } from '../store/file-store.ts';
import { JsonColumns } from './json-columns.ts';
import { JsonLinesReader } from './json-lines-reader.ts';
import type { JsonLinesStart } from './json-lines-reading.ts';

/** Of a file that is larger, only the end is looked at. */
const WHOLE_BYTES = 8_388_608;
/** So much of it at first. */
const END_BYTES = 1_048_576;
const LF = 0x0a;

/** A JSON Lines file whose rows are read as they come: it knows how far it has been read. */
export class GrowingJsonFile<T extends object> {
  readonly #store: FileStore;
  readonly #options: TailOptions;
  readonly #file: CollectedFile;
  #place: JsonLinesStart = { offset: 0, line: 0, columns: new JsonColumns() };

  /** @param file The file, as it was listed when it was seen first. */
  constructor(store: FileStore, file: CollectedFile, options: TailOptions) {
    this.#store = store;
    this.#file = file;
    this.#options = options;
  }

  /** Bytes of whole records that were read. */
  get offset(): number {
    return this.#place.offset;
  }

  /** Reads the last rows. Of a large file only the end is read: behind a line end, a record begins. */
  async last(count: number): Promise<CollectedRow<T>[]> {
    for (let bytes = END_BYTES; this.#file.size > WHOLE_BYTES && bytes < this.#file.size; bytes *= 8) {
      const offset = await this.#lineAfter(this.#file.size - bytes);
      if (offset === undefined) {
        continue;
      }
      this.#place = { offset, line: 0, columns: new JsonColumns() };
      const rows = await this.#lastOf(count);
      if (rows.length >= count) {
        return rows;
      }
    }
    this.#place = { offset: 0, line: 0, columns: new JsonColumns() };
    return this.#lastOf(count);
  }

  /** Reads the rows that came since, and calls for each group of them. A record that is not whole is left for later. */
  async *next(): AsyncGenerator<CollectedRow<T>[], void, undefined> {
    const { abortSignal } = this.#options;
    const reader = new JsonLinesReader(this.#store, this.#file, this.#options, this.#place);
    let rows: FileRows<CollectedRow<T>> | undefined;
    const take = ({ block, records }: FileBlock) => {
      const same =
        rows?.records === records
          ? rows
          : new FileRows<CollectedRow<T>>(records, this.#options, ROW_KIND, () => undefined);
      rows = same;
      return same.take(block, Number.POSITIVE_INFINITY);
    };
    for await (const piece of this.#store.read(this.#file.path, abortSignal, { from: this.#place.offset })) {
      for await (const blocks of reader.push(piece)) {
        const { rows: found, failure } = take(blocks);
        if (found.length > 0) {
          yield found;
        }
        if (failure !== undefined) {
          throw failure;
        }
      }
    }
    for await (const blocks of reader.end(true)) {
      yield take(blocks).rows;
    }
    this.#place = reader.place;
  }

  async #lastOf(count: number): Promise<CollectedRow<T>[]> {
    let last: CollectedRow<T>[] = [];
    for await (const rows of this.next()) {
      last = rows.length >= count ? rows.slice(rows.length - count) : [...last, ...rows].slice(-count);
    }
    return count === 0 ? [] : last;
  }

  /** Where the first line begins behind a place; `undefined` when it is not near. */
  async #lineAfter(from: number): Promise<number | undefined> {
    let offset = from;
    const range = { from, to: from + END_BYTES };
    for await (const piece of this.#store.read(this.#file.path, this.#options.abortSignal, range)) {
      const end = piece.indexOf(LF);
      if (end !== -1) {
        return offset + end + 1;
      }
      offset += piece.length;
    }
    return undefined;
  }
}

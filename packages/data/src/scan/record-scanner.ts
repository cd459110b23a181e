import { RecordBlock } from './record-block.ts';
import { tokenize } from './tokenize.ts';

/**
 * So many bytes are looked at in one go. What is made of them lives until the next go: with larger windows it outlives
 * the collection of garbage and memory grows, smaller ones cost more calls.
 */
const WINDOW_BYTES = 32_768;
/** A record larger than this is no row: a batch of the collector is at most as large. */
export const MAX_RECORD_BYTES = 67_108_864;
/** Memory of a longer record is given up at the end of its file. */
const KEPT_BYTES = 1_048_576;
/** No table has more columns. */
const MAX_COLUMNS = 1_048_576;
const LF = 0x0a;

/** How a {@link RecordScanner} works. */
export interface ScannerOptions {
  /** Longest record in bytes. Default 64 MiB. */
  readonly maxRecordBytes?: number;
  /** How many bytes are looked at in one go. Default 32 KiB. */
  readonly windowBytes?: number;
  /** Place in the file where the bytes begin. Default 0. */
  readonly offset?: number;
}

/**
 * Finds the records of a file as its bytes come, in pieces that end anywhere.
 *
 * Quoted cells may hold commas, doubled quotes and line ends; lines end with LF or CRLF; a byte order mark at the start
 * is passed over. Only whole records are given: what has no line end yet is the {@link RecordScanner.rest}. The work is
 * linear, and the memory that of a window and of the longest record, whatever the file holds.
 */
export class RecordScanner {
  #block = new RecordBlock();
  readonly #maxRecordBytes: number;
  readonly #windowBytes: number;
  #buffer: Buffer;
  #used = 0;
  /** So many bytes have to be there before it is worth looking again: doubling them keeps a long record linear. */
  #needed = 1;
  #offset: number;
  #maxCells = MAX_COLUMNS;
  #isLineDropped = false;

  /** @param options Limits. */
  constructor({ maxRecordBytes = MAX_RECORD_BYTES, windowBytes = WINDOW_BYTES, offset = 0 }: ScannerOptions = {}) {
    this.#maxRecordBytes = maxRecordBytes;
    this.#windowBytes = windowBytes;
    this.#offset = offset;
    this.#buffer = Buffer.allocUnsafe(windowBytes * 2);
  }

  /** Begins with another file, in the same memory. */
  restart(): void {
    if (this.#buffer.length > KEPT_BYTES) {
      this.#buffer = Buffer.allocUnsafe(this.#windowBytes * 2);
      this.#block = new RecordBlock();
    }
    this.#used = 0;
    this.#needed = 1;
    this.#offset = 0;
    this.#maxCells = MAX_COLUMNS;
    this.#isLineDropped = false;
  }

  /** Says how many cells the records have: of longer ones, places are not kept. */
  set width(width: number) {
    this.#maxCells = width + 1;
  }

  /** Bytes of the file that came so far. */
  get position(): number {
    return this.#offset + this.#used;
  }

  /** What has no line end yet, and its place in the file. */
  get rest(): { readonly bytes: Buffer; readonly offset: number } {
    return { bytes: this.#buffer.subarray(0, this.#used), offset: this.#offset };
  }

  /**
   * Takes more bytes and gives the records that are whole now.
   *
   * The blocks are one and the same object: each has to be read before the next is asked for. One that
   * {@link RecordBlock.isTooLong} holds the beginning of a record that is longer than any may be; going on after it
   * continues behind the last line end that it has.
   */
  *push(piece: Uint8Array): Generator<RecordBlock, void, undefined> {
    for (let at = 0; at < piece.length; ) {
      // Half a window at least: within a record that is longer than a window, too.
      const end = Math.min(piece.length, at + Math.max(this.#windowBytes - this.#used, this.#windowBytes >> 1));
      this.#append(piece.subarray(at, end));
      at = end;
      if (this.#used >= this.#needed || this.#used > this.#maxRecordBytes) {
        yield* this.#scan();
      }
    }
  }

  /** Gives what is whole among the bytes that were not worth a look yet. */
  *end(): Generator<RecordBlock, void, undefined> {
    if (this.#used > 0) {
      yield* this.#scan();
    }
  }

  *#scan(): Generator<RecordBlock, void, undefined> {
    if (this.#isLineDropped && !this.#dropLine()) {
      return;
    }
    if (this.#offset === 0 && !this.#skipMark()) {
      return;
    }
    const block = this.#block;
    block.bytes = this.#buffer;
    block.offset = this.#offset;
    block.isTooLong = false;
    tokenize(block, this.#used, this.#maxCells);
    let consumed = block.recordStarts[block.count] as number;
    if (block.count > 0) {
      yield block;
    } else if (this.#used > this.#maxRecordBytes) {
      block.isTooLong = true;
      block.bytes = this.#buffer.subarray(0, this.#used);
      yield block;
      consumed = this.#buffer.lastIndexOf(LF, this.#used - 1) + 1;
      this.#isLineDropped = consumed === 0;
      consumed ||= this.#used;
    }
    this.#consume(consumed);
    this.#needed = consumed === 0 ? this.#used * 2 : 1;
  }

  #append(bytes: Uint8Array): void {
    const used = this.#used + bytes.length;
    // One byte more than is used: the search puts a line end there.
    if (used >= this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(used + 1, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#used);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used = used;
  }

  #consume(count: number): void {
    this.#buffer.copyWithin(0, count, this.#used);
    this.#used -= count;
    this.#offset += count;
  }

  /** Passes over a byte order mark; `false` while it cannot be told. */
  #skipMark(): boolean {
    const mark = [0xef, 0xbb, 0xbf];
    const isMark = mark.every((byte, index) => index >= this.#used || this.#buffer[index] === byte);
    if (isMark && this.#used >= mark.length) {
      this.#consume(mark.length);
      return this.#used > 0;
    }
    return !isMark;
  }

  /** Passes over the end of a line that was too long; `false` while it has not come. */
  #dropLine(): boolean {
    const end = this.#buffer.subarray(0, this.#used).indexOf(LF);
    this.#isLineDropped = end === -1;
    this.#consume(end === -1 ? this.#used : end + 1);
    return this.#used > 0;
  }
}

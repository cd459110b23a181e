import { isUtf8 } from 'node:buffer';

/** A cell whose bytes are its text, one byte a character. */
export const PLAIN = 0;
/** A cell whose bytes are its text, as UTF-8. */
export const UTF8 = 1;
/** A cell with doubled quotes; its bytes begin with the opening quote and end with the closing one. */
export const ESCAPED = 2;
/** A cell that goes on behind its closing quote; its bytes begin with the opening one. */
export const RAGGED = 3;

/** Room for so many cells to begin with; more is made when it is needed. */
const FIRST_CELLS = 4096;

/**
 * Records of a file whose places are known, and whose cells are read only when somebody asks: typed readers never make
 * the text of a number.
 *
 * A block is valid until its scanner goes on; texts that were taken from it stay.
 */
export class RecordBlock {
  /** The bytes that the places below count in. */
  bytes: Buffer = Buffer.alloc(0);
  /** Place in the file of the first of them. */
  offset = 0;
  /** Number of records. */
  count = 0;
  /** Where each record begins; one more than there are records: the last one ends there. */
  recordStarts = new Int32Array(1024);
  /** The first cell of each record; one more than there are records. */
  firstCells = new Int32Array(1024);
  /** Number of cells of each record. Beyond the most that are kept, cells are counted and have no place. */
  widths = new Int32Array(1024);
  /** Where each cell begins. */
  starts = new Int32Array(FIRST_CELLS);
  /** Where each cell ends. */
  ends = new Int32Array(FIRST_CELLS);
  /** What each cell is: {@link PLAIN}, {@link UTF8}, {@link ESCAPED} or {@link RAGGED}. */
  kinds = new Uint8Array(FIRST_CELLS);
  /** Places in the file of the records, when they do not follow each other there. */
  recordOffsets: readonly number[] | undefined;
  /** Whether the block is no records but the beginning of one that is longer than any may be. */
  isTooLong = false;
  #latin1: string | undefined;
  #isUtf8: boolean | undefined;

  /** Says that other bytes and places are in the block now. */
  renew(): void {
    this.#latin1 = undefined;
    this.#isUtf8 = undefined;
  }

  /** The text of a cell. */
  text(cell: number): string {
    const start = this.starts[cell] as number;
    const end = this.ends[cell] as number;
    const kind = this.kinds[cell];
    if (kind === PLAIN) {
      // One text of all bytes, cut into cells, costs far less than a call of the decoder for each cell.
      this.#latin1 ??= this.bytes.toString('latin1', 0, this.recordStarts[this.count]);
      return this.#latin1.slice(start, end);
    }
    if (kind === ESCAPED) {
      return this.bytes.toString('utf8', start + 1, end - 1).replaceAll('""', '"');
    }
    const text = this.bytes.toString('utf8', start, end);
    return kind === UTF8 ? text : unquoted(text);
  }

  /**
   * The text of a cell that shares no memory with the other cells: what is kept for long should not keep them, and who
   * wants few texts should not make the text of all.
   */
  ownText(cell: number): string {
    return this.kinds[cell] === PLAIN
      ? this.bytes.toString('latin1', this.starts[cell], this.ends[cell])
      : this.text(cell);
  }

  /** Whether all bytes are UTF-8, as they should be. */
  get isUtf8(): boolean {
    this.#isUtf8 ??= isUtf8(this.bytes.subarray(0, this.recordStarts[this.count]));
    return this.#isUtf8;
  }

  /** The texts of a record. */
  texts(record: number): string[] {
    const first = this.firstCells[record] as number;
    const last = this.firstCells[record + 1] as number;
    return Array.from({ length: last - first }, (_, index) => this.text(first + index));
  }

  /** Place of a record in the file. */
  offsetOf(record: number): number {
    return this.recordOffsets?.[record] ?? this.offset + (this.recordStarts[record] as number);
  }

  /** Whether a record is an empty line. */
  isBlank(record: number): boolean {
    const first = this.firstCells[record] as number;
    return (
      this.widths[record] === 1 &&
      this.starts[first] === this.ends[first] &&
      this.starts[first] === this.recordStarts[record]
    );
  }

  /** Makes room for twice as many records. */
  growRecords(): void {
    this.recordStarts = doubled(this.recordStarts);
    this.firstCells = doubled(this.firstCells);
    this.widths = doubled(this.widths);
  }

  /** Makes room for twice as many cells. */
  growCells(): void {
    this.starts = doubled(this.starts);
    this.ends = doubled(this.ends);
    const kinds = new Uint8Array(this.kinds.length * 2);
    kinds.set(this.kinds);
    this.kinds = kinds;
  }
}

function doubled(old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(old.length * 2);
  larger.set(old);
  return larger;
}

/** Takes the quotes out; what stands behind the closing one is kept, as other readers do. */
function unquoted(raw: string): string {
  const parts: string[] = [];
  let from = 1;
  for (;;) {
    const quote = raw.indexOf('"', from);
    if (quote === -1) {
      return parts.join('') + raw.slice(from);
    }
    if (raw[quote + 1] !== '"') {
      return parts.join('') + raw.slice(from, quote) + raw.slice(quote + 1);
    }
    parts.push(raw.slice(from, quote + 1));
    from = quote + 2;
  }
}

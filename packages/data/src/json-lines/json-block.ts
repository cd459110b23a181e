import { isUtf8 } from 'node:buffer';
import { PLAIN, RAGGED, RecordBlock } from '../scan/record-block.ts';

/** A cell that is a text of JSON, and whose bytes are that text, one byte a character: never a number, whatever it says. */
export const STRING = 4;

/**
 * Rows of JSON whose cells are where they stand in the records.
 *
 * Numbers, `true` and `false`, and nested values are {@link PLAIN}: their bytes as they are. Texts are {@link STRING},
 * UTF8, or {@link RAGGED} when they have escapes; the places of the last are those of all of the text with its quotes.
 * A `null`, and what a row lacks, is PLAIN and empty.
 */
export class JsonBlock extends RecordBlock {
  /** Number of the line of each row. */
  readonly lines: number[] = [];
  /** Place in the file of the record of each row. */
  override readonly recordOffsets: number[] = [];
  /** Where the records begin and end: what lies around them may be anything. */
  #from = 0;
  #to = 0;
  #text: string | undefined;
  #isUtf8: boolean | undefined;

  /** Begins anew, in these bytes: with records from a place on. */
  begin(bytes: Buffer, from: number): void {
    this.bytes = bytes;
    this.count = 0;
    this.firstCells[0] = 0;
    this.lines.length = 0;
    this.recordOffsets.length = 0;
    this.#from = from;
    this.#text = undefined;
    this.#isUtf8 = undefined;
  }

  /** Says up to where there are records now. */
  extend(to: number): void {
    this.#to = to;
  }

  /** See {@link RecordBlock.text}. */
  override text(cell: number): string {
    const start = this.starts[cell] as number;
    const end = this.ends[cell] as number;
    const kind = this.kinds[cell];
    if (kind === PLAIN || kind === STRING) {
      const first = this.recordStarts[0] as number;
      const last = this.recordStarts[this.count] as number;
      if (start < first || end > last) {
        return this.bytes.toString('latin1', start, end);
      }
      // One text of all rows, cut into cells, costs far less than a call of the decoder for each cell.
      this.#text ??= this.bytes.toString('latin1', first, last);
      return this.#text.slice(start - first, end - first);
    }
    return this.#decoded(start, end, kind);
  }

  /** See {@link RecordBlock.ownText}. */
  override ownText(cell: number): string {
    const start = this.starts[cell] as number;
    const end = this.ends[cell] as number;
    const kind = this.kinds[cell];
    return kind === PLAIN || kind === STRING
      ? this.bytes.toString('latin1', start, end)
      : this.#decoded(start, end, kind);
  }

  /** Whether all bytes are UTF-8, as they should be. */
  override get isUtf8(): boolean {
    this.#isUtf8 ??= isUtf8(this.bytes.subarray(this.#from, this.#to));
    return this.#isUtf8;
  }

  #decoded(start: number, end: number, kind: number | undefined): string {
    const text = this.bytes.toString('utf8', start, end);
    return kind === RAGGED ? (JSON.parse(text) as string) : text;
  }
}

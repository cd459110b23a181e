import type { TelemetryItem } from '../items/envelope.ts';
import { JsonBytes } from '../items/json-bytes.ts';

const FIRST_BYTES = 16 * 1024;
const [COMMA, OPENING, CLOSING] = [0x2c, 0x5b, 0x5d];

/**
 * Items as the bytes that they are in the body of a request: a text for each would have to be moved about by every garbage
 * collection while it waits, and made into bytes in the end.
 *
 * @internal
 */
export class ItemPage {
  /** A bracket, and the items with a comma between them. */
  readonly #out = new JsonBytes(FIRST_BYTES);
  // Filled again as they are when the page is: new ones for each batch would be old before they are let go.
  readonly #ends: number[] = [];
  readonly #sequences: number[] = [];
  #count = 0;
  /** End of the last item; 0 when there is none. */
  #end = 0;

  get length(): number {
    return this.#count;
  }

  /** Bytes of the items and of what stands before each. */
  get bytes(): number {
    return this.#end;
  }

  /** Memory that it holds. */
  get capacity(): number {
    return this.#out.capacity;
  }

  /** Writes an item behind the others, to be kept by {@link keep}. @returns Its size. */
  write(item: TelemetryItem): number {
    this.#begin();
    item.writeTo(this.#out);
    return this.#out.length - this.#end - 1;
  }

  /** Adds the item that was written last. @param sequence Its place in the order of all items. */
  keep(sequence: number): void {
    this.#end = this.#out.length;
    this.#ends[this.#count] = this.#end;
    this.#sequences[this.#count] = sequence;
    this.#count += 1;
  }

  /** Adds an item of another page. */
  addFrom(page: ItemPage, index: number): void {
    this.#begin();
    this.#out.piece(page.slice(index, index + 1));
    this.keep(page.sequenceAt(index));
  }

  /** Place of an item in the order of all items. */
  sequenceAt(index: number): number {
    return this.#sequences[index] ?? 0;
  }

  /** Size of the JSON of an item. */
  bytesAt(index: number): number {
    return this.#endOf(index) - this.#startOf(index);
  }

  jsonAt(index: number): string {
    return this.slice(index, index + 1).toString('utf8');
  }

  /** JSON list of all items. It is part of the page: to be used before anything is added. */
  whole(): Buffer {
    this.#out.cut(this.#end);
    this.#out.byte(CLOSING);
    return this.#out.slice(0, this.#end + 1);
  }

  /** Some items with commas between them. See {@link whole}. */
  slice(from: number, to: number): Buffer {
    return this.#out.slice(this.#startOf(from), this.#endOf(to - 1));
  }

  /** Takes all items out, to be filled again. */
  clear(): void {
    this.#count = 0;
    this.#end = 0;
  }

  #begin(): void {
    this.#out.cut(this.#end);
    this.#out.byte(this.#end === 0 ? OPENING : COMMA);
  }

  #startOf(index: number): number {
    return index === 0 ? 1 : this.#endOf(index - 1) + 1;
  }

  #endOf(index: number): number {
    return this.#ends[index] ?? 0;
  }
}

import type { TextColumn, Utf8Texts } from './column-batch.ts';

/**
 * So many bytes become one text, which is then cut: as with the bytes of a file, texts that live for a while should not
 * keep many others, and a text of more than 128 KB would be kept by V8 until it looks through all of the heap.
 */
const CUT_BYTES = 32_768;
/**
 * Copied for each column. Of an array that is made by `new Array`, V8 notes how long those of this place live, and makes
 * the next ones where only a look through all of the heap finds them; until then, they keep their texts.
 */
let blank: readonly null[] = [];

/**
 * A column whose texts are made when somebody asks for them. Until then they are bytes outside the heap: who only wants
 * the numbers, or hands the bytes on to an engine, pays nothing for them.
 */
export class LazyTextColumn implements TextColumn {
  /**
   * A property of each column, so that a copy of one has its texts, but one function for all: with a function of its own,
   * V8 would make a kind of object of each column, and keep that, and the column with it, until it looks through all of
   * the heap.
   */
  static readonly #values: PropertyDescriptor & ThisType<LazyTextColumn> = {
    enumerable: true,
    get() {
      this.#texts ??= textsOf(this.utf8, this.#wide);
      return this.#texts;
    },
  };
  readonly name: string;
  readonly type = 'string';
  readonly utf8: Utf8Texts;
  declare readonly values: readonly (string | null)[];
  readonly #wide: Uint8Array | undefined;
  #texts: readonly (string | null)[] | undefined;

  /** @param wide 1 for each text that is not ASCII; left out when there is none. */
  constructor(name: string, utf8: Utf8Texts, wide: Uint8Array | undefined) {
    this.name = name;
    this.utf8 = utf8;
    this.#wide = wide;
    Object.defineProperty(this, 'values', LazyTextColumn.#values);
  }
}

function textsOf({ offsets, bytes }: Utf8Texts, wide: Uint8Array | undefined): (string | null)[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = offsets.length - 1;
  if (blank.length < count) {
    blank = new Array<null>(count).fill(null);
  }
  const texts: (string | null)[] = blank.slice(0, count);
  let cut = '';
  let cutStart = 0;
  let cutEnd = 0;
  for (let row = 0; row < count; row += 1) {
    const start = offsets[row] as number;
    const end = offsets[row + 1] as number;
    if (start === end) {
      continue;
    }
    if (wide?.[row] === 1) {
      texts[row] = buffer.toString('utf8', start, end);
      continue;
    }
    // One text of many bytes, cut at the offsets, costs far less than a call of the decoder for each.
    if (end > cutEnd) {
      cutStart = start;
      cutEnd = Math.min(buffer.length, Math.max(end, start + CUT_BYTES));
      cut = buffer.toString('latin1', cutStart, cutEnd);
    }
    texts[row] = cut.slice(start - cutStart, end - cutStart);
  }
  return texts;
}

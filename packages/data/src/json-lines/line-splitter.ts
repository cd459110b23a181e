const LF = 0x0a;
const FIRST_BYTES = 131_072;
/** Byte order mark of UTF-8. */
const MARK = [0xef, 0xbb, 0xbf];

/** A line of a file. */
export interface Line {
  /** Memory in which it stands; other lines stand there after it was taken. */
  readonly bytes: Buffer;
  /** Where it begins there. */
  readonly start: number;
  /** Where it ends, before its line end. */
  readonly end: number;
  /** Its place in the file. */
  readonly offset: number;
  /** Its number, from 1. */
  readonly number: number;
  /** Whether it is only the beginning of a line that is longer than any may be. */
  readonly isTooLong: boolean;
  /** Whether others that are whole stand behind it in the same memory. */
  readonly isLast: boolean;
}

/** Finds the lines of a file as its bytes come. Memory is that of the longest line, and the work is linear. */
export class LineSplitter {
  readonly #maxLineBytes: number;
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #used = 0;
  /** Up to here, there is no line end. */
  #searched = 0;
  #offset: number;
  #number: number;
  #isDropping = false;

  /**
   * @param maxLineBytes Longest line.
   * @param offset Place in the file where the bytes begin.
   * @param number Number of the lines before that.
   */
  constructor(maxLineBytes: number, offset = 0, number = 0) {
    this.#maxLineBytes = maxLineBytes;
    this.#offset = offset;
    this.#number = number;
  }

  /** Bytes of the file that came so far. */
  get position(): number {
    return this.#offset + this.#used;
  }

  /** Where the line begins that has no end yet. */
  get offset(): number {
    return this.#offset;
  }

  /** Number of whole lines so far. */
  get number(): number {
    return this.#number;
  }

  /** Takes more bytes, and gives the lines that are whole now: one after the other, in the same memory. */
  *push(piece: Uint8Array): Generator<Line, void, undefined> {
    for (let at = 0; at < piece.length; ) {
      // Not more at once than a window: what is made of the lines lives until the next one.
      const end = Math.min(piece.length, at + FIRST_BYTES / 2);
      this.#append(piece.subarray(at, end));
      at = end;
      yield* this.#lines();
    }
  }

  /** What has no line end: `undefined` when there is nothing. */
  rest(): Line | undefined {
    return this.#used === 0 || this.#isDropping ? undefined : this.#line(0, this.#used, true);
  }

  /** Says that the rest was a line, after all. */
  takeRest(): void {
    this.#offset += this.#used;
    this.#number += 1;
    this.#used = 0;
    this.#searched = 0;
  }

  *#lines(): Generator<Line, void, undefined> {
    let from = 0;
    let end = this.#buffer.subarray(0, this.#used).indexOf(LF, this.#searched);
    while (end !== -1) {
      const next = this.#buffer.subarray(0, this.#used).indexOf(LF, end + 1);
      if (this.#isDropping) {
        this.#isDropping = false;
      } else {
        this.#number += 1;
        yield this.#line(from, end, next === -1);
      }
      from = end + 1;
      end = next;
    }
    this.#buffer.copyWithin(0, from, this.#used);
    this.#used -= from;
    this.#offset += from;
    this.#searched = this.#used;
    if (this.#used > this.#maxLineBytes) {
      if (!this.#isDropping) {
        this.#number += 1;
        this.#isDropping = true;
        yield { ...this.#line(0, this.#used, true), isTooLong: true };
      }
      this.#offset += this.#used;
      this.#used = 0;
      this.#searched = 0;
    }
  }

  #line(from: number, end: number, isLast: boolean): Line {
    const bytes = this.#buffer;
    const isMarked = this.#offset + from === 0 && MARK.every((byte, index) => bytes[from + index] === byte);
    return {
      bytes,
      start: isMarked ? from + MARK.length : from,
      end,
      offset: this.#offset + from,
      number: this.#number,
      isTooLong: false,
      isLast,
    };
  }

  #append(bytes: Uint8Array): void {
    const used = this.#used + bytes.length;
    if (used > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(used, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#used);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used = used;
  }
}

/** Whether a line has nothing but white space. */
export function isBlank({ bytes, start, end }: Line): boolean {
  for (let at = start; at < end; at += 1) {
    const code = bytes[at];
    if (code !== 0x20 && code !== 0x09 && code !== 0x0d) {
      return false;
    }
  }
  return true;
}

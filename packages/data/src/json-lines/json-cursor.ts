import { PLAIN, RAGGED, UTF8 } from '../scan/record-block.ts';
import { STRING } from './json-block.ts';

const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;
const LOWER_U = 0x75;
/** Values within values, deeper than anybody means it. */
const MAX_DEPTH = 512;
/** What may follow a backslash, besides `u`. */
const ESCAPES = new Set([...'"\\/bfnrt'].map((letter) => letter.charCodeAt(0)));
/** Words that are values. The last three are no JSON, but what Python and Spark write and read for such numbers. */
const WORDS = ['true', 'false', 'null', 'NaN', 'Infinity', '-Infinity'].map((word) => Buffer.from(word));

/**
 * Walks over JSON where it stands, as bytes: what a value is and where it begins and ends, without making anything of it.
 * So a number keeps all its digits, and `5.0` its point.
 */
export class JsonCursor {
  /** The bytes. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the cursor is. */
  at = 0;
  /** Where the text ends. */
  end = 0;
  /** What is wrong, after something failed; the cursor is where it is. */
  fault = '';
  /** Where the value that was passed last begins; of a text without escapes, behind its quote. */
  start = 0;
  /** Where it ends; of a text without escapes, before its quote. */
  stop = 0;
  /** What it is as a cell of a block; `null` is a cell without a text. */
  kind = PLAIN;
  /** Whether the last text has escapes. */
  isEscaped = false;
  #mixed = 0;

  /** Sets the cursor to a text. */
  set(bytes: Uint8Array, at: number, end: number): void {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.fault = '';
  }

  /** Passes over white space, and gives the byte behind it; 0 at the end. */
  next(): number {
    const { bytes, end } = this;
    let at = this.at;
    let code = 0;
    while (at < end) {
      code = bytes[at] as number;
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) {
        this.at = at;
        return code;
      }
      at += 1;
    }
    this.at = at;
    return 0;
  }

  /** Takes a byte that must stand here, behind white space. */
  take(code: number): boolean {
    if (this.next() !== code) {
      return this.fail(`${shown(this)} where ${JSON.stringify(String.fromCharCode(code))} should be`);
    }
    this.at += 1;
    return true;
  }

  /** Whether the next byte is a certain one; it is taken then. */
  skip(code: number): boolean {
    if (this.next() !== code) {
      return false;
    }
    this.at += 1;
    return true;
  }

  /** Passes over a name and its colon: its text is from `start` to `stop`. */
  name(): boolean {
    if (this.next() !== QUOTE) {
      return this.fail(`${shown(this)} where a name should be`);
    }
    return this.#text() && this.#colon();
  }

  /** Passes over the value that begins here, behind white space. */
  value(depth = 0): boolean {
    const code = this.next();
    const start = this.at;
    this.isEscaped = false;
    if (code === QUOTE) {
      if (!this.#text()) {
        return false;
      }
      this.kind = this.isEscaped ? RAGGED : this.#mixed > 0x7f ? UTF8 : STRING;
      return true;
    }
    if (code === OPEN_OBJECT || code === OPEN_LIST) {
      let mixed = 0;
      if (depth === MAX_DEPTH) {
        return this.fail(`more than ${MAX_DEPTH} values within each other`);
      }
      this.at += 1;
      const isObject = code === OPEN_OBJECT;
      const close = isObject ? CLOSE_OBJECT : CLOSE_LIST;
      if (!this.skip(close)) {
        do {
          this.#mixed = 0;
          if (isObject && !this.name()) {
            return false;
          }
          mixed |= this.#mixed;
          this.#mixed = 0;
          if (!this.value(depth + 1)) {
            return false;
          }
          mixed |= this.#mixed;
        } while (this.skip(COMMA));
        if (!this.take(close)) {
          return false;
        }
      }
      this.#mixed = mixed;
      this.kind = mixed > 0x7f ? UTF8 : PLAIN;
    } else if (code === MINUS || (code >= ZERO && code <= ZERO + 9)) {
      this.#mixed = 0;
      this.kind = PLAIN;
      if (!this.#number()) {
        return false;
      }
    } else {
      this.#mixed = 0;
      this.kind = PLAIN;
      const word = this.#word();
      if (word === undefined) {
        return this.fail(`${shown(this)} where a value should be`);
      }
      if (word === 'null') {
        this.start = this.at;
        this.stop = this.at;
        return true;
      }
    }
    this.start = start;
    this.stop = this.at;
    return true;
  }

  /** Says what is wrong here. */
  fail(what: string): false {
    this.fault ||= what;
    return false;
  }

  #colon(): boolean {
    const { start, stop, isEscaped } = this;
    const isThere = this.take(COLON);
    this.start = start;
    this.stop = stop;
    this.isEscaped = isEscaped;
    return isThere;
  }

  /** Passes over a text; with escapes, its place is that of all of it with the quotes. */
  #text(): boolean {
    const { bytes, end, at: open } = this;
    let at = open + 1;
    let mixed = 0;
    let isEscaped = false;
    for (;;) {
      const code = at < end ? (bytes[at] as number) : 0;
      if (code === QUOTE) {
        break;
      }
      if (code === BACKSLASH) {
        isEscaped = true;
        const letter = at + 1 < end ? (bytes[at + 1] as number) : 0;
        if (letter === LOWER_U ? !areHexadecimal(bytes, at + 2, end) : !ESCAPES.has(letter)) {
          this.at = at;
          return this.fail('a backslash with something behind it that is no escape');
        }
        at += letter === LOWER_U ? 6 : 2;
      } else if (code < 0x20) {
        this.at = at;
        return this.fail(at < end ? 'a control character within a text' : 'a text without its closing quote');
      } else {
        mixed |= code;
        at += 1;
      }
    }
    this.#mixed = mixed;
    this.isEscaped = isEscaped;
    this.start = isEscaped ? open : open + 1;
    this.stop = isEscaped ? at + 1 : at;
    this.at = at + 1;
    return true;
  }

  #number(): boolean {
    const { bytes, end, at: start } = this;
    let at = bytes[start] === MINUS ? start + 1 : start;
    if (bytes[start] === MINUS && bytes[at] === 0x49 && this.#word() !== undefined) {
      return true;
    }
    const digits = (from: number): number => {
      let to = from;
      while (to < end && (bytes[to] as number) >= ZERO && (bytes[to] as number) <= ZERO + 9) {
        to += 1;
      }
      return to;
    };
    const whole = digits(at);
    let isGood = whole > at && !(bytes[at] === ZERO && whole > at + 1);
    at = whole;
    if (isGood && at < end && bytes[at] === POINT) {
      const decimals = digits(at + 1);
      isGood = decimals > at + 1;
      at = decimals;
    }
    if (isGood && at < end && ((bytes[at] as number) | 0x20) === 0x65) {
      const sign = at + 1 < end ? bytes[at + 1] : 0;
      const from = sign === MINUS || sign === 0x2b ? at + 2 : at + 1;
      const exponent = digits(from);
      isGood = exponent > from;
      at = exponent;
    }
    this.at = at;
    return isGood || this.fail('a number that is written in another way than JSON has it');
  }

  #word(): string | undefined {
    for (const word of WORDS) {
      const stop = this.at + word.length;
      if (stop <= this.end && word.every((code, index) => code === this.bytes[this.at + index])) {
        this.at = stop;
        return word.toString();
      }
    }
    return undefined;
  }
}

function areHexadecimal(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < from + 4; at += 1) {
    const code = at < end ? (bytes[at] as number) : 0;
    const isDigit = code >= ZERO && code <= ZERO + 9;
    const letter = code | 0x20;
    if (!isDigit && !(letter >= 0x61 && letter <= 0x66)) {
      return false;
    }
  }
  return true;
}

/** The byte at the cursor, for a message: nothing else of the text, which may be personal. */
function shown({ bytes, at, end }: JsonCursor): string {
  const code = bytes[at] as number;
  return at >= end ? 'an end' : code > 0x20 && code < 0x7f ? JSON.stringify(String.fromCharCode(code)) : 'a byte';
}

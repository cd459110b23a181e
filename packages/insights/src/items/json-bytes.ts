const [QUOTE, BACKSLASH, FIRST_PRINTABLE, LAST_ASCII, ZERO] = [0x22, 0x5c, 0x20, 0x7f, 0x30];
/** Longer texts are left to what Node has for them, which begins slower and goes faster. */
const MAX_SHORT_CHARACTERS = 128;

/** A piece of JSON that comes again and again, as bytes. @internal */
export function jsonPiece(json: string): Uint8Array {
  return new Uint8Array(Buffer.from(json));
}

/** The JSON of an object without its braces: what may stand in another object. @internal */
export function membersJson(object: object): string {
  return JSON.stringify(object).slice(1, -1);
}

/**
 * JSON as bytes, written one piece after the other into memory that is used again: items are many, and objects and texts
 * for each would cost more than all the rest.
 *
 * @internal
 */
export class JsonBytes {
  #buffer: Buffer;
  #length = 0;

  /** @param capacity Bytes to begin with. */
  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Memory that it holds. */
  get capacity(): number {
    return this.#buffer.byteLength;
  }

  /** A part of it. The bytes are not copied: they hold until something is written in their place. */
  slice(from: number, to: number): Buffer {
    return this.#buffer.subarray(from, to);
  }

  /** Goes back to where it was before. */
  cut(length: number): void {
    this.#length = length;
  }

  byte(byte: number): void {
    this.#makeRoom(1);
    this.#buffer[this.#length] = byte;
    this.#length += 1;
  }

  /** Writes JSON that is there as bytes. */
  piece(piece: Uint8Array): void {
    this.#makeRoom(piece.length);
    this.#buffer.set(piece, this.#length);
    this.#length += piece.length;
  }

  /**
   * Writes a text in place of what stands somewhere.
   *
   * @returns `false` when there is more in it than stands for itself in JSON; it is not to be used then.
   */
  overwrite(start: number, text: string): boolean {
    const buffer = this.#buffer;
    let isPlain = true;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      isPlain &&= code >= FIRST_PRINTABLE && code <= LAST_ASCII && code !== QUOTE && code !== BACKSLASH;
      buffer[start + index] = code;
    }
    return isPlain;
  }

  /** Writes a whole number in place of what stands somewhere, with zeros before it. */
  overwriteDigits(start: number, digits: number, number: number): void {
    let left = number;
    for (let at = start + digits - 1; at >= start; at--) {
      const tens = Math.trunc(left / 10);
      this.#buffer[at] = ZERO + left - 10 * tens;
      left = tens;
    }
  }

  /** Writes bytes in place of what stands somewhere. */
  overwriteBytes(start: number, bytes: Uint8Array): void {
    this.#buffer.set(bytes, start);
  }

  /** Writes JSON that is there as a text. */
  json(json: string): void {
    const bytes = Buffer.byteLength(json);
    this.#makeRoom(bytes);
    // As many bytes as characters: then it is ASCII, which is written faster so.
    this.#length += this.#buffer.write(json, this.#length, bytes === json.length ? 'latin1' : 'utf8');
  }

  /** Writes the JSON of a text, as `JSON.stringify` has it. */
  text(text: string): void {
    if (text.length > MAX_SHORT_CHARACTERS || !this.#shortText(text)) {
      this.json(JSON.stringify(text));
    }
  }

  /** @returns `false`, with nothing written, when there is more in it than printable ASCII. */
  #shortText(text: string): boolean {
    this.#makeRoom(2 * MAX_SHORT_CHARACTERS + 2);
    const buffer = this.#buffer;
    let at = this.#length;
    buffer[at++] = QUOTE;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code < FIRST_PRINTABLE || code > LAST_ASCII) {
        return false;
      }
      if (code === QUOTE || code === BACKSLASH) {
        buffer[at++] = BACKSLASH;
      }
      buffer[at++] = code;
    }
    buffer[at++] = QUOTE;
    this.#length = at;
    return true;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed > this.#buffer.byteLength) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.byteLength));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
  }
}

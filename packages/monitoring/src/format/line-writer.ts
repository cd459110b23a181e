import { type Cell, encodeCell } from './csv-encode.ts';
import { shortestFloat32 } from './float32.ts';
import { encodeFloat32, encodeFloat64 } from './number-text.ts';
import { withOneMore } from './with-one-more.ts';
import { writeFloat64, writeNumber } from './write-number.ts';

/** Text of a cell of one column as it stands in the file, quoted where it has to be. */
export type CellEncoder = (cell: Cell) => string;

const PIECE_BYTES = 65_536;
/** Texts up to this length are written character by character: a call of the engine's own writer costs more. */
const SHORT_TEXT = 48;
/** Where a comma and a number or a short text, all of it quotes, may start at the latest. */
const LAST_START = PIECE_BYTES - 2 * SHORT_TEXT - 3;

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
/** ASCII characters that need no quotes. */
const PLAIN = Uint8Array.from({ length: 128 }, (_, code) => (',"\n\r'.includes(String.fromCharCode(code)) ? 0 : 1));

// One for the whole process: bytes are written here, and copied out into memory of exactly their number, which for UTF-8
// text is known only afterwards. Flattening one long string costs more than all the rest.
const scratch = Buffer.allocUnsafeSlow(PIECE_BYTES);
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, scratch.length);

/**
 * Writes lines into bytes, in pieces of at most 64 KiB; a cell that does not fit has a piece to itself.
 *
 * Only one writer at a time: all write in the same memory until a piece is full.
 */
export class LineWriter {
  #pieces: Buffer[] | undefined;
  #byteLength = 0;
  #at = 0;
  #isLineStart = true;

  /** Adds cells to the line. */
  cells(cells: readonly Cell[], encoders?: readonly (CellEncoder | undefined)[]): void {
    let at = this.#at;
    let isFirst = this.#isLineStart;
    for (let column = 0; column < cells.length; column += 1) {
      if (at > LAST_START) {
        at = this.#flush(at);
      }
      if (!isFirst) {
        scratch[at] = COMMA;
        at += 1;
      }
      isFirst = false;
      const cell = cells[column];
      const encoder = encoders?.[column];
      if (typeof cell === 'number' && encoder === undefined) {
        at = writeNumber(scratch, scratchView, at, cell);
      } else if (typeof cell === 'number' && encoder === encodeFloat64) {
        at = writeFloat64(scratch, scratchView, at, cell);
      } else if (typeof cell === 'number' && encoder === encodeFloat32) {
        at = writeFloat64(scratch, scratchView, at, shortestFloat32(cell));
      } else if (encoder !== undefined) {
        at = this.#text(at, encoder(cell));
      } else if (typeof cell === 'string') {
        const end = writeShort(at, cell);
        at = end === -1 ? this.#text(at, encodeCell(cell)) : end;
      } else if (cell !== null && cell !== undefined) {
        at = this.#text(at, encodeCell(cell));
      }
    }
    this.#at = at;
    this.#isLineStart = isFirst;
  }

  /** Adds cells to the line that are bytes already. */
  encodedCells(bytes: Uint8Array): void {
    let at = this.#at > LAST_START ? this.#flush(this.#at) : this.#at;
    if (!this.#isLineStart) {
      scratch[at] = COMMA;
      at += 1;
    }
    this.#isLineStart = false;
    if (bytes.length > PIECE_BYTES - at) {
      at = this.#flush(at);
    }
    if (bytes.length > PIECE_BYTES) {
      this.#keep(Buffer.from(bytes));
    } else {
      scratch.set(bytes, at);
      at += bytes.length;
    }
    this.#at = at;
  }

  /** Ends the line. */
  endLine(): void {
    const at = this.#at > LAST_START ? this.#flush(this.#at) : this.#at;
    scratch[at] = LF;
    this.#at = at + 1;
    this.#isLineStart = true;
  }

  /** Ends the last piece. */
  end(): { pieces: Buffer[]; byteLength: number } {
    this.#at = this.#flush(this.#at);
    return { pieces: this.#pieces ?? [], byteLength: this.#byteLength };
  }

  /** Writes text as it is. @returns Position after it. */
  #text(start: number, text: string): number {
    // A character of JavaScript, half of a surrogate pair included, has at most three bytes.
    const at = text.length * 3 > PIECE_BYTES - start ? this.#flush(start) : start;
    if (text.length * 3 <= PIECE_BYTES) {
      return at + scratch.write(text, at);
    }
    const piece = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
    piece.write(text);
    this.#keep(piece);
    return at;
  }

  /** Copies what is written into a piece. @returns Where to go on. */
  #flush(at: number): number {
    if (at > 0) {
      // Not of the shared pool: a small piece would hold on to a slab of it.
      const piece = Buffer.allocUnsafeSlow(at);
      scratch.copy(piece, 0, 0, at);
      this.#keep(piece);
    }
    return 0;
  }

  #keep(piece: Buffer): void {
    this.#pieces = withOneMore(this.#pieces, piece);
    this.#byteLength += piece.length;
  }
}

/** Writes a cell whose text is short and ASCII. @returns Position after it, or -1 when it is not such a text. */
function writeShort(at: number, text: string): number {
  const { length } = text;
  if (length > SHORT_TEXT) {
    return -1;
  }
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 127 || PLAIN[code] === 0) {
      return code > 127 ? -1 : writeShortQuoted(at, text);
    }
    scratch[at + index] = code;
  }
  return at + length;
}

function writeShortQuoted(start: number, text: string): number {
  let at = start;
  scratch[at] = QUOTE;
  at += 1;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 127) {
      return -1;
    }
    scratch[at] = code;
    at += 1;
    if (code === QUOTE) {
      scratch[at] = QUOTE;
      at += 1;
    }
  }
  scratch[at] = QUOTE;
  return at + 1;
}

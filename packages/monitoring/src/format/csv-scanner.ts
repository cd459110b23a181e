import { AzuremlError } from '@azureml-ts/common';

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Reads CSV piece by piece: give it bytes as they come, and take the finished records.
 *
 * Quoted cells may hold commas, doubled quotes and line ends; lines end with LF or CRLF; a byte order mark at the start
 * is skipped. A piece may end anywhere, also inside a character.
 *
 * @example
 * ```ts
 * import { CsvScanner } from '@azureml-ts/monitoring/format';
 *
 * const scanner = new CsvScanner();
 * const records = [...scanner.push(Buffer.from('a,"b\n')), ...scanner.push(Buffer.from('c"\nd,')), ...scanner.end()];
 * console.log(records); // [ [ 'a', 'b\nc' ], [ 'd', '' ] ]
 * ```
 */
export class CsvScanner {
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';
  #consumed = 0;
  #lastByte = 0x0a;

  /**
   * Takes more bytes.
   *
   * @param bytes The next piece of the file.
   * @returns The records that are complete now; a record that has no line end yet waits for the next piece.
   */
  push(bytes: Uint8Array): string[][] {
    this.#lastByte = bytes.at(-1) ?? this.#lastByte;
    return this.#scan(this.#decoder.decode(bytes, { stream: true }), false);
  }

  /**
   * Says that the file ends here.
   *
   * @returns The last record when the file does not end with a line end.
   * @throws AzuremlError `CSV_UNTERMINATED_QUOTE` when the file ends inside a quoted cell.
   */
  end(): string[][] {
    return this.#scan(this.#decoder.decode(), true);
  }

  /** Whether the text so far ends within a record. */
  get isInsideRecord(): boolean {
    // A lone first byte of a character is not text yet.
    return this.#rest !== '' || this.#lastByte >= 0x80;
  }

  #scan(text: string, isEnd: boolean): string[][] {
    const source = this.#rest + text;
    const records: string[][] = [];
    let recordStart = 0;
    while (recordStart < source.length) {
      const record = readRecord(source, recordStart, isEnd);
      if (record === undefined) {
        break;
      }
      records.push(record.cells);
      recordStart = record.end;
    }
    this.#rest = source.slice(recordStart);
    this.#consumed += recordStart;
    if (isEnd && this.#rest !== '') {
      throw new AzuremlError(
        'CSV_UNTERMINATED_QUOTE',
        `The file ends inside a quoted cell; its record starts at character ${this.#consumed}. The file is cut off, or was written by something else.`,
        { details: { characterOffset: this.#consumed } },
      );
    }
    return records;
  }
}

function readRecord(source: string, start: number, isEnd: boolean): { cells: string[]; end: number } | undefined {
  const cells: string[] = [];
  let at = start;
  for (;;) {
    let cell: string;
    if (source.charCodeAt(at) === QUOTE) {
      const closed = readQuoted(source, at);
      // A quote at the very end of a piece may be the first of a doubled one.
      if (closed === undefined || (closed.end === source.length && !isEnd)) {
        return undefined;
      }
      // What stands between the closing quote and the next comma is kept, as other readers do.
      const rest = unquotedEnd(source, closed.end);
      cell = closed.text + source.slice(closed.end, rest);
      at = rest;
    } else {
      const end = unquotedEnd(source, at);
      cell = source.slice(at, end);
      at = end;
    }
    const next = source.charCodeAt(at);
    if (next === COMMA) {
      cells.push(cell);
      at += 1;
      continue;
    }
    if (next === LF) {
      cells.push(
        cell.charCodeAt(cell.length - 1) === CR && source.charCodeAt(at - 1) === CR ? cell.slice(0, -1) : cell,
      );
      return { cells, end: at + 1 };
    }
    if (!isEnd) {
      return undefined;
    }
    cells.push(cell);
    return { cells, end: at };
  }
}

function unquotedEnd(source: string, from: number): number {
  let at = from;
  for (; at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    if (code === COMMA || code === LF) {
      break;
    }
  }
  return at;
}

function readQuoted(source: string, start: number): { text: string; end: number } | undefined {
  let from = start + 1;
  let text = '';
  for (;;) {
    const quote = source.indexOf('"', from);
    if (quote === -1) {
      return undefined;
    }
    text += source.slice(from, quote);
    if (source.charCodeAt(quote + 1) !== QUOTE) {
      return { text, end: quote + 1 };
    }
    text += '"';
    from = quote + 2;
  }
}

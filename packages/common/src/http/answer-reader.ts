import { type AnswerHead, readAnswerHead } from './answer-head.ts';
import type { HttpAnswer } from './http-answer.ts';

const MAX_HEAD_BYTES = 64 * 1024;
/** The size of a part, and what may stand behind it. */
const MAX_LINE_BYTES = 8 * 1024;
/** More of a text is read over, and not kept. */
const MAX_TEXT_BYTES = 1024 * 1024;
const LINE_END = '\r\n';
const HEAD_END = '\r\n\r\n';
const CHUNK_SIZE = /^([\da-f]{1,12})[ \t]*(?:;.*)?$/i;
const SWITCHING_PROTOCOLS = 101;

/**
 * Reads one answer of HTTP/1.1 from the bytes of a connection.
 *
 * Source: RFC 9112, 6 and 7.
 *
 * @internal
 */
export class AnswerReader {
  /** Reads what comes next; `false` when there are not enough bytes for it. */
  #step: (() => boolean) | undefined = () => this.#readHead();
  #unread: Buffer = Buffer.alloc(0);
  #head: AnswerHead | undefined;
  /** Bytes that the body, or its part, still has. */
  #left = 0;
  #parts: Buffer[] = [];
  #textBytes = 0;
  #trailerBytes = 0;

  /**
   * Takes bytes as they come.
   *
   * @returns Whether the answer is whole.
   * @throws When they are no answer.
   */
  read(bytes: Buffer): boolean {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    while (this.#step?.() === true) {
      // Each step leads to the next one.
    }
    return this.#step === undefined;
  }

  /** The connection has ended. @returns Whether the answer is whole now. */
  end(): boolean {
    if (this.#head?.framing === 'until close') {
      this.#step = undefined;
    }
    return this.#step === undefined;
  }

  /** The answer, once it is whole. */
  get answer(): HttpAnswer {
    const { status = 0, retryAfter, location } = this.#head ?? {};
    return { status, retryAfter, location, text: Buffer.concat(this.#parts).toString('utf8') };
  }

  /** How long the connection may wait for its next use; 0 when it is not to be used again. */
  get keptMs(): number {
    const isKept = this.#head?.isKept === true && this.#unread.length === 0;
    return isKept ? (this.#head?.keptMs ?? Number.POSITIVE_INFINITY) : 0;
  }

  #readHead(): boolean {
    const text = this.#take(HEAD_END, MAX_HEAD_BYTES);
    if (text === undefined) {
      return false;
    }
    const head = readAnswerHead(text);
    if (head.status === SWITCHING_PROTOCOLS) {
      throw new Error('the answer changes the protocol');
    }
    if (head.status >= 200) {
      this.#head = head;
      this.#beginBody(head);
    }
    // Else the answer is yet to come.
    return true;
  }

  #beginBody({ framing }: AnswerHead): void {
    if (framing === 'chunked') {
      this.#step = () => this.#readChunkSize();
    } else if (framing === 'until close') {
      this.#left = Number.POSITIVE_INFINITY;
      this.#step = () => this.#readText(undefined);
    } else {
      this.#left = framing.bytes;
      this.#step = framing.bytes === 0 ? undefined : () => this.#readText(undefined);
    }
  }

  /** @param next What follows. */
  #readText(next: (() => boolean) | undefined): boolean {
    const bytes = this.#unread.subarray(0, Math.min(this.#unread.length, this.#left));
    if (bytes.length === 0) {
      return false;
    }
    this.#unread = this.#unread.subarray(bytes.length);
    this.#left -= bytes.length;
    const kept = bytes.subarray(0, MAX_TEXT_BYTES - this.#textBytes);
    if (kept.length > 0) {
      this.#textBytes += kept.length;
      this.#parts.push(kept);
    }
    if (this.#left === 0) {
      this.#step = next;
    }
    return true;
  }

  #readChunkSize(): boolean {
    const line = this.#take(LINE_END, MAX_LINE_BYTES);
    if (line === undefined) {
      return false;
    }
    const [, digits] = CHUNK_SIZE.exec(line) ?? [];
    if (digits === undefined) {
      throw new Error('the answer has a part without a size');
    }
    this.#left = Number.parseInt(digits, 16);
    this.#step = this.#left === 0 ? () => this.#readTrailer() : () => this.#readText(() => this.#readChunkEnd());
    return true;
  }

  #readChunkEnd(): boolean {
    const line = this.#take(LINE_END, MAX_LINE_BYTES);
    if (line === undefined) {
      return false;
    }
    if (line !== '') {
      throw new Error('the answer has a part that is longer than it says');
    }
    this.#step = () => this.#readChunkSize();
    return true;
  }

  /** What is said behind a body is nothing that matters here. */
  #readTrailer(): boolean {
    const line = this.#take(LINE_END, MAX_LINE_BYTES);
    if (line === undefined) {
      return false;
    }
    this.#trailerBytes += line.length;
    if (this.#trailerBytes > MAX_HEAD_BYTES) {
      throw new Error('the answer never ends');
    }
    this.#step = line === '' ? undefined : () => this.#readTrailer();
    return true;
  }

  /** Takes what stands before a mark; `undefined` when it is not there yet. */
  #take(mark: string, maxBytes: number): string | undefined {
    const at = this.#unread.indexOf(mark);
    if (at > maxBytes || (at === -1 && this.#unread.length > maxBytes)) {
      throw new Error('the answer has a line that is too long');
    }
    if (at === -1) {
      return undefined;
    }
    const text = this.#unread.toString('latin1', 0, at);
    this.#unread = this.#unread.subarray(at + mark.length);
    return text;
  }
}

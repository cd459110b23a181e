import { StringDecoder } from 'node:string_decoder';
import { wholeCharacters } from '../items/shorten.ts';

/** Longest line in characters; a longer one is given in parts. */
const MAX_LINE_CHARACTERS = 1024 * 1024;

/** Joins what is written to a stream to whole lines. @internal */
export class Lines {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #start = '';
  #isOpen = false;

  /** @param onLine Gets each line that is not empty, without its end. */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Whether a line, or a character, has begun and not ended. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  write(chunk: string | Uint8Array): void {
    this.#isOpen = true;
    const text = typeof chunk === 'string' ? this.#decoder.end() + chunk : this.#decoder.write(chunk);
    const lines = (this.#start + text).split('\n');
    this.#start = lines.pop() ?? '';
    for (const line of lines) {
      this.#give(line);
    }
    // Bytes may end inside a character, unless the last one is a character of its own.
    this.#isOpen = this.#start !== '' || (typeof chunk !== 'string' && (chunk.at(-1) ?? 0) >= 0x80);
    while (this.#start.length > MAX_LINE_CHARACTERS) {
      const part = wholeCharacters(this.#start, MAX_LINE_CHARACTERS);
      this.#give(part);
      this.#start = this.#start.slice(part.length);
    }
  }

  /** Gives the line that has begun, as if it ended here. */
  end(): void {
    const rest = this.#start + this.#decoder.end();
    this.#start = '';
    this.#give(rest);
  }

  #give(line: string): void {
    const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (whole !== '') {
      this.#onLine(whole);
    }
  }
}

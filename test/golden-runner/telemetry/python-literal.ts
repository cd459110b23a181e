import { UnreadableCase } from '../strict.ts';

/** What a text of a Python dictionary holds. */
export interface PythonDictionary {
  /** Texts, and tuples of them. */
  readonly values: Readonly<Record<string, string | readonly string[]>>;
  /** Name whose value breaks off, when the text was cut. */
  readonly cutAt: string | undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Text that was cut before its closing quote; the end of it. */
class Cut extends Error {
  readonly text: string;

  constructor(text: string) {
    super('cut');
    this.text = text;
  }
}

/**
 * Reads a dictionary of texts and tuples of texts as Python prints it.
 *
 * @throws UnreadableCase when it is something else.
 */
export function readPythonDictionary(text: string): PythonDictionary {
  const reader = new Reader(text);
  const values: Record<string, string | readonly string[]> = {};
  reader.take('{');
  while (!reader.has('}')) {
    const name = reader.string();
    reader.take(': ');
    try {
      values[name] = reader.has('(') ? reader.tuple() : reader.string();
    } catch (error) {
      if (error instanceof Cut) {
        values[name] = error.text;
        return { values, cutAt: name };
      }
      throw error;
    }
    if (!reader.has('}')) {
      reader.take(', ');
    }
  }
  return { values, cutAt: undefined };
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  has(mark: string): boolean {
    return this.#text.startsWith(mark, this.#at);
  }

  take(mark: string): void {
    if (!this.has(mark)) {
      throw new UnreadableCase(`a Python dictionary has no ${JSON.stringify(mark)} at ${this.#at}`);
    }
    this.#at += mark.length;
  }

  tuple(): string[] {
    const items: string[] = [];
    this.take('(');
    while (!this.has(')')) {
      items.push(this.string());
      if (!this.has(')')) {
        this.take(',');
      }
      if (this.has(' ')) {
        this.take(' ');
      }
    }
    this.take(')');
    return items;
  }

  string(): string {
    const quote = this.#text[this.#at] ?? '';
    if (quote !== "'" && quote !== '"') {
      throw new UnreadableCase(`a Python dictionary has no text at ${this.#at}`);
    }
    let value = '';
    for (let index = this.#at + 1; index < this.#text.length; index += 1) {
      const character = this.#text[index] ?? '';
      if (character === quote) {
        this.#at = index + 1;
        return value;
      }
      if (character === '\\') {
        index += 1;
        const escaped = this.#text[index] ?? '';
        value += ESCAPES[escaped] ?? escaped;
      } else {
        value += character;
      }
    }
    throw new Cut(value);
  }
}

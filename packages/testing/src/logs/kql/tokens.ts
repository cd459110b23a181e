import { type Place, syntaxError } from './kql-error.ts';

/** A piece of a query. @internal */
export interface Token extends Place {
  readonly kind: 'name' | 'number' | 'duration' | 'text' | 'sign' | 'end';
  /** Its value: the text that a literal stands for. */
  readonly value: string;
}

/** As the lexer of Kusto has them: what may follow a backslash. */
const ESCAPES: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  '\\': '\\',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '0': '\0',
};

const LINE_BREAK = /[\n\r\u2028\u2029]/;
const NAME = /[A-Za-z_$][\w$]*/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const UNIT = /(?:ms|[dhms])(?![\w$])/y;
const SIGN = /==|!=|<=|>=|=~|!~|<>|[|(),[\].=<>+\-*/%!]/y;
const SPACE = /(?:\s|\/\/[^\n]*)+/y;
/** `datetime(...)` holds what is no expression. */
const DATETIME = /datetime\(\s*([^()"'\s][^()"']*?)\s*\)/iy;

/** Takes a query apart. @throws KqlError where it cannot. @internal */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(query);
  };
  const placeOf = (token: string): Place => {
    const before = query.slice(0, at).split('\n');
    return { line: before.length, pos: before.at(-1)?.length ?? 0, token };
  };
  const push = (kind: Token['kind'], value: string, length: number): void => {
    tokens.push({ kind, value, ...placeOf(query.slice(at, at + length)) });
    at += length;
  };
  for (;;) {
    at += match(SPACE)?.[0].length ?? 0;
    const [character] = query.slice(at, at + 1);
    if (character === undefined) {
      push('end', '', 0);
      return tokens;
    }
    const datetime = match(DATETIME);
    const number = match(NUMBER)?.[0];
    const name = match(NAME)?.[0];
    const sign = match(SIGN)?.[0];
    if (character === '"' || character === "'") {
      const { value, length } = readText(query, at, character, () => syntaxError(placeOf(character)));
      push('text', value, length);
    } else if (datetime !== null && datetime[1] !== undefined) {
      push('name', 'datetime', 'datetime'.length);
      push('sign', '(', 1);
      push('text', datetime[1], datetime[0].length - 'datetime()'.length);
      push('sign', ')', 1);
    } else if (number !== undefined) {
      UNIT.lastIndex = at + number.length;
      const unit = UNIT.exec(query)?.[0] ?? '';
      push(unit === '' ? 'number' : 'duration', number + unit, number.length + unit.length);
    } else if (name !== undefined) {
      push('name', name, name.length);
    } else if (sign !== undefined) {
      push('sign', sign, sign.length);
    } else {
      throw syntaxError(placeOf(character));
    }
  }
}

function readText(query: string, start: number, quote: string, fault: () => Error): { value: string; length: number } {
  let value = '';
  for (let at = start + 1; at < query.length; at++) {
    const character = query[at] as string;
    if (character === quote) {
      return { value, length: at + 1 - start };
    }
    if (LINE_BREAK.test(character)) {
      throw fault();
    }
    if (character !== '\\') {
      value += character;
      continue;
    }
    at += 1;
    const escaped = query[at] ?? '';
    const hexadecimal = /^u([0-9a-fA-F]{4})|^U([0-9a-fA-F]{8})|^x([0-9a-fA-F]{2})/.exec(query.slice(at, at + 9));
    const simple = ESCAPES[escaped];
    if (hexadecimal !== null) {
      const digits = hexadecimal[1] ?? hexadecimal[2] ?? hexadecimal[3] ?? '';
      const code = Number.parseInt(digits, 16);
      value += digits.length === 8 ? String.fromCodePoint(code) : String.fromCharCode(code);
      at += digits.length;
    } else if (simple !== undefined) {
      value += simple;
    } else {
      throw fault();
    }
  }
  throw fault();
}

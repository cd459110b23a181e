/** Where and why a text is not JSON. */
export interface JsonFault {
  /** Line, from 1. */
  readonly line: number;
  /** Column, from 1, in UTF-16 units. */
  readonly column: number;
  /** What was expected there. */
  readonly expected: string;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these inside a string.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;

class Fault {
  readonly offset: number;
  readonly expected: string;
  constructor(offset: number, expected: string) {
    this.offset = offset;
    this.expected = expected;
  }
}

/**
 * Finds where a text that `JSON.parse` refused stops being JSON. The error of `JSON.parse` itself names a place only
 * for some faults, in words that differ between versions of Node.
 *
 * @param text The text.
 * @returns The first fault, or `undefined` when the text is JSON.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  try {
    const end = skip(text, value(text, skip(text, 0)));
    if (end < text.length) {
      throw new Fault(end, 'the end of the file');
    }
    return undefined;
  } catch (fault) {
    if (!(fault instanceof Fault)) {
      throw fault;
    }
    const before = text.slice(0, fault.offset);
    const line = before.split('\n').length;
    return { line, column: fault.offset - (before.lastIndexOf('\n') + 1) + 1, expected: fault.expected };
  }
}

function match(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function skip(text: string, at: number): number {
  return match(SPACE, text, at) ?? at;
}

function value(text: string, at: number): number {
  switch (text[at]) {
    case '{':
      return list(text, at, '}', 'a property name in double quotes', (from) => {
        const name = string(text, from, 'a property name in double quotes');
        const colon = skip(text, name);
        if (text[colon] !== ':') {
          throw new Fault(colon, 'a colon');
        }
        return value(text, skip(text, colon + 1));
      });
    case '[':
      return list(text, at, ']', 'a value', (from) => value(text, from));
    case '"':
      return string(text, at, 'a value');
    default: {
      const end = match(SCALAR, text, at);
      if (end === undefined) {
        throw new Fault(at, 'a value');
      }
      return end;
    }
  }
}

function string(text: string, at: number, expected: string): number {
  const end = match(STRING, text, at);
  if (end === undefined) {
    throw new Fault(at, text[at] === '"' ? 'a string that is closed and escaped as JSON wants it' : expected);
  }
  return end;
}

function list(text: string, at: number, close: string, expected: string, item: (from: number) => number): number {
  let next = skip(text, at + 1);
  if (text[next] === close) {
    return next + 1;
  }
  for (;;) {
    if (next >= text.length) {
      throw new Fault(next, expected);
    }
    next = skip(text, item(next));
    if (text[next] === close) {
      return next + 1;
    }
    if (text[next] !== ',') {
      throw new Fault(next, `a comma or "${close}"`);
    }
    next = skip(text, next + 1);
  }
}

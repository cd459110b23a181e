import { types } from 'node:util';
import { refuseWithoutText } from '../rows/copy-cell.ts';
import { isFloatArray } from '../rows/input-kinds.ts';
import { InvalidRows } from '../rows/invalid-rows.ts';
import { PythonFloat, pythonFloat, pythonNumber } from './python-number.ts';

/** What Python escapes in a text: what cannot be printed, and blanks other than the usual one. */
const UNPRINTABLE = /\p{C}|(?! )\p{Z}/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** Deeper nesting is a cycle in all likelihood. */
const MAX_DEPTH = 64;

/**
 * Text of a nested value as Python shows it: `[1, 'a', None]`, `{'k': True}`. Objects with `toJSON` are taken as what
 * that gives.
 *
 * @throws InvalidRows when a value in it has no counterpart in Python: a function, a symbol, bytes, a cycle.
 */
export function pythonRepr(value: unknown, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return textRepr(value);
    case 'number':
      return pythonNumber(value);
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'undefined':
      return 'None';
    case 'object':
      return value === null ? 'None' : objectRepr(value, depth);
    default:
      throw new InvalidRows(undefined, `a ${typeof value} cannot be a cell, nor a part of one`);
  }
}

function objectRepr(value: object, depth: number): string {
  if (depth > MAX_DEPTH) {
    throw new InvalidRows(undefined, `a value is nested more than ${MAX_DEPTH} levels deep, or within itself`);
  }
  if (value instanceof PythonFloat) {
    return pythonFloat(Number(value));
  }
  if (value instanceof Date) {
    return dateRepr(value);
  }
  if (types.isBoxedPrimitive(value)) {
    return pythonRepr(value.valueOf(), depth);
  }
  refuseWithoutText(value);
  if (ArrayBuffer.isView(value)) {
    const isFloat = isFloatArray(value);
    const items = Array.from(value as Float64Array | BigInt64Array, (item: number | bigint) =>
      isFloat ? pythonFloat(item as number) : String(item),
    );
    return `[${items.join(', ')}]`;
  }
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item) => pythonRepr(item, depth + 1)).join(', ')}]`;
  }
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') {
    return pythonRepr(toJSON.call(value) as unknown, depth + 1);
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${entries.map(([key, inner]) => `${textRepr(key)}: ${pythonRepr(inner, depth + 1)}`).join(', ')}}`;
}

function dateRepr(date: Date): string {
  if (Number.isNaN(date.getTime())) {
    return 'NaT';
  }
  const parts = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  const [seconds, microseconds] = [date.getUTCSeconds(), date.getUTCMilliseconds() * 1_000];
  const rest = microseconds > 0 ? [seconds, microseconds] : seconds > 0 ? [seconds] : [];
  return `datetime.datetime(${[...parts, date.getUTCHours(), date.getUTCMinutes(), ...rest].join(', ')})`;
}

/** Single quotes, unless the text has such and no double ones. */
function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const safe = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(UNPRINTABLE, (character) => SHORT[character] ?? escaped(character.codePointAt(0) ?? 0));
  return quote + safe + quote;
}

function escaped(code: number): string {
  const digits = code.toString(16);
  if (code <= 0xff) {
    return `\\x${digits.padStart(2, '0')}`;
  }
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}

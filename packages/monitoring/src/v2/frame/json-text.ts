import { types } from 'node:util';
import { refuseWithoutText } from '../../rows/copy-cell.ts';
import { describeValue } from '../../rows/describe-value.ts';
import { isFloatArray, isNumericArray } from '../../rows/input-kinds.ts';
import { InvalidRows } from '../../rows/invalid-rows.ts';
import { floatText, numberText } from './float-text.ts';

/** How deep objects and arrays may be nested: deeper is taken for an object that holds itself. */
const MAX_DEPTH = 200;
/** Text that stands in JSON as it is. */
const PLAIN = /^[ !#-.0-[\]-~\x7f]*$/;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A text in JSON, in ASCII only, as the Python collector writes it: what is outside of ASCII as `\uXXXX`, a slash as `\/`.
 * Half of a surrogate pair, which no other encoding has, becomes U+FFFD.
 */
export function stringText(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : plainText(text).replaceAll('/', '\\/');
}

/** A text in JSON, in ASCII only, with slashes as they are. */
export function plainText(text: string): string {
  return JSON.stringify(wellFormed(text)).replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A text in which halves of surrogate pairs are U+FFFD. */
export function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\ufffd');
}

/**
 * A value of a cell in JSON.
 *
 * | value | becomes |
 * |---|---|
 * | number | its shortest exact text; with a point, also for whole numbers, when `isFloat` |
 * | `NaN`, infinities, `null`, `undefined`, invalid dates | `null` |
 * | bigint | its digits |
 * | `Date` | milliseconds since 1970 |
 * | object, array, `Map`, `Set` | JSON; typed arrays of floats with points |
 * | `Buffer` | its text, when it is UTF-8 |
 *
 * @param isFloat Whether the value is of a column of floats.
 * @throws InvalidRows for what has no JSON: a function, a symbol, bytes that are no text, an object that holds itself, or
 *   one whose content JSON does not see.
 */
export function valueText(value: unknown, isFloat: boolean): string {
  switch (typeof value) {
    case 'string':
      return stringText(value);
    case 'number':
      return isFloat ? floatText(value) : numberText(value);
    case 'object':
      return value === null ? 'null' : objectText(value, isFloat, 0);
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'undefined':
      return 'null';
    default:
      throw new InvalidRows(undefined, `${describeValue(value, true)} has no JSON text`);
  }
}

function objectText(value: object, isFloat: boolean, depth: number): string {
  if (depth > MAX_DEPTH) {
    throw new InvalidRows(undefined, 'an object holds itself, or is nested more than 200 levels deep');
  }
  if (types.isDate(value)) {
    const time = value.getTime();
    return Number.isNaN(time) ? 'null' : String(time);
  }
  if (Buffer.isBuffer(value)) {
    return bytesText(value);
  }
  const inner = (member: unknown) =>
    typeof member === 'object' && member !== null ? objectText(member, isFloat, depth + 1) : valueText(member, isFloat);
  if (types.isBoxedPrimitive(value)) {
    return valueText(value.valueOf(), isFloat);
  }
  if (isNumericArray(value)) {
    const areFloats = isFloatArray(value);
    const parts = Array.from(value as ArrayLike<number | bigint>, (member) => valueText(member, areFloats));
    return `[${parts.join()}]`;
  }
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') {
    return inner(toJSON.call(value, ''));
  }
  if (Array.isArray(value) || types.isSet(value)) {
    return `[${Array.from(value as Iterable<unknown>, inner).join()}]`;
  }
  let entries: readonly (readonly [unknown, unknown])[];
  if (types.isMap(value)) {
    entries = [...value.entries()];
  } else {
    refuseWithoutText(value);
    entries = Object.entries(value);
  }
  const parts = entries.flatMap(([name, member]) =>
    // As JSON.stringify does.
    member === undefined || typeof member === 'function' || typeof member === 'symbol'
      ? []
      : `${stringText(String(name))}:${inner(member)}`,
  );
  return `{${parts.join()}}`;
}

function bytesText(bytes: Buffer): string {
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    throw new InvalidRows(undefined, 'a cell of bytes is no UTF-8 text; audio, images and video are not collected');
  }
  return stringText(text);
}

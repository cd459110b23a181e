import { types } from 'node:util';

/** Longest text of a value in a message, in characters. */
const MAX_SHOWN = 40;

/** A name or text from outside for a message: in quotes, escaped, shortened. */
export function inQuotes(text: string, maxLength = 80): string {
  return JSON.stringify(shortened(text, maxLength));
}

/**
 * A value for a message: what kind of value it is, and of simple values the value itself, shortened.
 *
 * @param value Anything.
 * @param isSecret Shows the kind only.
 */
export function describeValue(value: unknown, isSecret: boolean): string {
  const { kind, text } = lookAt(value);
  if (text === undefined) {
    return kind;
  }
  return isSecret ? `a ${kind}` : `the ${kind} ${text}`;
}

/** The kind without its article when there is a text to show, else with it. */
function lookAt(value: unknown): { readonly kind: string; readonly text?: string } {
  switch (typeof value) {
    case 'string':
      return { kind: 'text', text: inQuotes(value, MAX_SHOWN) };
    case 'number':
    case 'bigint':
    case 'boolean':
      return { kind: typeof value, text: shortened(Object.is(value, -0) ? '-0' : String(value)) };
    case 'undefined':
      return { kind: 'undefined' };
    case 'object':
      break;
    default:
      return { kind: `a ${typeof value}` };
  }
  if (value === null) {
    return { kind: 'null' };
  }
  if (types.isDate(value)) {
    return Number.isNaN(value.getTime()) ? { kind: 'an invalid date' } : { kind: 'date', text: value.toISOString() };
  }
  if (types.isPromise(value)) {
    return { kind: 'a promise' };
  }
  return { kind: Array.isArray(value) || ArrayBuffer.isView(value) ? 'an array' : 'an object' };
}

function shortened(text: string, maxLength = MAX_SHOWN): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
}

import { inspect, types } from 'node:util';

/** Classes of the web whose contents JSON.stringify would lose without a word, each with what to return instead. */
const WEB_CLASSES: readonly [name: string, hint: string][] = [
  ['Response', 'return await response.json() or its text()'],
  ['Request', 'return the parts that matter'],
  ['Blob', 'return await blob.text()'],
  ['File', 'return await file.text()'],
  ['ReadableStream', 'read it to its end and return what it held'],
  ['Headers', 'return Object.fromEntries(headers)'],
  ['FormData', 'return Object.fromEntries(formData)'],
  ['URLSearchParams', 'return its toString()'],
];

/**
 * Tells why JSON cannot hold an object.
 *
 * @param value An object that is neither a boxed primitive nor a typed array.
 * @returns What it is and what to return instead; `undefined` for an object that JSON can hold.
 */
export function unfit(value: object): string | undefined {
  if (Array.isArray(value) || isPlainRecord(value)) return undefined;
  if (types.isMap(value)) return 'a Map; return Object.fromEntries(map)';
  if (types.isSet(value)) return 'a Set; return [...set]';
  if (types.isPromise(value)) return 'a Promise; await it';
  if (types.isNativeError(value)) return 'an Error; throw it, or return its message';
  if (types.isAnyArrayBuffer(value) || types.isDataView(value))
    return 'a binary buffer; return a typed array or base64 text';
  if (types.isRegExp(value) || types.isWeakMap(value) || types.isWeakSet(value)) return inspect(value);
  return webClass(value) ?? sequence(value);
}

/** Whether a value is a record that shows nothing of itself by symbols. Most results are made of nothing else. */
export function isPlainRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === Object.prototype || prototype === null) &&
    !(Symbol.iterator in value || Symbol.asyncIterator in value || Symbol.toStringTag in value)
  );
}

/** By its tag: to ask for the class itself would have Node load it. */
function webClass(value: object): string | undefined {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const found = WEB_CLASSES.find(([name]) => name === tag);
  return found === undefined ? undefined : `a ${found[0]}; ${found[1]}`;
}

/** What gives its values one after the other has none to show. */
function sequence(value: object): string | undefined {
  const { next, pipe } = value as { next?: unknown; pipe?: unknown };
  const isSync = Symbol.iterator in value;
  const isAsync = Symbol.asyncIterator in value;
  if (typeof pipe === 'function') return 'a stream; read it to its end and return what it held';
  if (isAsync) return 'an async iterator; collect its values by "for await" and return them as an array';
  if (isSync && typeof next === 'function') return 'an iterator; return [...iterator]';
  // With properties of its own an iterable is a record like any other.
  if (isSync && Object.keys(value).length === 0) return 'an iterable; return [...iterable]';
  return undefined;
}

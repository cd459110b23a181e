import { types } from 'node:util';
import { isPlainRecord, unfit } from './unfit.ts';

/** A value that JSON cannot hold; the message names where it stands. */
export class NotSerializableError extends Error {
  override readonly name = 'NotSerializableError';
}

const MAX_DEPTH = 1_000;

/**
 * Writes what `run()` returned as JSON.
 *
 * Unlike `JSON.stringify`, which turns such values into `null` or `{}` without a word, it refuses what JSON cannot hold:
 * NaN and infinite numbers, invalid dates, functions, symbols, maps, sets, errors, promises, iterators, streams, web
 * responses, binary buffers, cycles, and integers that a reader of JSON would round. Typed arrays become arrays, safe bigints become numbers, nothing becomes `{}`, and
 * `toJSON` and left-out `undefined` properties are as in `JSON.stringify`.
 *
 * Source: the reference inference server answers `None` as `{}` and a text as a JSON string.
 *
 * @param value What `run()` returned.
 * @throws NotSerializableError naming the place, for example `result.scores[3]`.
 */
export function jsonResult(value: unknown): string {
  if (value === undefined || value === null) {
    return '{}';
  }
  if (isFlat(value)) {
    return JSON.stringify(value);
  }
  const ready = convert(value, '', [], []);
  return ready === undefined || ready === null ? '{}' : JSON.stringify(ready);
}

/** Whether a value is a record of texts, finite numbers and booleans, as most results are: nothing is to be changed there. */
function isFlat(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !isPlainRecord(value) || 'toJSON' in value) {
    return false;
  }
  const keys = Object.keys(value);
  for (const key of keys) {
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === 'number' ? !Number.isFinite(item) : typeof item !== 'string' && typeof item !== 'boolean') {
      return false;
    }
  }
  return true;
}

type Path = (string | number)[];

/** Returns the same value where nothing has to be changed, so that a large plain result is not copied. */
function convert(given: unknown, key: string, path: Path, parents: object[]): unknown {
  if (typeof given === 'object' && types.isDate(given) && Number.isNaN(Date.prototype.getTime.call(given))) {
    refuse('an invalid Date; return null or a valid one', path);
  }
  const value = applyToJson(given, key);
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : refuse(String(value), path);
    case 'bigint':
      return fromBigint(value, path);
    case 'object':
      return value === null ? null : convertObject(value, path, parents);
    default:
      return refuse(`a ${typeof value}`, path);
  }
}

function applyToJson(value: unknown, key: string): unknown {
  // A Buffer's toJSON gives { type, data }; as the typed array that it is, it becomes a plain array.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) {
    return value;
  }
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === 'function' ? toJSON.call(value, key) : value;
}

function convertObject(value: object, path: Path, parents: object[]): unknown {
  if (types.isBoxedPrimitive(value)) {
    return convert(value.valueOf(), '', path, parents);
  }
  if (types.isTypedArray(value)) {
    return convertArray(Array.from(value as ArrayLike<number | bigint>), path, parents);
  }
  const kind = unfit(value);
  if (kind !== undefined) {
    refuse(kind, path);
  }
  if (parents.includes(value)) {
    refuse('a value that contains itself', path);
  }
  if (parents.length >= MAX_DEPTH) {
    throw new NotSerializableError(`run() returned a value nested deeper than ${MAX_DEPTH} levels.`);
  }
  parents.push(value);
  const converted = Array.isArray(value) ? convertArray(value, path, parents) : convertRecord(value, path, parents);
  parents.pop();
  return converted;
}

function convertArray(value: readonly unknown[], path: Path, parents: object[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < value.length; index++) {
    const item = value[index];
    if (typeof item === 'number' && Number.isFinite(item)) {
      continue;
    }
    path.push(index);
    const converted = convert(item, String(index), path, parents);
    path.pop();
    if (converted !== item) {
      copy ??= [...value];
      copy[index] = converted;
    }
  }
  return copy ?? value;
}

function convertRecord(value: object, path: Path, parents: object[]): object {
  const entries = Object.entries(value);
  let changed = false;
  for (const entry of entries) {
    path.push(entry[0]);
    const converted = convert(entry[1], entry[0], path, parents);
    path.pop();
    if (converted !== entry[1]) {
      changed = true;
      entry[1] = converted;
    }
  }
  return changed ? Object.fromEntries(entries) : value;
}

function fromBigint(value: bigint, path: Path): number {
  const number = Number(value);
  return Number.isSafeInteger(number)
    ? number
    : refuse(`the bigint ${value}, which readers of JSON would round; return it as a string`, path);
}

function refuse(what: string, path: Path): never {
  throw new NotSerializableError(`run() returned a value that JSON cannot hold: ${pathText(path)} is ${what}.`);
}

function pathText(path: Path): string {
  const steps = path.map((step) =>
    typeof step === 'number' ? `[${step}]` : /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`,
  );
  return `result${steps.join('')}`;
}

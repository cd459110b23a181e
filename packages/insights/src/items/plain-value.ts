import { nodeUtil } from '../node-modules.ts';

const { types } = nodeUtil;

/** Deeper than any row or answer, and far from the end of the stack. */
const MAX_DEPTH = 100;
/** Objects that hold each other many times would otherwise unfold without end. */
const MAX_NODES = 1_000_000;

/** A value as JSON can hold it. @internal */
export interface PlainValue {
  readonly value: unknown;
  /** Its JSON. */
  readonly text: string;
}

/**
 * The JSON of any value: never throws, whatever the value does when it is read.
 *
 * What JSON lacks becomes text or the nearest JSON: `NaN`, dates (ISO 8601), big integers (their digits), errors (name,
 * message, stack, cause and own fields), maps (objects, or pairs when a key is no text), sets and typed arrays (lists),
 * bytes (base64). Marks in square brackets stand where something could not be read.
 *
 * @internal
 */
export function toPlain(value: unknown): PlainValue {
  const plain = new Plainer().plain(value, 0) ?? null;
  return { value: plain, text: JSON.stringify(plain) };
}

class Plainer {
  readonly #ancestors = new Set<object>();
  #nodes = 0;

  plain(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
      case 'undefined':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'bigint':
      case 'symbol':
        return String(value);
      case 'function':
        return '[Function]';
      default:
        return value === null ? null : this.#object(value as object, depth);
    }
  }

  #object(value: object, depth: number): unknown {
    this.#nodes += 1;
    if (this.#ancestors.has(value)) {
      return '[Circular]';
    }
    if (depth >= MAX_DEPTH) {
      return '[Too deep]';
    }
    if (this.#nodes > MAX_NODES) {
      return '[Too many]';
    }
    this.#ancestors.add(value);
    try {
      return this.#read(value, depth + 1);
    } catch (error) {
      return `[Unreadable: ${reason(error)}]`;
    } finally {
      this.#ancestors.delete(value);
    }
  }

  #read(value: object, depth: number): unknown {
    if (Array.isArray(value)) {
      return this.#list(value, depth);
    }
    // Most objects are plain: they need not be asked for all that they are not.
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null
      ? this.#toJsonOrFields(value, depth)
      : this.#special(value, depth);
  }

  #special(value: object, depth: number): unknown {
    if (types.isDate(value)) {
      return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    }
    if (types.isNativeError(value) || value instanceof Error) {
      return this.#error(value, depth);
    }
    if (types.isMap(value)) {
      return this.#map(value, depth);
    }
    if (types.isSet(value)) {
      return Array.from(value, (entry) => this.#entry(entry, depth));
    }
    if (types.isRegExp(value) || types.isBoxedPrimitive(value)) {
      return this.plain(types.isRegExp(value) ? String(value) : value.valueOf(), depth);
    }
    if (Buffer.isBuffer(value) || types.isAnyArrayBuffer(value) || types.isDataView(value)) {
      const bytes = ArrayBuffer.isView(value)
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        : Buffer.from(value);
      return { bytes: bytes.byteLength, base64: bytes.toString('base64') };
    }
    if (types.isTypedArray(value)) {
      return Array.from(value as Iterable<number | bigint>, (entry) => this.plain(entry, depth));
    }
    return this.#toJsonOrFields(value, depth);
  }

  /** By index: holes of a sparse list count, a replaced iterator does not. */
  #list(list: readonly unknown[], depth: number): unknown[] {
    const entries: unknown[] = [];
    for (let index = 0; index < list.length; index++) {
      entries.push(this.#entry(this.#get(list, index), depth));
    }
    return entries;
  }

  #toJsonOrFields(value: object, depth: number): unknown {
    const toJson = this.#get(value, 'toJSON');
    if (typeof toJson === 'function') {
      return this.plain(toJson.call(value, ''), depth);
    }
    return this.#fields(value, depth);
  }

  /** What JSON leaves out of an object is null in a list. */
  #entry(value: unknown, depth: number): unknown {
    return this.plain(value, depth) ?? null;
  }

  #fields(value: object, depth: number, into: Record<string, unknown> = Object.create(null)): Record<string, unknown> {
    for (const key of Object.keys(value)) {
      into[key] = this.plain(this.#get(value, key), depth);
    }
    return into;
  }

  #error(error: Error, depth: number): Record<string, unknown> {
    const fields: Record<string, unknown> = Object.create(null);
    for (const key of ['name', 'message', 'stack', 'cause', 'errors']) {
      const field = this.#get(error, key);
      if (field !== undefined) {
        fields[key] = this.plain(field, depth);
      }
    }
    return this.#fields(error, depth, fields);
  }

  #map(map: Map<unknown, unknown>, depth: number): unknown {
    const entries = [...map];
    if (!entries.every(([key]) => typeof key === 'string')) {
      return entries.map((pair) => pair.map((part) => this.#entry(part, depth)));
    }
    const fields: Record<string, unknown> = Object.create(null);
    for (const [key, value] of entries) {
      fields[key as string] = this.plain(value, depth);
    }
    return fields;
  }

  #get(value: object, key: PropertyKey): unknown {
    try {
      return (value as Record<PropertyKey, unknown>)[key];
    } catch (error) {
      return `[Thrown: ${reason(error)}]`;
    }
  }
}

/** Why something could not be read; the thrown thing itself may not be readable either. */
function reason(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    return 'unknown';
  }
}

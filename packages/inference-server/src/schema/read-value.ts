import { pathText, type Step } from './value-path.ts';
import type {
  ArraySchema,
  NumberSchema,
  ObjectSchema,
  StringSchema,
  ValueSchema,
  ValueSchemas,
} from './value-schema.ts';

/** A request that does not fit the schema. The message names place and kind of the value, never the value itself. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/**
 * Reads one value: returns what `run()` gets for it.
 *
 * @param value What JSON.parse gave; never changed.
 * @param path Where it stands; the same array again after the call.
 * @throws InputError
 */
export type ReadValue = (value: unknown, path: Step[]) => unknown;

/** ISO 8601 with a zone; without one the moment would depend on where the server runs. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;

/** Characters outside the basic plane. */
const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g;

/** Allowed texts that a message names at most. */
const MAX_NAMED = 20;

/**
 * Makes the reader of a value once, so that a request only runs it.
 *
 * @param schema A checked schema.
 */
export function compileValue(schema: ValueSchema): ReadValue {
  const read = compilePresent(schema);
  if (schema.nullable !== true) {
    return read;
  }
  return (value, path) => (value === null ? null : read(value, path));
}

function compilePresent(schema: ValueSchema): ReadValue {
  switch (schema.type) {
    case 'number':
    case 'integer':
      return readNumber(schema);
    case 'string':
      return readString(schema);
    case 'boolean':
      return (value, path) => (typeof value === 'boolean' ? value : unfit('true or false', value, path));
    case 'date-time':
      return readMoment;
    case 'array':
      return readArray(schema);
    case 'object':
      return readObject(schema);
    case 'any':
      return readAny;
  }
}

function readNumber({ type, minimum = -Infinity, maximum = Infinity }: NumberSchema): ReadValue {
  const isKind = type === 'integer' ? Number.isSafeInteger : Number.isFinite;
  const expected = type === 'integer' ? 'an integer that JSON numbers hold exactly' : 'a finite number';
  return (value, path) => {
    if (!isKind(value)) {
      unfit(expected, value, path);
    }
    if ((value as number) < minimum) {
      refuse(`must be at least ${minimum}`, path);
    }
    if ((value as number) > maximum) {
      refuse(`must be at most ${maximum}`, path);
    }
    return value;
  };
}

function readString({ enum: allowed, minLength = 0, maxLength = Infinity }: StringSchema): ReadValue {
  const known = allowed === undefined ? undefined : new Set<unknown>(allowed);
  const named = (allowed ?? []).slice(0, MAX_NAMED).map((text) => JSON.stringify(text));
  const isLimited = minLength > 0 || maxLength < Infinity;
  return (value, path) => {
    if (typeof value !== 'string') {
      unfit('a string', value, path);
    }
    if (known !== undefined && !known.has(value)) {
      refuse(`must be one of ${named.join(', ')}${known.size > MAX_NAMED ? ', ...' : ''}`, path);
    }
    const length = isLimited ? countCharacters(value as string) : 0;
    if (length < minLength) {
      refuse(`must have at least ${minLength} characters, but has ${length}`, path);
    }
    if (length > maxLength) {
      refuse(`must have at most ${maxLength} characters, but has ${length}`, path);
    }
    return value;
  };
}

/** Counted as JSON Schema does: one outside the basic plane, two units of a JavaScript string, is one. */
function countCharacters(text: string): number {
  return text.length - (text.match(PAIRS)?.length ?? 0);
}

function readMoment(value: unknown, path: Step[]): Date {
  const date = typeof value === 'string' && MOMENT.test(value) ? new Date(value.replace(',', '.')) : undefined;
  return date === undefined || Number.isNaN(date.getTime())
    ? unfit('a moment of ISO 8601 with a zone, such as 2026-01-02T03:04:05Z', value, path)
    : date;
}

function readArray({ items, columns, minItems = 0, maxItems = Infinity }: ArraySchema): ReadValue {
  const readItem = compileValue(items);
  const least = columns?.length ?? minItems;
  const most = columns?.length ?? maxItems;
  const isPlain = isKept(items);
  return (value, path) => {
    if (!Array.isArray(value)) {
      return unfit('an array', value, path);
    }
    const { length } = value;
    if (length < least || length > most) {
      const wanted = least === most ? `exactly ${least}` : length < least ? `at least ${least}` : `at most ${most}`;
      refuse(`must have ${wanted} items, but has ${length}`, path);
    }
    const read: unknown[] = isPlain ? value : new Array(length);
    const place = path.push(0) - 1;
    for (let index = 0; index < length; index++) {
      path[place] = index;
      const item = readItem(value[index], path);
      if (!isPlain) {
        read[index] = item;
      }
    }
    path.pop();
    return read;
  };
}

/** Whether a value is handed on as it came, so that a large array of it need not be copied. */
function isKept(schema: ValueSchema): boolean {
  if (schema.type === 'array') {
    return isKept(schema.items);
  }
  return schema.type !== 'date-time' && !(schema.type === 'object' && schema.properties !== undefined);
}

function readObject({ properties }: ObjectSchema): ReadValue {
  const read = properties === undefined ? undefined : compileValues(properties);
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return unfit('an object', value, path);
    }
    return read === undefined ? readAny(value, path) : read(value, path);
  };
}

/** Takes all that JSON can say; a number too large for JavaScript has become Infinity, which no answer could hold. */
function readAny(value: unknown, path: Step[]): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    unfit('a finite number', value, path);
  }
  if (Array.isArray(value)) {
    const place = path.push(0) - 1;
    for (let index = 0; index < value.length; index++) {
      path[place] = index;
      readAny(value[index], path);
    }
    path.pop();
  } else if (typeof value === 'object' && value !== null) {
    for (const name of Object.keys(value)) {
      path.push(name);
      readAny((value as Record<string, unknown>)[name], path);
      path.pop();
    }
  }
  return value;
}

/**
 * Makes the reader of named values: every declared name is taken from the object's own values, everything else is left out.
 *
 * @param schemas Checked schemas.
 */
export function compileValues(schemas: ValueSchemas): (value: object, path: Step[]) => Record<string, unknown> {
  const fields = Object.entries(schemas).map(([name, schema]) => ({ name, schema, read: compileValue(schema) }));
  return (value, path) => {
    const result: Record<string, unknown> = {};
    let missing: string[] | undefined;
    for (const { name, schema, read } of fields) {
      // What an object inherits was not sent: "constructor" must not be found on each.
      if (Object.hasOwn(value, name)) {
        path.push(name);
        result[name] = read((value as Record<string, unknown>)[name], path);
        path.pop();
      } else if (schema.default !== undefined) {
        // Read again for every request: what run() does to its input must not change the next one's.
        const given = schema.default;
        result[name] = read(typeof given === 'object' ? structuredClone(given) : given, path);
      } else if (schema.optional !== true) {
        missing ??= [];
        missing.push(pathText([...path, name]));
      }
    }
    if (missing !== undefined) {
      throw new InputError(`${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`);
    }
    return result;
  };
}

function unfit(expected: string, value: unknown, path: readonly Step[]): never {
  return refuse(`must be ${expected}, but is ${kindOf(value)}`, path);
}

function refuse(fault: string, path: readonly Step[]): never {
  throw new InputError(`${pathText(path) || 'The value'} ${fault}.`);
}

/** What a value is, in words; what it holds may be personal. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? (Number.isInteger(value) ? 'an integer' : 'a fraction') : 'too large a number';
    case 'object':
      return 'an object';
    case 'undefined':
      return 'missing';
    default:
      return `a ${typeof value}`;
  }
}

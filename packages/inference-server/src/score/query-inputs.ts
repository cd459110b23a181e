import type { ValueSchemas } from '../schema/value-schema.ts';

/** Texts within JSON. */
const TEXTS = /"(?:[^"\\]|\\.)*"/g;

/** Numbers within JSON without its texts. */
const NUMBERS = /-?\d[\d.eE+-]*/g;

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * The values of a query by name: each as JSON when it is JSON, else as text; a name that comes several times is an array.
 * A value with a number that JavaScript would change, `12345678901234567890` or `1e400`, stays a text, unless a schema wants
 * something else than any value.
 *
 * Source: the reference inference server 1.5.1, for `GET /score`.
 *
 * @param query The query.
 * @param schemas Inputs by name: those that are texts stay as they are, `?id=007` is no number then.
 */
export function queryInputs(query: URLSearchParams, schemas: ValueSchemas = {}): Record<string, unknown> {
  const values = new Map<string, unknown[]>();
  for (const [name, text] of query) {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    const isText = schema?.type === 'string' || schema?.type === 'date-time';
    const list = values.get(name);
    const value = isText
      ? textOf(text)
      : schema === undefined || schema.type === 'any'
        ? unchanged(text)
        : parsed(text);
    if (list === undefined) {
      values.set(name, [value]);
    } else {
      list.push(value);
    }
  }
  // Object.fromEntries makes own properties, also of "__proto__".
  return Object.fromEntries([...values].map(([name, list]) => [name, list.length === 1 ? list[0] : list]));
}

function textOf(text: string): unknown {
  const value = text.startsWith('"') || text === 'null' ? parsed(text) : text;
  return typeof value === 'string' || value === null ? value : text;
}

function unchanged(text: string): unknown {
  const value = parsed(text);
  return value === text || text.replace(TEXTS, '').match(NUMBERS)?.every(isKept) !== false ? value : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether a number is the same after it has been a number of JavaScript and was written as JSON again. */
function isKept(text: string): boolean {
  return decimal(text) === decimal(JSON.stringify(Number(text)));
}

/** A number of JSON in one form for all of its spellings: `-1.50e3` is `-15e2`. */
function decimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  const power = significant === '' ? 0 : Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign}${significant}e${power}`;
}

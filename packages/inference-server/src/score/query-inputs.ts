import type { ValueSchemas } from '../schema/value-schema.ts';

/**
 * The values of a query by name: each as JSON when it is JSON, else as text; a name that comes several times is an array.
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
    const value = isText ? textOf(text) : parsed(text);
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A recording, or a part of one, that this runner cannot read. It counts as a failure of the case. */
export class UnreadableCase extends Error {}

/** A JSON object whose fields are not known yet. */
export type Json = { readonly [name: string]: unknown };

/**
 * Takes a value as an object with known fields, so that nothing of a recording is skipped in silence.
 *
 * @param value Part of a recording.
 * @param what Names it.
 * @param known Names of the fields that this runner knows.
 * @param needed Those of them that must be there.
 */
export function strictObject(
  value: unknown,
  what: string,
  known: readonly string[],
  needed: readonly string[] = [],
): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UnreadableCase(`${what} is not an object`);
  }
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UnreadableCase(`${what} has keys that this runner does not know: ${unknown.join(', ')}`);
  }
  const missing = needed.filter((name) => !Object.hasOwn(value, name));
  if (missing.length > 0) {
    throw new UnreadableCase(`${what} lacks ${missing.join(', ')}`);
  }
  return value as Json;
}

/** Takes a value as a list. */
export function strictList(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new UnreadableCase(`${what} is not a list`);
  }
  return value;
}

/** Takes a value as a text. */
export function strictText(value: unknown, what: string): string {
  if (typeof value !== 'string') {
    throw new UnreadableCase(`${what} is not a text`);
  }
  return value;
}

/** Takes a value as an object of any fields; an absent one is empty. */
export function anyObject(value: unknown, what: string): Json {
  if (value === undefined || value === null) {
    return {};
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new UnreadableCase(`${what} is not an object`);
  }
  return value as Json;
}

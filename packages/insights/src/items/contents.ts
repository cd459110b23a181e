import { format } from 'node:util';
import { toJsonText } from './plain-value.ts';

/**
 * The text of what was printed, for the property `Contents`.
 *
 * One text stays as it is, so that a printed JSON document can be taken apart by queries. One object becomes its JSON.
 * Several values are the line that the console writes when none is an object, else the JSON list of them.
 *
 * @internal
 */
export function contentsOf(values: readonly unknown[]): string {
  if (values.every(isPrimitive)) {
    return values.length === 1 && typeof values[0] === 'string' ? values[0] : format(...values);
  }
  return toJsonText(values.length === 1 ? values[0] : values);
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

import { nodeUtil } from '../node-modules.ts';
import { type PlainValue, toPlain } from './plain-value.ts';

/** What was printed, as a text; with the value behind it, when the text is its JSON. @internal */
export type Contents = PlainValue | { readonly text: string; readonly value?: never };

/**
 * What was printed, for the property `Contents`.
 *
 * One text stays as it is, so that a printed JSON document can be taken apart by queries. One object becomes its JSON.
 * Several values are the line that the console writes when none is an object, else the JSON list of them.
 *
 * @internal
 */
export function contentsOf(values: readonly unknown[]): Contents {
  if (values.every(isPrimitive)) {
    return { text: values.length === 1 && typeof values[0] === 'string' ? values[0] : nodeUtil.format(...values) };
  }
  return toPlain(values.length === 1 ? values[0] : values);
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

import { rawNumber } from '../azure/json-object.ts';

/**
 * Parses JSON so that `JSON.stringify` gives the same numbers back: a number that JavaScript would write in another way
 * (`1.0`, `1e400`, `-0`, twenty digits) stays as it is written. What was not asked for must go back as it came.
 *
 * Two things are not kept, as JavaScript's objects cannot hold them: of a name that is there twice the last one stays, and
 * names that are whole numbers (`"7"`) come before the others.
 *
 * @param text The JSON.
 * @returns The value; `undefined` for an empty text.
 */
export function parseExactly(text: string): unknown {
  const json = text.replace(/^\uFEFF/, '');
  if (json.trim() === '') {
    return undefined;
  }
  return JSON.parse(json, function (this: unknown, _name: string, value: unknown, context?: { source?: string }) {
    const source = typeof value === 'number' ? context?.source : undefined;
    return source === undefined || source === String(value) ? value : rawNumber(source);
  } as (name: string, value: unknown) => unknown);
}

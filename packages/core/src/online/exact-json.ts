/** Node has it since version 21, TypeScript's library does not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * Parses JSON so that `JSON.stringify` gives the same numbers back: whole numbers that a JavaScript number cannot hold
 * stay as they were written. Only unknown fields have such numbers; they must go back as they came.
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
    const isLossy = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
    return isLossy && context?.source !== undefined ? rawJSON(context.source) : value;
  } as (name: string, value: unknown) => unknown);
}

/** What may be an integer above 2^53: 16 digits and more outside of a word. */
const LONG_NUMBER = /[[:,\s]-?\d{16,}\s*[,\]}]/;

/**
 * Reads JSON as `JSON.parse` does, but integers above 2^53 become bigint, with all their digits.
 *
 * @throws SyntaxError when it is no JSON.
 * @internal
 */
export function parseExactly(text: string): unknown {
  // The slow way only where it is needed; also taken when such digits stand in a text.
  return LONG_NUMBER.test(text) ? JSON.parse(text, exactValue as Reviver) : JSON.parse(text);
}

type Reviver = NonNullable<Parameters<typeof JSON.parse>[1]>;

function exactValue(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
    ? BigInt(source)
    : value;
}

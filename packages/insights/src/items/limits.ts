/** Longest `message` of a trace or an exception, in characters. Source: the schema of Application Insights. @internal */
export const MAX_MESSAGE_CHARACTERS = 32_768;
/** Longest property value, in bytes of UTF-8. Source: the exporters cut there. @internal */
export const MAX_PROPERTY_BYTES = 8192;
/** Longest property name, in characters. @internal */
export const MAX_KEY_CHARACTERS = 150;
/** Largest item, in bytes of its JSON: 64 KB. @internal */
export const MAX_ITEM_BYTES = 65_536;

/** How much room an item gives to its texts. @internal */
export interface Limits {
  readonly messageCharacters: number;
  readonly propertyBytes: number;
  readonly properties: number;
}

/**
 * Ever tighter limits: an item is built with the first, and again with the next for as long as it is too large.
 *
 * @internal
 */
export const LIMIT_STEPS: readonly Limits[] = [
  { messageCharacters: MAX_MESSAGE_CHARACTERS, propertyBytes: MAX_PROPERTY_BYTES, properties: 1000 },
  { messageCharacters: 16_384, propertyBytes: 4096, properties: 1000 },
  { messageCharacters: 8192, propertyBytes: 2048, properties: 500 },
  { messageCharacters: 4096, propertyBytes: 1024, properties: 200 },
  { messageCharacters: 2048, propertyBytes: 512, properties: 50 },
  // Fits whatever the texts hold: a character takes at most 6 bytes of JSON, so 10 x (150 + 256) x 6 is 24 KB.
  { messageCharacters: 1024, propertyBytes: 256, properties: 10 },
];

/** Length of a name (of a type, a method, a file, a request) within limits, in characters. @internal */
export function nameCharacters(limits: Limits): number {
  return Math.min(1024, Math.floor(limits.propertyBytes / 4));
}

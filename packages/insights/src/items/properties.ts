import type { Limits } from './limits.ts';
import { toJsonText } from './plain-value.ts';
import { cutKey, previewOf } from './shorten.ts';

/** Custom properties as a caller gives them: texts stay, other values become text or JSON, undefined is left out. */
export type InsightsProperties = Readonly<Record<string, unknown>>;

/** Custom properties as they are sent. @internal */
export type SentProperties = Record<string, string>;

/** Makes texts of the values, once per item. @internal */
export function propertyTexts(properties: InsightsProperties): [key: string, text: string][] {
  const texts: [string, string][] = [];
  for (const key of Object.keys(properties)) {
    const value = properties[key];
    if (value !== undefined) {
      const isText = value === null || (typeof value !== 'object' && typeof value !== 'function');
      texts.push([cutKey(key), isText ? String(value) : toJsonText(value)]);
    }
  }
  return texts;
}

/**
 * Brings properties within the limits. What was too long is a marked preview, and two more properties say so:
 * `truncated` and `originalBytes` (of all values that were shortened).
 *
 * @param context Properties that are short and always kept.
 * @param shortened Bytes of other texts of the item that were shortened, 0 when none was.
 * @internal
 */
export function fitProperties(
  texts: readonly (readonly [key: string, text: string])[],
  context: Readonly<Record<string, string>>,
  limits: Limits,
  shortened: number,
): SentProperties {
  let originalBytes = shortened;
  const fitted: SentProperties = {};
  for (const [key, text] of texts.slice(0, limits.properties)) {
    const bytes = Buffer.byteLength(text);
    if (bytes > limits.propertyBytes) {
      originalBytes += bytes;
    }
    define(fitted, key, bytes > limits.propertyBytes ? previewOf(text, bytes, limits.propertyBytes) : text);
  }
  for (const [, text] of texts.slice(limits.properties)) {
    originalBytes += Buffer.byteLength(text);
  }
  Object.assign(fitted, context);
  if (originalBytes > 0) {
    fitted['truncated'] = 'true';
    fitted['originalBytes'] = String(originalBytes);
  }
  if (texts.length > limits.properties) {
    fitted['droppedProperties'] = String(texts.length - limits.properties);
  }
  return fitted;
}

/** Also for a key like `__proto__`. */
function define(target: SentProperties, key: string, value: string): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

import type { Limits } from './limits.ts';
import { toPlain } from './plain-value.ts';
import { type PropertyField, PropertyText } from './property-text.ts';
import { cutKey } from './shorten.ts';

/** Custom properties as a caller gives them: texts stay, other values become text or JSON, undefined is left out. */
export type InsightsProperties = Readonly<Record<string, unknown>>;

/** Custom properties as they are sent. @internal */
export type SentProperties = Record<string, string>;

/** Makes texts of the values, once per item. @internal */
export function propertyTexts(properties: InsightsProperties): PropertyText[] {
  const texts: PropertyText[] = [];
  for (const key of Object.keys(properties)) {
    const value = properties[key];
    if (value !== undefined) {
      texts.push(propertyText(cutKey(key), value));
    }
  }
  return texts;
}

function propertyText(key: string, value: unknown): PropertyText {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    return new PropertyText(key, String(value));
  }
  const plain = toPlain(value);
  return new PropertyText(key, plain.text, { plain });
}

/**
 * Brings properties within the limits. What was shortened says so, and two more properties do: `truncated` and
 * `originalBytes` (of all values that were shortened).
 *
 * @param context Properties that are short and always kept.
 * @param shortened Bytes of other texts of the item that were shortened, 0 when none was.
 * @internal
 */
export function fitProperties(
  fields: readonly PropertyField[],
  context: Readonly<Record<string, string>>,
  limits: Limits,
  shortened: number,
): SentProperties {
  let originalBytes = shortened;
  const fitted: SentProperties = {};
  for (const field of fields.slice(0, limits.properties)) {
    const { text, isCut } = field.within(limits.propertyBytes);
    originalBytes += isCut ? field.bytes : 0;
    define(fitted, field.key, text);
  }
  for (const { bytes } of fields.slice(limits.properties)) {
    originalBytes += bytes;
  }
  Object.assign(fitted, context);
  if (originalBytes > 0) {
    fitted['truncated'] = 'true';
    fitted['originalBytes'] = String(originalBytes);
  }
  if (fields.length > limits.properties) {
    fitted['droppedProperties'] = String(fields.length - limits.properties);
  }
  return fitted;
}

/** Also for a key like `__proto__`. */
function define(target: SentProperties, key: string, value: string): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

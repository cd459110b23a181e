import type { ItemContext, RequestReference } from '../context.ts';
import { type JsonBytes, jsonPiece, membersJson } from './json-bytes.ts';
import type { Limits } from './limits.ts';
import { toPlain } from './plain-value.ts';
import { type PropertyField, PropertyText } from './property-text.ts';
import { cutKey } from './shorten.ts';

/** Custom properties as a caller gives them: texts stay, other values become text or JSON, undefined is left out. */
export type InsightsProperties = Readonly<Record<string, unknown>>;

/** What custom properties of an item are made of. @internal */
export interface PropertiesParts {
  readonly fields: readonly PropertyField[];
  /** Has properties that are short and always kept. */
  readonly context: ItemContext;
  readonly request: RequestReference | undefined;
}

/** Names that this package gives, with what follows them. They differ from those of the context and of the marks. */
const OWN_NAMES: ReadonlyMap<string, Uint8Array> = new Map(
  ['Contents', 'Input', 'Prediction'].map((name) => [name, jsonPiece(`"${name}":`)]),
);
const COMMA = 0x2c;

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
 * Writes properties within the limits. What was shortened says so, and two more properties do: `truncated` and
 * `originalBytes` (of all values that were shortened).
 *
 * @param shortened Bytes of other texts of the item that were shortened, 0 when none was.
 * @internal
 */
export function writeProperties(out: JsonBytes, parts: PropertiesParts, limits: Limits, shortened: number): void {
  if (parts.fields.every(({ key }) => OWN_NAMES.has(key))) {
    writeOwn(out, parts, limits, shortened);
  } else {
    out.json(membersJson(anyProperties(parts, limits, shortened)));
  }
}

/** As with {@link anyProperties}, without an object to find names in that come twice. */
function writeOwn(
  out: JsonBytes,
  { fields, context, request }: PropertiesParts,
  limits: Limits,
  shortened: number,
): void {
  const start = out.length;
  let originalBytes = shortened;
  for (const field of fields) {
    const { text, isCut } = field.within(limits.propertyBytes);
    originalBytes += isCut ? field.bytes : 0;
    out.piece(OWN_NAMES.get(field.key) ?? jsonPiece(`${JSON.stringify(field.key)}:`));
    out.text(text);
    out.byte(COMMA);
  }
  context.writeProperties(out, request);
  if (originalBytes > 0) {
    out.json(`"truncated":"true","originalBytes":"${originalBytes}",`);
  }
  // The last comma.
  out.cut(Math.max(start, out.length - 1));
}

function anyProperties(
  { fields, context, request }: PropertiesParts,
  limits: Limits,
  shortened: number,
): Record<string, string> {
  let originalBytes = shortened;
  const fitted: Record<string, string> = {};
  for (const field of fields.slice(0, limits.properties)) {
    const { text, isCut } = field.within(limits.propertyBytes);
    originalBytes += isCut ? field.bytes : 0;
    define(fitted, field.key, text);
  }
  for (const { bytes } of fields.slice(limits.properties)) {
    originalBytes += bytes;
  }
  Object.assign(fitted, context.properties(request));
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
function define(target: Record<string, string>, key: string, value: string): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

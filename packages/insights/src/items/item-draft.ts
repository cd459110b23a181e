import type { ItemContext, RequestReference } from '../context.ts';
import type { Envelope, SerializedItem, TelemetryItem } from './envelope.ts';
import { JsonBytes } from './json-bytes.ts';
import { LIMIT_STEPS, type Limits, MAX_ITEM_BYTES } from './limits.ts';
import { writeProperties } from './properties.ts';
import { type PropertyField, PropertyText } from './property-text.ts';

/**
 * Writes an item's own fields within limits, without braces.
 *
 * @returns Bytes of the texts that were too long for the limits.
 * @internal
 */
export type WriteData = (out: JsonBytes, limits: Limits) => number;

/** Everything that an item is made of. @internal */
export interface ItemParts {
  readonly envelope: Envelope;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly request: RequestReference | undefined;
  /** What caused the item: the span of the request for what happens inside. */
  readonly parentSpanId: string | undefined;
  /** Who sends it. */
  readonly context: ItemContext;
  readonly texts: readonly PropertyField[];
  readonly data: WriteData;
}

/** An item whose JSON is not made yet, because some of its properties may go to a store first. @internal */
export class ItemDraft implements TelemetryItem {
  readonly #parts: ItemParts;

  constructor(parts: ItemParts) {
    this.#parts = parts;
  }

  /** When it happened. */
  get time(): Date {
    return new Date(this.#parts.time);
  }

  get requestId(): string | undefined {
    return this.#parts.request?.requestId || undefined;
  }

  /** The properties that are too long to be sent as they are. */
  get longTexts(): PropertyText[] {
    return this.#parts.texts.filter((text) => text instanceof PropertyText).filter(({ isLong }) => isLong);
  }

  /**
   * The item with something else in the place of long texts. It does not hold these texts.
   *
   * @param replacements What takes their place.
   */
  replacing(replacements: ReadonlyMap<PropertyField, PropertyField>): ItemDraft {
    const texts = this.#parts.texts.map((text) => replacements.get(text) ?? text);
    return new ItemDraft({ ...this.#parts, texts });
  }

  /** With tighter limits for as long as the item is larger than the service takes; long texts are shortened. */
  writeTo(out: JsonBytes): void {
    const start = out.length;
    for (const limits of LIMIT_STEPS) {
      out.cut(start);
      this.#writeWithin(out, limits);
      if (out.length - start <= MAX_ITEM_BYTES) {
        return;
      }
    }
  }

  serialize(): SerializedItem {
    return serialized(this);
  }

  #writeWithin(out: JsonBytes, limits: Limits): void {
    const { envelope, time, request, parentSpanId, context, texts, data } = this.#parts;
    envelope.beforeTags(out, time);
    context.writeTags(out, request, parentSpanId);
    envelope.beforeData(out);
    const shortened = data(out, limits);
    envelope.beforeProperties(out);
    writeProperties(out, { fields: texts, context, request }, limits, shortened);
    envelope.end(out);
  }
}

/** The JSON of an item as a text. @internal */
export function serialized(item: Pick<TelemetryItem, 'writeTo'>): SerializedItem {
  const bytes = bytesOf(item);
  return { json: bytes.toString('utf8'), bytes: bytes.length };
}

/** The JSON of an item as bytes. @internal */
export function bytesOf(item: Pick<TelemetryItem, 'writeTo'>): Buffer {
  const out = new JsonBytes(2048);
  item.writeTo(out);
  return out.slice(0, out.length);
}

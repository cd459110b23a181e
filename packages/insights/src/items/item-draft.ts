import type { RequestReference } from '../context.ts';
import { type Envelope, type SerializedItem, serializeWithin } from './envelope.ts';
import type { Limits } from './limits.ts';
import { fitProperties } from './properties.ts';
import type { PropertyField, PropertyText } from './property-text.ts';

/** An item's own fields within limits. @internal */
export type DataWithin = (limits: Limits) => {
  /** Bytes of the texts that were too long for the limits. */
  readonly shortened: number;
  readonly baseData: object;
};

/** Everything that an item is made of. @internal */
export interface ItemParts {
  readonly kind: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly request: RequestReference | undefined;
  readonly instrumentationKey: string;
  readonly sampleRate: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Properties that are short and always kept. */
  readonly contextProperties: Readonly<Record<string, string>>;
  readonly texts: readonly PropertyText[];
  readonly data: DataWithin;
}

/** An item whose text is not made yet, because some of its properties may go to a store first. @internal */
export class ItemDraft {
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
    return this.#parts.texts.filter(({ isLong }) => isLong);
  }

  /**
   * Makes a function that makes the item, once it is known what stands in the place of long texts. It does not hold these
   * texts.
   *
   * @param replacements What takes their place.
   */
  replacing(replacements: ReadonlyMap<PropertyText, PropertyField>): () => SerializedItem {
    const { texts, ...parts } = this.#parts;
    return serializer(
      parts,
      texts.map((text) => replacements.get(text) ?? text),
    );
  }

  /** Makes the item; long texts are shortened. */
  serialize(): SerializedItem {
    return serialize(this.#parts, this.#parts.texts);
  }
}

/** Apart from where the texts are, so that nothing holds them. */
function serializer(parts: Omit<ItemParts, 'texts'>, fields: readonly PropertyField[]): () => SerializedItem {
  return () => serialize(parts, fields);
}

function serialize(parts: Omit<ItemParts, 'texts'>, fields: readonly PropertyField[]): SerializedItem {
  const { kind, time, instrumentationKey, sampleRate, tags, contextProperties, data } = parts;
  return serializeWithin((limits): Envelope => {
    const { shortened, baseData } = data(limits);
    return {
      ver: 1,
      name: `Microsoft.ApplicationInsights.${kind}`,
      time: new Date(time).toISOString(),
      ...(sampleRate === 100 ? {} : { sampleRate }),
      iKey: instrumentationKey,
      tags,
      data: {
        baseType: `${kind}Data`,
        baseData: { ver: 2, ...baseData, properties: fitProperties(fields, contextProperties, limits, shortened) },
      },
    };
  });
}

import { MAX_PROPERTY_BYTES } from '../items/limits.ts';
import { markedPreview, type PropertyField, type PropertyText } from '../items/property-text.ts';

/** Room for previews beside the pointer, in bytes: whatever room the item has, one of them fits. */
const PREVIEW_SIZES = [5_000, 2_000, 400] as const;
/** Longest address of a document, in bytes of its JSON. */
export const MAX_URL_BYTES = 2_048;

/** What became of a document. @internal */
export type SpillOutcome =
  | { readonly url: string }
  /** Why it is not stored, in a few words. */
  | { readonly reason: string };

/**
 * A property whose whole text is on its way to the store. It keeps previews only, so that the text is free once it is
 * written.
 *
 * @internal
 */
export class SpilledText implements PropertyField {
  readonly key: string;
  readonly bytes: number;
  readonly #sha256: string;
  readonly #previews: readonly string[];
  #outcome: SpillOutcome = { reason: 'not written yet' };

  constructor(text: PropertyText, sha256: string) {
    this.key = text.key;
    this.bytes = text.bytes;
    this.#sha256 = sha256;
    this.#previews = PREVIEW_SIZES.map((size) => text.preview(size));
  }

  /** Notes what became of the document. */
  settle(outcome: SpillOutcome): void {
    this.#outcome = outcome;
  }

  within(maxBytes: number): { readonly text: string; readonly isCut: boolean } {
    const outcome = this.#outcome;
    const isStored = 'url' in outcome;
    const facts = isStored
      ? { $spilled: true, url: outcome.url, bytes: this.bytes, sha256: this.#sha256 }
      : { $truncated: true, $spillFailed: true, reason: outcome.reason, bytes: this.bytes };
    const preview = (room: number) => this.#previews.find((text) => Buffer.byteLength(text) <= room);
    return { text: markedPreview(facts, { preview }, Math.min(maxBytes, MAX_PROPERTY_BYTES)), isCut: !isStored };
  }
}

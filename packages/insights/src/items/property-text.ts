import type { SpilledKind } from '../spill/trace-spill.ts';
import { MAX_PROPERTY_BYTES } from './limits.ts';
import { shortenJson } from './shorten-json.ts';

/** Longer texts are not taken apart for their preview: that would hold up the program. In characters. */
const MAX_PARSED_CHARACTERS = 4 * 1024 * 1024;

/** A custom property of an item, whatever room it gets. @internal */
export interface PropertyField {
  readonly key: string;
  /** Size of the whole text, in bytes of UTF-8. */
  readonly bytes: number;
  /**
   * The text within limits.
   *
   * @param maxBytes Most bytes; 256 or more.
   */
  within(maxBytes: number): { readonly text: string; readonly isCut: boolean };
}

/** Facts about a text. @internal */
export interface PropertyTextOptions {
  /** What it is. Default `property`. */
  readonly kind?: SpilledKind | undefined;
  /** The value that the text is the JSON of. Without it, the text is looked at when that is needed. */
  readonly plain?: { readonly value: unknown } | undefined;
}

/** A custom property with its whole text. @internal */
export class PropertyText implements PropertyField {
  readonly key: string;
  readonly text: string;
  readonly bytes: number;
  readonly kind: SpilledKind;
  #plain: { readonly value: unknown } | undefined;

  constructor(key: string, text: string, { kind = 'property', plain }: PropertyTextOptions = {}) {
    this.key = key;
    this.text = text;
    this.bytes = Buffer.byteLength(text);
    this.kind = kind;
    this.#plain = plain;
  }

  /** Whether it is longer than a property may be. */
  get isLong(): boolean {
    return this.bytes > MAX_PROPERTY_BYTES;
  }

  /** Whether the text is JSON, as far as it is known; very long texts are judged by their start. */
  get isJson(): boolean {
    return this.text.length > MAX_PARSED_CHARACTERS ? startsAsJson(this.text) : this.#read().value !== this.text;
  }

  within(maxBytes: number): { readonly text: string; readonly isCut: boolean } {
    return this.bytes <= maxBytes
      ? { text: this.text, isCut: false }
      : { text: markedPreview({ $truncated: true, bytes: this.bytes }, this, maxBytes), isCut: true };
  }

  /** The JSON of a shorter value, see {@link shortenJson}. */
  preview(maxBytes: number): string {
    return shortenJson(this.#read().value, maxBytes);
  }

  #read(): { readonly value: unknown } {
    this.#plain ??= { value: parsed(this.text) };
    return this.#plain;
  }
}

/**
 * A document that stands for a text: its facts, and a preview in what room they leave.
 *
 * @param facts Go before the preview; never shortened.
 * @internal
 */
export function markedPreview(
  facts: Readonly<Record<string, unknown>>,
  source: { preview(maxBytes: number): string | undefined },
  maxBytes: number,
): string {
  const head = JSON.stringify(facts);
  const left = maxBytes - Buffer.byteLength(head) - ',"preview":'.length;
  const preview = left < 4 ? undefined : source.preview(left);
  return preview === undefined ? head : `${head.slice(0, -1)},"preview":${preview}}`;
}

function parsed(text: string): unknown {
  if (text.length <= MAX_PARSED_CHARACTERS && startsAsJson(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // A text like any other.
    }
  }
  return text;
}

function startsAsJson(text: string): boolean {
  return /^\s*[[{"]/.test(text);
}

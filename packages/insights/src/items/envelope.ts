import type { Limits } from './limits.ts';
import { LIMIT_STEPS, MAX_ITEM_BYTES } from './limits.ts';

/** One telemetry item in the form of the wire. @internal */
export interface Envelope {
  readonly ver: 1;
  readonly name: string;
  readonly time: string;
  /** Share of the items that is sent, in percent; left out for all. */
  readonly sampleRate?: number;
  readonly iKey: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: { readonly baseType: string; readonly baseData: object };
}

/** An item ready to be sent. @internal */
export interface SerializedItem {
  readonly json: string;
  readonly bytes: number;
}

/**
 * Makes the JSON of an item, built with tighter limits for as long as it is larger than the service takes.
 *
 * @param build Builds the item within limits.
 * @internal
 */
export function serializeWithin(build: (limits: Limits) => Envelope): SerializedItem {
  let item: SerializedItem = { json: '', bytes: Number.POSITIVE_INFINITY };
  for (const limits of LIMIT_STEPS) {
    const json = JSON.stringify(build(limits));
    item = { json, bytes: Buffer.byteLength(json) };
    if (item.bytes <= MAX_ITEM_BYTES) {
      break;
    }
  }
  return item;
}

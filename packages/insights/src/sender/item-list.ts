import type { SerializedItem } from '../items/envelope.ts';

/** Items that go out together. @internal */
export interface ItemList {
  readonly length: number;
  /** Their JSON list. To be used at once: the bytes may be written over when the items are settled. */
  body(): Buffer;
}

/** Items that are texts as a list. @internal */
export function itemList(items: readonly SerializedItem[]): ItemList {
  return { length: items.length, body: () => Buffer.from(`[${textOf(items)}]`) };
}

/** A list with more items at its end. @internal */
export function withMore(list: ItemList, more: readonly SerializedItem[]): ItemList {
  if (more.length === 0 || list.length === 0) {
    return more.length === 0 ? list : itemList(more);
  }
  return {
    length: list.length + more.length,
    body: () => Buffer.concat([list.body().subarray(0, -1), Buffer.from(`,${textOf(more)}]`)]),
  };
}

/** The indices of all items. @internal */
export function indicesOf({ length }: ItemList): Set<number> {
  return new Set(Array.from({ length }, (_, index) => index));
}

function textOf(items: readonly SerializedItem[]): string {
  return items.map(({ json }) => json).join(',');
}

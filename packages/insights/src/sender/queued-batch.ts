import type { SerializedItem } from '../items/envelope.ts';
import type { ItemList } from './item-list.ts';
import type { ItemPage } from './item-page.ts';

/** Items of a page that stand next to each other. @internal */
export interface PagePart {
  readonly page: ItemPage;
  /** Index of the first item. */
  from: number;
  /** Index after the last one. */
  to: number;
}

/** Items that were taken from a queue. @internal */
export class QueuedBatch implements ItemList {
  readonly parts: readonly Readonly<PagePart>[];
  readonly length: number;
  /** Size of the JSON of the items. */
  readonly bytes: number;

  constructor(parts: readonly Readonly<PagePart>[], length: number, bytes: number) {
    this.parts = parts;
    this.length = length;
    this.bytes = bytes;
  }

  /** The page that it is all of, if there is one. */
  get wholePage(): ItemPage | undefined {
    const [part] = this.parts;
    return part !== undefined && this.parts.length === 1 && part.from === 0 && part.to === part.page.length
      ? part.page
      : undefined;
  }

  /** Places of the first and the last item in the order of all items. */
  get range(): { readonly first: number; readonly last: number } {
    const [first] = this.parts;
    const last = this.parts.at(-1);
    return {
      first: first === undefined ? Number.POSITIVE_INFINITY : first.page.sequenceAt(first.from),
      last: last === undefined ? Number.NEGATIVE_INFINITY : last.page.sequenceAt(last.to - 1),
    };
  }

  body(): Buffer {
    const { wholePage } = this;
    return wholePage === undefined
      ? Buffer.concat([
          ...this.parts.flatMap(({ page, from, to }, index) => [
            Buffer.from(index === 0 ? '[' : ','),
            page.slice(from, to),
          ]),
          Buffer.from(']'),
        ])
      : wholePage.whole();
  }

  /** The items as texts. */
  items(): SerializedItem[] {
    return [...itemsOf(this.parts)].map(({ page, index }) => ({
      json: page.jsonAt(index),
      bytes: page.bytesAt(index),
    }));
  }
}

/** Each item of some parts. @internal */
export function* itemsOf(
  parts: readonly Readonly<PagePart>[],
): Generator<{ readonly page: ItemPage; readonly index: number }> {
  for (const { page, from, to } of parts) {
    for (let index = from; index < to; index++) {
      yield { page, index };
    }
  }
}

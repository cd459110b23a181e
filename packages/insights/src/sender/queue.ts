import type { SerializedItem, TelemetryItem } from '../items/envelope.ts';
import { ItemPage } from './item-page.ts';
import { itemsOf, type PagePart, QueuedBatch } from './queued-batch.ts';

/** Bounds of a queue, or of a batch. @internal */
export interface QueueBounds {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/**
 * Items in order, bounded by number and bytes. Items that are under way count until they are settled, so that those
 * which come back always find room.
 *
 * @internal
 */
export class ItemQueue {
  readonly #bounds: QueueBounds;
  readonly #batch: QueueBounds;
  readonly #underWay = new Set<QueuedBatch>();
  #parts: PagePart[] = [];
  /** Pages that were emptied, to be filled again: new memory outside of the heap has V8 collect all of the heap. */
  #spare: ItemPage[] = [];
  #newest = 0;
  #waiting = 0;
  #waitingBytes = 0;
  #underWayItems = 0;
  #underWayBytes = 0;

  /** @param batch Limits of a batch in most cases: what is within them can be sent without being copied. */
  constructor(bounds: QueueBounds, batch: QueueBounds) {
    this.#bounds = bounds;
    this.#batch = batch;
  }

  /** Items that wait or are under way. */
  get size(): number {
    return this.#waiting + this.#underWayItems;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** How full it is, 0 to 1. */
  get fill(): number {
    const { maxItems, maxBytes } = this.#bounds;
    return Math.max(this.size / maxItems, (this.#waitingBytes + this.#underWayBytes) / maxBytes);
  }

  /** Place of the item that was added last, in the order of all items. */
  get newest(): number {
    return this.#newest;
  }

  /** Place of the oldest item that is not settled; infinite when all are. */
  get oldest(): number {
    let oldest = this.#oldestWaiting;
    for (const { range } of this.#underWay) {
      oldest = Math.min(oldest, range.first);
    }
    return oldest;
  }

  /** @returns Whether there was room. Throws what writing the item throws. */
  add(item: TelemetryItem): boolean {
    const { maxItems, maxBytes } = this.#bounds;
    if (this.size >= maxItems) {
      return false;
    }
    let part = this.#openPart();
    let bytes = part.page.write(item);
    if (this.#waitingBytes + this.#underWayBytes + bytes > maxBytes) {
      return false;
    }
    if (part.page.length > 0 && part.page.bytes + bytes + 1 > this.#batch.maxBytes) {
      part = this.#addPart();
      bytes = part.page.write(item);
    }
    this.#newest += 1;
    part.page.keep(this.#newest);
    part.to += 1;
    this.#waiting += 1;
    this.#waitingBytes += bytes;
    return true;
  }

  /** Takes the oldest items, at least one when there is one, and counts them as under way. */
  takeBatch({ maxItems, maxBytes }: QueueBounds): QueuedBatch {
    const taken: PagePart[] = [];
    let count = 0;
    let bytes = 0;
    for (let part = this.#parts[0]; part !== undefined; part = this.#parts[0]) {
      const { page, from } = part;
      let to = from;
      // One more for the comma or bracket.
      while (to < part.to && count < maxItems && (count === 0 || bytes + count + page.bytesAt(to) + 1 <= maxBytes)) {
        bytes += page.bytesAt(to);
        count += 1;
        to += 1;
      }
      if (to > from) {
        taken.push({ page, from, to });
      }
      if (to < part.to) {
        part.from = to;
        break;
      }
      this.#parts.shift();
    }
    const batch = new QueuedBatch(taken, count, bytes);
    if (count > 0) {
      this.#underWay.add(batch);
      this.#underWayItems += count;
      this.#underWayBytes += bytes;
      this.#waiting -= count;
      this.#waitingBytes -= bytes;
    }
    return batch;
  }

  /**
   * Ends the way of a batch; what comes back takes its place in the order again.
   *
   * @param back Indices in the batch.
   */
  settle(batch: QueuedBatch, back: ReadonlySet<number>): void {
    if (!this.#underWay.delete(batch)) {
      return;
    }
    this.#underWayItems -= batch.length;
    this.#underWayBytes -= batch.bytes;
    if (back.size === 0) {
      this.#reuse(batch.wholePage);
      return;
    }
    const returned = back.size === batch.length ? batch : someOf(batch, back);
    const isInOrder = returned.range.last <= this.#oldestWaiting;
    this.#waiting += returned.length;
    this.#waitingBytes += returned.bytes;
    this.#parts.unshift(...returned.parts);
    if (!isInOrder) {
      // Batches that went side by side come back in any order.
      this.#parts = inOrder(this.#parts);
    }
  }

  /** Has what is under way wait again, in its place in the order. */
  recall(): void {
    this.#parts = inOrder([...this.#partsUnderWay(), ...this.#parts]);
    this.#waiting += this.#underWayItems;
    this.#waitingBytes += this.#underWayBytes;
    this.#forgetUnderWay();
  }

  /** Empties the queue, up to a place in the order. @returns The items that waited, oldest first. */
  clear(newest = Number.POSITIVE_INFINITY): readonly SerializedItem[] {
    const all = new QueuedBatch(this.#parts, this.#waiting, this.#waitingBytes);
    const places = [...itemsOf(this.#parts)].map(({ page, index }) => page.sequenceAt(index));
    const count = places.filter((place) => place <= newest).length;
    const items = all.items();
    const rest = new Set(places.flatMap((place, index) => (place > newest ? [index] : [])));
    const left = someOf(all, rest);
    this.#parts = left.length === 0 ? [] : [...left.parts];
    this.#waiting = left.length;
    this.#waitingBytes = left.bytes;
    return items.slice(0, count);
  }

  /** Empties the queue, of what is under way too. @returns The items, oldest first. */
  clearAll(): readonly SerializedItem[] {
    this.recall();
    return this.clear();
  }

  get #oldestWaiting(): number {
    const [part] = this.#parts;
    // The part that is filled next may be empty.
    return part === undefined || this.#waiting === 0 ? Number.POSITIVE_INFINITY : part.page.sequenceAt(part.from);
  }

  /** The part that an item is added to. */
  #openPart(): PagePart {
    const last = this.#parts.at(-1);
    const isOpen = last !== undefined && last.to === last.page.length && last.to < this.#batch.maxItems;
    return isOpen ? last : this.#addPart();
  }

  #addPart(): PagePart {
    const part = { page: this.#spare.pop() ?? new ItemPage(), from: 0, to: 0 };
    this.#parts.push(part);
    return part;
  }

  #reuse(page: ItemPage | undefined): void {
    const spareBytes = this.#spare.reduce((sum, { capacity }) => sum + capacity, 0);
    const { maxBytes } = this.#bounds;
    if (page !== undefined && this.#waitingBytes + this.#underWayBytes + spareBytes + page.capacity <= maxBytes) {
      page.clear();
      this.#spare.push(page);
    }
    if (this.size === 0) {
      // It was a rush: one page is enough for the next one to begin.
      this.#spare.length = Math.min(this.#spare.length, 1);
    }
  }

  #partsUnderWay(): Readonly<PagePart>[] {
    return [...this.#underWay].flatMap(({ parts }) => parts);
  }

  #forgetUnderWay(): void {
    this.#underWay.clear();
    this.#underWayItems = 0;
    this.#underWayBytes = 0;
  }
}

/** Copies of some items of a batch. */
function someOf(batch: QueuedBatch, indices: ReadonlySet<number>): QueuedBatch {
  const page = new ItemPage();
  let at = 0;
  let bytes = 0;
  for (const { page: from, index } of itemsOf(batch.parts)) {
    if (indices.has(at)) {
      page.addFrom(from, index);
      bytes += from.bytesAt(index);
    }
    at += 1;
  }
  return new QueuedBatch([{ page, from: 0, to: page.length }], page.length, bytes);
}

/** Copies of all items, in the order of all. */
function inOrder(parts: readonly Readonly<PagePart>[]): PagePart[] {
  const page = new ItemPage();
  const items = [...itemsOf(parts)].sort(
    (one, other) => one.page.sequenceAt(one.index) - other.page.sequenceAt(other.index),
  );
  for (const item of items) {
    page.addFrom(item.page, item.index);
  }
  return page.length === 0 ? [] : [{ page, from: 0, to: page.length }];
}

import type { SerializedItem } from '../items/envelope.ts';

/** An item that waits, with its place in the order of all items. @internal */
export interface QueuedItem extends SerializedItem {
  readonly sequence: number;
}

/** Bounds of a queue. @internal */
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
  readonly #underWay = new Set<readonly QueuedItem[]>();
  #waiting: QueuedItem[] = [];
  #waitingBytes = 0;
  #underWayItems = 0;
  #underWayBytes = 0;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  /** Items that wait or are under way. */
  get size(): number {
    return this.#waiting.length + this.#underWayItems;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** How full it is, 0 to 1. */
  get fill(): number {
    const { maxItems, maxBytes } = this.#bounds;
    return Math.max(this.size / maxItems, (this.#waitingBytes + this.#underWayBytes) / maxBytes);
  }

  /** Place of the oldest item that is not settled; infinite when all are. */
  get oldest(): number {
    let oldest = this.#waiting[0]?.sequence ?? Number.POSITIVE_INFINITY;
    for (const [first] of this.#underWay) {
      oldest = Math.min(oldest, first?.sequence ?? oldest);
    }
    return oldest;
  }

  /** @returns Whether there was room. */
  add(item: QueuedItem): boolean {
    const { maxItems, maxBytes } = this.#bounds;
    if (this.size >= maxItems || this.#waitingBytes + this.#underWayBytes + item.bytes > maxBytes) {
      return false;
    }
    this.#waiting.push(item);
    this.#waitingBytes += item.bytes;
    return true;
  }

  /** Takes the oldest items, at least one when there is one, and counts them as under way. */
  takeBatch(limits: QueueBounds): readonly QueuedItem[] {
    let bytes = 0;
    let count = 0;
    for (const item of this.#waiting) {
      // One more for the comma or bracket.
      if (count === limits.maxItems || (count > 0 && bytes + item.bytes + 1 > limits.maxBytes)) {
        break;
      }
      bytes += item.bytes + 1;
      count += 1;
    }
    const batch = this.#waiting.splice(0, count);
    if (count > 0) {
      this.#underWay.add(batch);
      this.#underWayItems += count;
      this.#underWayBytes += bytes - count;
      this.#waitingBytes -= bytes - count;
    }
    return batch;
  }

  /** Ends the way of a batch; what comes back takes its place in the order again. */
  settle(batch: readonly QueuedItem[], back: readonly QueuedItem[]): void {
    if (!this.#underWay.delete(batch)) {
      return;
    }
    this.#underWayItems -= batch.length;
    this.#underWayBytes -= sumOfBytes(batch);
    if (back.length > 0) {
      const newest = back.at(-1)?.sequence ?? 0;
      const isInOrder = newest <= (this.#waiting[0]?.sequence ?? newest);
      this.#waiting = [...back, ...this.#waiting];
      this.#waitingBytes += sumOfBytes(back);
      if (!isInOrder) {
        // Batches that went side by side come back in any order.
        this.#waiting.sort((one, other) => one.sequence - other.sequence);
      }
    }
  }

  /** Has what is under way wait again, in its place in the order. */
  recall(): void {
    const items = this.clearAll();
    this.#waiting = [...items];
    this.#waitingBytes = sumOfBytes(items);
  }

  /** Empties the queue, up to a place in the order. @returns The items that waited, oldest first. */
  clear(newest = Number.POSITIVE_INFINITY): readonly QueuedItem[] {
    const items = this.#waiting.filter(({ sequence }) => sequence <= newest);
    this.#waiting = this.#waiting.filter(({ sequence }) => sequence > newest);
    this.#waitingBytes = sumOfBytes(this.#waiting);
    return items;
  }

  /** Empties the queue, of what is under way too. @returns The items, oldest first. */
  clearAll(): readonly QueuedItem[] {
    const items = [...[...this.#underWay].flat(), ...this.clear()];
    this.#underWay.clear();
    this.#underWayItems = 0;
    this.#underWayBytes = 0;
    return items.sort((one, other) => one.sequence - other.sequence);
  }
}

function sumOfBytes(items: readonly QueuedItem[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes, 0);
}

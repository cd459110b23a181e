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
  #waiting: QueuedItem[] = [];
  #underWay: readonly QueuedItem[] = [];
  #waitingBytes = 0;
  #underWayBytes = 0;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  /** Items that wait or are under way. */
  get size(): number {
    return this.#waiting.length + this.#underWay.length;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Place of the oldest item that is not settled; infinite when all are. */
  get oldest(): number {
    return this.#underWay[0]?.sequence ?? this.#waiting[0]?.sequence ?? Number.POSITIVE_INFINITY;
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
    this.#underWay = this.#waiting.splice(0, count);
    this.#underWayBytes = bytes - count;
    this.#waitingBytes -= this.#underWayBytes;
    return this.#underWay;
  }

  /** Ends the way of the batch; what comes back is the oldest again. */
  settle(back: readonly QueuedItem[]): void {
    this.#underWay = [];
    this.#underWayBytes = 0;
    this.#waiting.unshift(...back);
    this.#waitingBytes += back.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Empties the queue. @returns How many items waited. */
  clear(): number {
    const count = this.#waiting.length;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return count;
  }
}

/** Where an item stands. */
const PLACE = Symbol('place');

interface Placed {
  [PLACE]?: number | undefined;
}

/**
 * Objects that come and go by the thousand in a second. A `Set` writes a new table every few of them, and the old ones keep
 * what they held alive until the whole heap is collected: connections with all their buffers. An object is in one at most.
 */
export class OpenItems<T extends object> implements Iterable<T> {
  readonly #items: (T & Placed)[] = [];

  /** How many there are. */
  get size(): number {
    return this.#items.length;
  }

  /** Adds an object; it must not be there. */
  add(item: T & Placed): void {
    item[PLACE] = this.#items.push(item) - 1;
  }

  /** Takes an object out, if it is there. */
  delete(item: T & Placed): void {
    const place = item[PLACE];
    if (place === undefined) {
      return;
    }
    item[PLACE] = undefined;
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      last[PLACE] = place;
      this.#items[place] = last;
    }
  }

  /** Those that are there now; others may come and go meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.#items][Symbol.iterator]();
  }
}

import { hash } from 'node:crypto';

/**
 * Remembers ids that are no call numbers, as the first 64 bits of their SHA-256: about 16 bytes each, however long they
 * are. That two different ones of ten million meet has odds of about 1 to 400,000.
 */
export class IdSet {
  #table = new BigUint64Array(1024);
  #size = 0;

  /**
   * Adds an id.
   *
   * @returns Whether it is new.
   */
  add(id: string): boolean {
    // Zero marks what is free.
    const key = BigInt(`0x${hash('sha256', id).slice(0, 16)}`) || 1n;
    if (!insert(this.#table, key)) {
      return false;
    }
    this.#size += 1;
    if (this.#size * 2 > this.#table.length) {
      this.#grow();
    }
    return true;
  }

  #grow(): void {
    const larger = new BigUint64Array(this.#table.length * 2);
    for (const key of this.#table) {
      if (key !== 0n) {
        insert(larger, key);
      }
    }
    this.#table = larger;
  }
}

function insert(table: BigUint64Array, key: bigint): boolean {
  const mask = table.length - 1;
  for (let at = Number(key & BigInt(mask)); ; at = (at + 1) & mask) {
    if (table[at] === key) {
      return false;
    }
    if (table[at] === 0n) {
      table[at] = key;
      return true;
    }
  }
}

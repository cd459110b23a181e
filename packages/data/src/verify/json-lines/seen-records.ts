import { IdSet } from '../id-set.ts';

/** Remembers the ids of the records of a collection, and those of their calls: 32 to 64 bytes a record. */
export class SeenRecords {
  readonly #records = new IdSet();
  readonly #calls = new IdSet();

  /** Whether a record with this id is the first. */
  isNewRecord(id: string): boolean {
    return this.#records.add(id);
  }

  /** Whether a call with this id is the first. */
  isNewCall(id: string): boolean {
    return this.#calls.add(id);
  }
}

import { createHash } from 'node:crypto';
import type { JoinedRow } from '../join/join-summary.ts';
import type { TrainingSetOptions } from './training-options.ts';

/** Tells which part of a training set a row belongs to. */
export class Split {
  /** Names of the parts. */
  readonly parts: readonly string[];
  readonly #ends: readonly number[];
  readonly #by: 'correlationId' | 'userCorrelationId';
  #id: string | undefined;
  #part = '';

  /** @param options The shares, checked. */
  constructor({ split = { data: 1 }, splitBy = 'correlationId' }: TrainingSetOptions) {
    this.parts = Object.keys(split);
    let end = 0;
    this.#ends = Object.values(split).map((share) => {
      end += share;
      return end;
    });
    this.#by = splitBy;
  }

  /** The part of a row. */
  partOf(row: JoinedRow<object | null, object | null>): string {
    const id = row[this.#by] || row.correlationId;
    // Rows of a call come together.
    if (id !== this.#id) {
      this.#id = id;
      const place = this.parts.length === 1 ? 0 : fractionOf(id);
      const index = this.#ends.findIndex((end) => place < end);
      this.#part = this.parts.at(index) ?? '';
    }
    return this.#part;
  }
}

/** A fraction of 1, the same for an id at all times. */
function fractionOf(id: string): number {
  return createHash('sha256').update(id, 'utf8').digest().readUIntBE(0, 6) / 2 ** 48;
}

import type { ColumnType } from '../rows/column-batch.ts';

/** A value as it is written. */
export type TrainingCell = string | number | bigint | boolean | Date | null;

const INT64_MAX = 2n ** 63n - 1n;

/** Finds out what type a column has, from all of its values. */
export class CellColumn {
  readonly #kinds = new Set<'number' | 'bigint' | 'boolean' | 'date' | 'string'>();
  #isWhole = true;

  /** Takes a value of any kind; objects become JSON. */
  add(value: unknown): TrainingCell {
    switch (typeof value) {
      case 'number':
        this.#kinds.add('number');
        this.#isWhole &&= Number.isSafeInteger(value) && !Object.is(value, -0);
        return value;
      case 'bigint':
        this.#kinds.add(value <= INT64_MAX && value >= -INT64_MAX - 1n ? 'bigint' : 'string');
        return value;
      case 'boolean':
      case 'string':
        this.#kinds.add(typeof value as 'boolean' | 'string');
        return value;
      case 'undefined':
      case 'function':
      case 'symbol':
        return null;
      case 'object':
        return value === null ? null : this.#addObject(value);
    }
    return null;
  }

  /**
   * The type: numbers are `float64`; values of several kinds, and a column without any value, are texts.
   */
  get type(): ColumnType {
    const [kind, ...others] = this.#kinds;
    if (kind === undefined || others.length > 0) {
      return 'string';
    }
    return ({ number: 'float64', bigint: 'int64', boolean: 'boolean', date: 'timestamp', string: 'string' } as const)[
      kind
    ];
  }

  /** Whether all numbers are whole: in CSV they then show no point, in no part; else all of them do. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  #addObject(value: object): TrainingCell {
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) {
        return null;
      }
      this.#kinds.add('date');
      return value;
    }
    this.#kinds.add('string');
    return JSON.stringify(value) ?? null;
  }
}

/** A value as text. */
export function cellText(value: TrainingCell): string | null {
  if (value === null || typeof value === 'string') {
    return value;
  }
  return value instanceof Date ? value.toISOString() : Object.is(value, -0) ? '-0.0' : String(value);
}

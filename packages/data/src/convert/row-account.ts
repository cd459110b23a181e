import { createHash } from 'node:crypto';
import { type CellValue, inferCell } from '../rows/cell-types.ts';
import { isCallColumn } from '../rows/correlation-columns.ts';
import type { ConversionLoss, ConversionManifest } from './convert-options.ts';

interface ColumnAccount {
  readonly types: Set<string>;
  nulls: number;
  emptyTexts: number;
  otherValues: number;
  brokenTexts: number;
}

/** Counts rows, and sums up what they hold. */
export class RowHash {
  #rows = 0;
  readonly #hash = createHash('sha256');

  /** Number of rows. */
  get rows(): number {
    return this.#rows;
  }

  /** Adds a row by the names and texts of its cells. */
  add(names: readonly string[], texts: readonly string[]): void {
    this.#rows += 1;
    this.#hash.update(`${JSON.stringify([names, texts])}\n`);
  }

  /** The hash, lower-case hexadecimal. Nothing can be added behind it. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** The text of a cell as it is written, before quotes. */
export function cellText(value: CellValue | undefined): string {
  return value === null || value === undefined
    ? ''
    : typeof value === 'string'
      ? value.replace(/\p{Surrogate}/gu, '\uFFFD')
      : value instanceof Date
        ? value.toISOString()
        : String(value);
}

/** Which columns there are, and what the new layout cannot tell of them. */
export class ColumnAccounts {
  readonly #columns = new Map<string, ColumnAccount>();

  /** Looks at a cell, and at the text that is written for it. */
  see(name: string, value: CellValue | undefined, text: string): void {
    const account = this.#of(name);
    if (value === null || value === undefined) {
      account.nulls += 1;
      return;
    }
    account.types.add(typeof value);
    if (isCallColumn(name)) {
      // Always a text for every reader.
      return;
    }
    if (value === '') {
      account.emptyTexts += 1;
      return;
    }
    account.brokenTexts += typeof value === 'string' && text !== value ? 1 : 0;
    const known = inferCell(text);
    account.otherValues += Object.is(known, typeof value === 'string' ? text : value) ? 0 : 1;
  }

  /** The columns, for the manifest. */
  columns(): ConversionManifest['columns'] {
    return [...this.#columns].map(([name, { types, nulls }]) => ({ name, types: [...types].sort(), nulls }));
  }

  /** The losses, for the manifest. */
  losses(): ConversionLoss[] {
    return [...this.#columns]
      .map(([column, { emptyTexts, otherValues, brokenTexts }]) => ({ column, emptyTexts, otherValues, brokenTexts }))
      .filter(({ emptyTexts, otherValues, brokenTexts }) => emptyTexts + otherValues + brokenTexts > 0);
  }

  #of(name: string): ColumnAccount {
    const known = this.#columns.get(name);
    if (known !== undefined) {
      return known;
    }
    const made = { types: new Set<string>(), nulls: 0, emptyTexts: 0, otherValues: 0, brokenTexts: 0 };
    this.#columns.set(name, made);
    return made;
  }
}

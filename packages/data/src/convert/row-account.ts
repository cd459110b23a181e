import { createHash } from 'node:crypto';
import { CORRELATION_COLUMNS } from '@azureml-ts/monitoring/format';
import type { CellValue } from '../rows/cell-types.ts';
import type { ConversionLoss, ConversionManifest } from './convert-options.ts';
import type { ConvertRow } from './convert-rows.ts';

/** The columns and texts of a row as they are compared: its features, then those of its call. */
export function rowTexts({ names, texts, call }: ConvertRow): { names: string[]; texts: string[] } {
  return {
    names: [...names, ...CORRELATION_COLUMNS],
    texts: [...texts, call.id, call.userCorrelationId, call.scoringTimestamp, call.requestId],
  };
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
  add(row: ConvertRow): void {
    this.#rows += 1;
    const { names, texts } = rowTexts(row);
    this.#hash.update(`${JSON.stringify([names, texts])}\n`);
  }

  /** The hash, lower-case hexadecimal. Nothing can be added behind it. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** What the new layout cannot tell of a cell. */
export type Loss = 'emptyTexts' | 'otherValues' | undefined;

/** What a column holds, and what the new layout cannot tell of it. */
export class ColumnAccount {
  readonly #types = new Set<string>();
  #nulls = 0;
  readonly #losses = { emptyTexts: 0, otherValues: 0, brokenTexts: 0 };

  /** Looks at a cell. */
  see(value: CellValue, loss: Loss): void {
    if (value === null) {
      this.#nulls += 1;
      return;
    }
    this.#types.add(value instanceof Date ? 'date' : typeof value);
    if (loss !== undefined) {
      this.#losses[loss] += 1;
    }
    if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
      this.#losses.brokenTexts += 1;
    }
  }

  /** What it holds, for the manifest. */
  summary(name: string): ConversionManifest['columns'][number] {
    return { name, types: [...this.#types].sort(), nulls: this.#nulls };
  }

  /** Its losses, for the manifest; `undefined` when there are none. */
  losses(column: string): ConversionLoss | undefined {
    const isLossy = Object.values(this.#losses).some((count) => count > 0);
    return isLossy ? { column, ...this.#losses } : undefined;
  }
}

/** The accounts of all columns, in the order in which they first appear. */
export class ColumnAccounts {
  readonly #columns = new Map<string, ColumnAccount>();

  /** The account of a column. */
  of(name: string): ColumnAccount {
    const known = this.#columns.get(name) ?? new ColumnAccount();
    this.#columns.set(name, known);
    return known;
  }

  /** The columns, for the manifest. */
  columns(): ConversionManifest['columns'] {
    return [...this.#columns].map(([name, account]) => account.summary(name));
  }

  /** The losses, for the manifest. */
  losses(): ConversionLoss[] {
    return [...this.#columns].flatMap(([name, account]) => account.losses(name) ?? []);
  }
}

import type { CollectedFile } from '../files/collected-file.ts';
import type { CellValue } from '../rows/cell-types.ts';
import { readRows } from '../rows/read-rows.ts';
import type { FeatureRow, RowsOptions } from '../rows/rows-options.ts';
import type { FileStore } from '../store/file-store.ts';

/** Rows of one file, of which the next can be looked at before it is taken. */
export class RowCursor {
  readonly #rows: AsyncGenerator<{ readonly rows: readonly FeatureRow[] }, void, undefined>;
  #chunk: readonly FeatureRow[] = [];
  #at = 0;

  /** Opens a file; nothing is read yet. */
  constructor(store: FileStore, file: CollectedFile, options: Pick<RowsOptions, 'types' | 'abortSignal'>) {
    this.#rows = readRows<FeatureRow>(store, async () => [file], options);
  }

  /** The next row, which stays the next one; `undefined` at the end. */
  async peek(): Promise<FeatureRow | undefined> {
    while (this.#at >= this.#chunk.length) {
      const next = await this.#rows.next();
      if (next.done === true) {
        return undefined;
      }
      this.#chunk = next.value.rows;
      this.#at = 0;
    }
    return this.#chunk[this.#at];
  }

  /** Rows that are in memory, from the next one, as long as they have these columns; they are taken. */
  take(names: readonly string[]): FeatureRow[] {
    const start = this.#at;
    while (this.#at < this.#chunk.length && hasColumns(this.#chunk[this.#at] as FeatureRow, names)) {
      this.#at += 1;
    }
    return this.#chunk.slice(start, this.#at);
  }

  /** Ends the reading. */
  async close(): Promise<void> {
    await this.#rows.return();
  }
}

function hasColumns(row: Readonly<Record<string, CellValue>>, names: readonly string[]): boolean {
  const own = Object.keys(row);
  return own.length === names.length && own.every((name, at) => name === names[at]);
}

import type { SpoolFile } from '../join/spool-file.ts';
import { type SpoolFolder, spooling } from '../join/spool-folder.ts';
import type { TrainingCell } from './cell-column.ts';

/** Rows of one part that are in memory; more of them wait in a temporary file. */
const MEMORY_ROWS = 4096;
const BLOCK_ROWS = 512;

/** The rows of one part, until the types of the columns are known. */
export class RowSpool {
  readonly #folder: SpoolFolder;
  #file: SpoolFile | undefined;
  #rows: TrainingCell[][] = [];
  #count = 0;

  /** @param folder Where rows wait that are too many for memory. */
  constructor(folder: SpoolFolder) {
    this.#folder = folder;
  }

  /** How many rows there are. */
  get rowCount(): number {
    return this.#count;
  }

  /** Takes a row. */
  async add(row: TrainingCell[]): Promise<void> {
    this.#rows.push(row);
    this.#count += 1;
    if (this.#rows.length === MEMORY_ROWS) {
      await spooling(async () => {
        this.#file ??= await this.#folder.file();
        for (let at = 0; at < this.#rows.length; at += BLOCK_ROWS) {
          await this.#file.append(this.#rows.slice(at, at + BLOCK_ROWS));
        }
      });
      this.#rows = [];
    }
  }

  /** Gives all rows in their order, some at a time. */
  async *read(): AsyncGenerator<TrainingCell[][], void, undefined> {
    if (this.#file !== undefined) {
      await this.#file.finish();
      yield* this.#file.read<TrainingCell[]>();
    }
    for (let at = 0; at < this.#rows.length; at += BLOCK_ROWS) {
      yield this.#rows.slice(at, at + BLOCK_ROWS);
    }
  }
}

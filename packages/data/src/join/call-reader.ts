import type { CallRow } from '../rows/read-rows.ts';
import type { SideChunk } from './join-side.ts';
import { SeenCalls } from './seen-calls.ts';

/** The rows of one `collect` call: they stand together in one file. */
export interface Call<T extends object> {
  /** Its id; empty when the rows have none. */
  readonly id: string;
  /** UTC day of its file. */
  readonly day: string;
  /** Its file. */
  readonly path: string;
  /** Version of the model. */
  readonly modelVersion: string;
  /** Its rows in order. */
  readonly rows: CallRow<T>[];
  /** Whether rows with this id already stood elsewhere. */
  readonly isRepeated: boolean;
}

/** Reads one side of a join call by call. */
export class CallReader<T extends object> {
  readonly #chunks: AsyncGenerator<SideChunk<T>, void, undefined>;
  readonly #seen = new SeenCalls();
  #chunk: SideChunk<T> | undefined;
  #at = 0;
  #isStarted = false;

  /** @param chunks The rows of the side. */
  constructor(chunks: AsyncGenerator<SideChunk<T>, void, undefined>) {
    this.#chunks = chunks;
  }

  /** Scoring time of the row that comes next: empty before the start, `undefined` at the end. */
  get time(): string | undefined {
    return this.#isStarted ? this.#row?.call.scoringTimestamp : '';
  }

  /** UTC day of the file that is read: empty before the start, `undefined` at the end. */
  get day(): string | undefined {
    return this.#isStarted ? this.#chunk?.day : '';
  }

  /** Takes the next call; `undefined` at the end. */
  async next(): Promise<Call<T> | undefined> {
    if (!this.#isStarted) {
      await this.#load();
      this.#isStarted = true;
    }
    const first = this.#row;
    if (first === undefined) {
      return undefined;
    }
    const { path = '', day = '', modelVersion = '' } = this.#chunk ?? {};
    const { id } = first.call;
    const rows: CallRow<T>[] = [];
    for (let row: CallRow<T> | undefined = first; row !== undefined; row = this.#row) {
      rows.push(row);
      this.#at += 1;
      if (this.#row === undefined) {
        await this.#load();
      }
      // Without an id nothing says that two rows belong together.
      if (id === '' || this.#row?.call.id !== id || this.#chunk?.path !== path) {
        break;
      }
    }
    return { id, day, path, modelVersion, rows, isRepeated: id !== '' && !this.#seen.add(id, day) };
  }

  /** Forgets long ids of days before this one. */
  forgetBefore(day: string): void {
    this.#seen.forgetBefore(day);
  }

  /** Stops reading. */
  async close(): Promise<void> {
    await this.#chunks.return();
  }

  get #row(): CallRow<T> | undefined {
    return this.#chunk?.rows[this.#at];
  }

  async #load(): Promise<void> {
    const { value } = await this.#chunks.next();
    this.#chunk = value ?? undefined;
    this.#at = 0;
  }
}

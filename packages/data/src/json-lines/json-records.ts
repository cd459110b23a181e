import type { BadRecord } from '../rows/bad-record.ts';
import { FileRecords } from '../rows/file-records.ts';
import type { RecordBlock } from '../scan/record-block.ts';
import type { JsonBlock } from './json-block.ts';
import type { JsonColumns } from './json-columns.ts';

/**
 * The rows of a JSON Lines file that have the same columns. Every row of a block is one: what is bad was told of before,
 * and its number is that of its line.
 */
export class JsonRecords extends FileRecords {
  readonly #columns: JsonColumns;
  readonly #main: FileRecords;
  #line = 0;

  /**
   * @param main Is told of what is wrong, for the whole file.
   * @param columns The columns.
   */
  constructor(main: FileRecords, columns: JsonColumns) {
    super(main.file, undefined, undefined);
    this.#main = main;
    this.#columns = columns;
  }

  /** See {@link FileRecords.columns}. */
  override get columns(): JsonColumns {
    return this.#columns;
  }

  /** Number of the line whose row was looked at last. */
  override get number(): number {
    return this.#line;
  }

  /** See {@link FileRecords.accept}. */
  override accept(block: RecordBlock, record: number): boolean {
    this.#line = (block as JsonBlock).lines[record] ?? 0;
    return true;
  }

  /** See {@link FileRecords.again}. */
  override again(): void {
    // The number is that of the line, however often it is looked at.
  }

  /** See {@link FileRecords.takeRetry}. */
  override takeRetry(): undefined {
    return undefined;
  }

  /** See {@link FileRecords.rejectCell}. */
  override rejectCell(bad: BadRecord): void {
    this.#main.rejectCell(bad);
  }

  /** See {@link FileRecords.end}. */
  override end(): void {
    this.#main.end();
  }
}

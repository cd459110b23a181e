import type { RecordBlock } from '../scan/record-block.ts';
import type { Dialect } from './cell-readers.ts';
import type { Column, ColumnType } from './column-batch.ts';
import type { ColumnMemory } from './column-memory.ts';
import { TextWriter } from './text-writer.ts';
import { bytesOf, ValueWriter, valuesIn } from './value-writer.ts';

/** Rows of a block: the first cell of each. */
export interface RowCells {
  /** The records. */
  readonly block: RecordBlock;
  /** The first cell of each row. */
  readonly firstCells: Int32Array;
  /** Number of rows. */
  readonly count: number;
}

/** Gathers one column of a batch. */
export interface ColumnWriter {
  /**
   * Writes the cells of rows.
   *
   * @param rows The rows.
   * @param at Place in the batch of the first of them.
   * @param misfits Gets 1 for each row whose cell is not of the column's type.
   * @returns How many cells are not.
   */
  write(rows: RowCells, at: number, misfits: Uint8Array): number;
  /** Bytes of the texts so far; 0 for other columns. */
  readonly byteLength: number;
  /** The column, and begins anew. */
  take(rowCount: number): Column;
}

/** What a writer is made for. */
export interface ColumnPlan {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether the type was declared: more spellings of a value are then taken. */
  readonly isDeclared: boolean;
  /** Place within the record; -1 when the file lacks the column. */
  readonly index: number;
  readonly dialect: Dialect;
  /** Makes the text of the cell's text; only for strings. */
  readonly textOf?: ((text: string) => string) | undefined;
}

/**
 * Makes the writer of a column.
 *
 * @param batchRows Most rows of a batch.
 */
export function columnWriter(plan: ColumnPlan, batchRows: number, memory: ColumnMemory): ColumnWriter {
  if (plan.index === -1) {
    return new MissingWriter(plan);
  }
  return plan.type === 'string'
    ? new TextWriter(plan, batchRows, memory)
    : new ValueWriter(plan, plan.type, batchRows, memory);
}

/** A column that the file lacks. */
class MissingWriter implements ColumnWriter {
  readonly byteLength = 0;
  readonly #plan: ColumnPlan;

  constructor(plan: ColumnPlan) {
    this.#plan = plan;
  }

  write(): number {
    return 0;
  }

  take(rowCount: number): Column {
    const { name, type } = this.#plan;
    if (type === 'string') {
      return { name, type, values: new Array<null>(rowCount).fill(null) };
    }
    const values = valuesIn(type, new ArrayBuffer(rowCount * bytesOf(type)));
    return { name, type, values, nulls: new Uint8Array(rowCount).fill(1) } as Column;
  }
}

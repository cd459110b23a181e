import type { RecordBlock } from '../scan/record-block.ts';
import { cellFault } from './bad-record.ts';
import type { HeldBatch } from './batch-iterator.ts';
import type { CellType } from './cell-types.ts';
import type { ColumnType } from './column-batch.ts';
import type { ColumnMemory } from './column-memory.ts';
import { type ColumnPlan, type ColumnWriter, columnWriter, type RowCells } from './column-writer.ts';
import type { FileRecords } from './file-records.ts';
import { commonType, typeOfCell } from './infer-column.ts';
import { TypeChangeError } from './type-change.ts';
import { bytesOf } from './value-writer.ts';

/** What the types of a batch are called where cells are declared. */
const CELL_TYPES: Readonly<Record<ColumnType, CellType>> = {
  float64: 'number',
  int64: 'bigint',
  boolean: 'boolean',
  timestamp: 'date',
  string: 'string',
};

/** A batch ends when the texts of a column have more bytes. */
const MOST_BYTES = 16_777_216;
/** A batch may always have so many rows: less is no batch. */
const FEWEST_ROWS = 64;
/** Rows that are looked for, and then written, together. */
const PORTION_ROWS = 1024;

/** How the batches of a file are made. */
export interface FileBatchesOptions {
  /** Most rows of a batch. */
  readonly batchRows: number;
  /** A batch ends when its columns have more bytes together. */
  readonly batchBytes: number;
  /** Where columns are kept. */
  readonly memory: ColumnMemory;
  /** What to do when an inferred type does not hold. */
  readonly onTypeChange: 'error' | 'widen';
  /** Is told of a wider type. */
  readonly onWiden: (column: string, type: ColumnType) => void;
}

interface PlannedColumn {
  plan: ColumnPlan;
  writer: ColumnWriter;
}

/** Gathers the rows of one file in batches. */
export class FileBatches {
  readonly #records: FileRecords;
  readonly #options: FileBatchesOptions;
  readonly #columns: PlannedColumn[];
  /** Most rows of a batch. */
  readonly #batchRows: number;
  /** Bytes of a row without its texts. */
  readonly #rowBytes: number;
  /** The rows of a block that are written together, and which of their cells do not fit. */
  readonly #firstCells: Int32Array;
  readonly #places: Int32Array;
  readonly #numbers: Int32Array;
  readonly #misfits: Uint8Array;
  #rowCount = 0;

  /**
   * @param records Knows which records are rows.
   * @param plans The columns.
   */
  constructor(records: FileRecords, plans: readonly ColumnPlan[], options: FileBatchesOptions) {
    this.#records = records;
    this.#options = options;
    this.#rowBytes = plans.reduce((sum, { type }) => sum + (type === 'string' ? 4 : bytesOf(type)), 1);
    const fitting = Math.max(FEWEST_ROWS, Math.floor(options.batchBytes / this.#rowBytes));
    this.#batchRows = Math.min(options.batchRows, fitting);
    this.#columns = plans.map((plan) => ({ plan, writer: columnWriter(plan, this.#batchRows, options.memory) }));
    this.#firstCells = new Int32Array(PORTION_ROWS);
    this.#places = new Int32Array(PORTION_ROWS);
    this.#numbers = new Int32Array(PORTION_ROWS);
    this.#misfits = new Uint8Array(PORTION_ROWS);
  }

  /** The records whose rows are gathered. */
  get records(): FileRecords {
    return this.#records;
  }

  /**
   * Takes the rows of a block, and gives the batches that are full.
   *
   * @param limit Most rows to take.
   * @returns How many rows were taken.
   * @throws What is wrong with a row, after the batch of those before it.
   */
  *take(block: RecordBlock, limit: number, from = 0): Generator<HeldBatch, number, undefined> {
    let taken = 0;
    let record = from;
    while (record < block.count && taken < limit) {
      const room = Math.min(PORTION_ROWS, this.#batchRows - this.#rowCount, limit - taken);
      const portion = this.#gather(block, record, room);
      record = portion.next;
      taken += yield* this.#write(block, portion.count);
      if (portion.failure !== undefined) {
        yield* this.flush();
        throw portion.failure;
      }
      if (portion.retry !== undefined) {
        taken += yield* this.take(portion.retry, limit - taken);
      }
      if (this.#isFull()) {
        yield* this.flush();
      }
    }
    return taken;
  }

  /** The rows that are not in a batch yet. */
  *flush(): Generator<HeldBatch, void, undefined> {
    const rowCount = this.#rowCount;
    if (rowCount > 0) {
      this.#rowCount = 0;
      const columns = this.#columns.map(({ writer }) => writer.take(rowCount));
      yield { batch: { file: this.#records.file, rowCount, columns } };
      this.#options.memory.reclaim();
    }
  }

  #isFull(): boolean {
    let bytes = this.#rowCount * this.#rowBytes;
    let most = 0;
    for (const { writer } of this.#columns) {
      bytes += writer.byteLength;
      most = Math.max(most, writer.byteLength);
    }
    return this.#rowCount === this.#batchRows || bytes > this.#options.batchBytes || most > MOST_BYTES;
  }

  /** Finds the next rows of a block. */
  #gather(block: RecordBlock, from: number, most: number) {
    const records = this.#records;
    let count = 0;
    let next = from;
    try {
      while (next < block.count && count < most) {
        const record = next;
        next += 1;
        if (records.accept(block, record)) {
          this.#firstCells[count] = block.firstCells[record] as number;
          this.#places[count] = record;
          this.#numbers[count] = records.number;
          count += 1;
        } else {
          const retry = records.takeRetry();
          if (retry !== undefined) {
            return { count, next, retry };
          }
        }
      }
    } catch (failure) {
      return { count, next, failure };
    }
    return { count, next };
  }

  /** Writes the gathered rows, without those that have a cell that does not fit. */
  *#write(block: RecordBlock, gathered: number): Generator<HeldBatch, number, undefined> {
    let count = gathered;
    let written = 0;
    // Each turn either ends it, leaves out rows, or makes a column wider.
    for (;;) {
      const rows: RowCells = { block, firstCells: this.#firstCells, count };
      this.#misfits.fill(0, 0, count);
      let misfitCount = 0;
      for (const { writer } of this.#columns) {
        misfitCount += writer.write(rows, this.#rowCount, this.#misfits);
      }
      if (misfitCount === 0) {
        this.#rowCount += count;
        return written + count;
      }
      const first = this.#misfits.indexOf(1);
      const column = this.#misfitColumn(block, first);
      if (column.plan.isDeclared) {
        const { kept, failure } = this.#leaveOut(block, count);
        count = kept;
        if (failure !== undefined) {
          yield* this.#before(block, count);
          throw failure.error;
        }
        continue;
      }
      yield* this.#before(block, first);
      const { name, type: old, dialect } = column.plan;
      const cell = (this.#firstCells[first] as number) + column.plan.index;
      const type = commonType(old, typeOfCell(block, cell, dialect)) ?? 'string';
      if (this.#options.onTypeChange === 'error') {
        const text = block.text(cell);
        throw new TypeChangeError({ ...this.#placeOf(block, first), column: name, from: old, to: type, text });
      }
      column.plan = { ...column.plan, type };
      column.writer = columnWriter(column.plan, this.#batchRows, this.#options.memory);
      this.#options.onWiden(name, type);
      for (const list of [this.#firstCells, this.#places, this.#numbers]) {
        list.copyWithin(0, first, count);
      }
      count -= first;
      written += first;
    }
  }

  /** Writes the rows before one that ends the batch, and ends it. */
  *#before(block: RecordBlock, count: number): Generator<HeldBatch, void, undefined> {
    const rows: RowCells = { block, firstCells: this.#firstCells, count };
    for (const { writer } of this.#columns) {
      writer.write(rows, this.#rowCount, this.#misfits);
    }
    this.#rowCount += count;
    yield* this.flush();
  }

  /** Leaves out the rows that have a cell which is not of its declared type. */
  #leaveOut(block: RecordBlock, count: number): { kept: number; failure?: { error: unknown } } {
    let kept = 0;
    for (let row = 0; row < count; row += 1) {
      if (this.#misfits[row] === 1) {
        const column = this.#misfitColumn(block, row);
        if (column.plan.isDeclared) {
          const text = block.text((this.#firstCells[row] as number) + column.plan.index);
          const place = { ...this.#placeOf(block, row), column: column.plan.name };
          try {
            this.#records.rejectCell(cellFault(place, CELL_TYPES[column.plan.type], text));
          } catch (error) {
            return { kept, failure: { error } };
          }
          continue;
        }
      }
      this.#firstCells[kept] = this.#firstCells[row] as number;
      this.#places[kept] = this.#places[row] as number;
      this.#numbers[kept] = this.#numbers[row] as number;
      kept += 1;
    }
    return { kept };
  }

  /** The first column of a row whose cell does not fit. */
  #misfitColumn(block: RecordBlock, row: number): PlannedColumn {
    const rows: RowCells = { block, firstCells: this.#firstCells.subarray(row, row + 1), count: 1 };
    const column = this.#columns.find(({ writer }) => writer.write(rows, this.#rowCount, new Uint8Array(1)) > 0);
    if (column === undefined) {
      throw new Error('every cell of the row fits');
    }
    return column;
  }

  #placeOf(block: RecordBlock, row: number) {
    return {
      path: this.#records.file.path,
      record: this.#numbers[row] as number,
      byteOffset: block.offsetOf(this.#places[row] as number),
    };
  }
}

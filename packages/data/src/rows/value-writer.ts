import { parseInteger, writeInteger } from '../scan/parse-integer.ts';
import { readDecimal } from '../scan/parse-number.ts';
import { parseTime } from '../scan/parse-time.ts';
import { PLAIN, type RecordBlock } from '../scan/record-block.ts';
import { blockReader, READERS } from './cell-readers.ts';
import { CELL_READERS } from './cell-types.ts';
import type { Column, ColumnType } from './column-batch.ts';
import type { ColumnMemory } from './column-memory.ts';
import type { ColumnPlan, ColumnWriter, RowCells } from './column-writer.ts';
import { isInt64, isWholeDouble } from './infer-column.ts';

type Values = Float64Array<ArrayBuffer> | BigInt64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
type ValueType = Exclude<ColumnType, 'string'>;
/** Writes one cell; `false` when it is not of the type. */
type CellWriter = (values: Values, halves: Int32Array, at: number, block: RecordBlock, cell: number) => boolean;

/** What a batch is written to. */
interface Room {
  readonly values: Values;
  /** The same as 32-bit integers, of a column of 64-bit ones. */
  readonly halves: Int32Array;
  nulls: Uint8Array<ArrayBuffer> | undefined;
}

const NO_HALVES = new Int32Array(0);

/** A column of numbers, booleans or times. */
export class ValueWriter implements ColumnWriter {
  readonly byteLength = 0;
  readonly #plan: ColumnPlan;
  readonly #type: ValueType;
  readonly #batchRows: number;
  readonly #memory: ColumnMemory;
  readonly #writeCell: CellWriter;
  #room: Room | undefined;

  /** @param batchRows Most rows of a batch. */
  constructor(plan: ColumnPlan, type: ValueType, batchRows: number, memory: ColumnMemory) {
    this.#plan = plan;
    this.#type = type;
    this.#batchRows = batchRows;
    this.#memory = memory;
    this.#writeCell = CELL_WRITERS[type](plan);
  }

  /** See {@link ColumnWriter.write}. */
  write({ block, firstCells, count }: RowCells, at: number, misfits: Uint8Array): number {
    const { index, isDeclared, dialect } = this.#plan;
    // A text of JSON is none of another type, whatever it looks like.
    const isTyped = dialect === 'json' && !isDeclared;
    const { starts, ends, kinds, bytes } = block;
    const room = this.#begin();
    const { values, halves } = room;
    const writeCell = this.#writeCell;
    const isFloat = this.#type === 'float64';
    let misfitCount = 0;
    for (let row = 0; row < count; row += 1) {
      const cell = (firstCells[row] as number) + index;
      const place = at + row;
      const start = starts[cell] as number;
      const end = ends[cell] as number;
      if (start === end) {
        room.nulls ??= new Uint8Array(this.#memory.take(this.#batchRows)).fill(0);
        room.nulls[place] = 1;
        continue;
      }
      if (room.nulls !== undefined) {
        room.nulls[place] = 0;
      }
      const isRead =
        isFloat && kinds[cell] === PLAIN && readDecimal(bytes, start, end, !isDeclared, values as Float64Array, place);
      if (!isRead && ((isTyped && kinds[cell] !== PLAIN) || !writeCell(values, halves, place, block, cell))) {
        misfits[row] = 1;
        misfitCount += 1;
      }
    }
    return misfitCount;
  }

  /** See {@link ColumnWriter.take}. */
  take(rowCount: number): Column {
    const { values, nulls } = this.#begin();
    this.#room = undefined;
    const given = this.#memory.hand(values.buffer, rowCount * bytesOf(this.#type));
    const hasNulls = nulls?.subarray(0, rowCount).includes(1) === true;
    if (nulls !== undefined && !hasNulls) {
      this.#memory.giveBack(nulls.buffer);
    }
    return {
      name: this.#plan.name,
      type: this.#type,
      values: valuesIn(this.#type, given, rowCount),
      ...(nulls !== undefined && hasNulls
        ? { nulls: new Uint8Array(this.#memory.hand(nulls.buffer, rowCount), 0, rowCount) }
        : {}),
    } as Column;
  }

  #begin(): Room {
    if (this.#room === undefined) {
      const values = valuesIn(this.#type, this.#memory.take(this.#batchRows * bytesOf(this.#type)));
      const halves = this.#type === 'int64' ? new Int32Array(values.buffer) : NO_HALVES;
      this.#room = { values, halves, nulls: undefined };
    }
    return this.#room;
  }
}

/** Bytes of a value. */
export function bytesOf(type: ValueType): number {
  return type === 'boolean' ? 1 : 8;
}

/** Memory as the values of a type: so many of them, or all there is room for. */
export function valuesIn(type: ValueType, buffer: ArrayBuffer, count?: number): Values {
  switch (type) {
    case 'int64':
      return new BigInt64Array(buffer, 0, count);
    case 'boolean':
      return new Uint8Array(buffer, 0, count);
    default:
      return new Float64Array(buffer, 0, count);
  }
}

/** Makes what writes a cell that is not empty. */
const CELL_WRITERS: Readonly<Record<ValueType, (plan: ColumnPlan) => CellWriter>> = {
  float64: ({ isDeclared, dialect }) => {
    const read = blockReader(isDeclared ? 'number' : undefined, dialect);
    return (values, _, at, block, cell) => {
      const value = read(block, cell);
      const isWhole = typeof value === 'string' && isWholeDouble(value);
      values[at] = isWhole ? Number(value) : (value as number);
      return isWhole || typeof value === 'number';
    };
  },
  int64: ({ isDeclared }) => {
    return (values, halves, at, block, cell) => {
      if (block.kinds[cell] === PLAIN) {
        const value = parseInteger(block.bytes, block.starts[cell] as number, block.ends[cell] as number, !isDeclared);
        if (!Number.isNaN(value)) {
          writeInteger(halves, at, value);
          return true;
        }
      }
      const text = block.ownText(cell);
      const value = isDeclared ? CELL_READERS.bigint(text) : isInt64(text) ? BigInt(text) : undefined;
      if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) {
        return false;
      }
      values[at] = value;
      return true;
    };
  },
  boolean: ({ isDeclared, dialect }) => {
    const read = blockReader(isDeclared ? 'boolean' : undefined, dialect);
    return (values, _, at, block, cell) => {
      const value = read(block, cell);
      values[at] = value === true ? 1 : 0;
      return typeof value === 'boolean';
    };
  },
  timestamp: ({ dialect }) => {
    const read = READERS[dialect].date;
    return (values, _, at, block, cell) => {
      let time = Number.NaN;
      if (block.kinds[cell] === PLAIN) {
        time = parseTime(block.bytes, block.starts[cell] as number, block.ends[cell] as number);
      }
      if (Number.isNaN(time)) {
        const date = read(block.ownText(cell));
        time = date instanceof Date ? date.getTime() : Number.NaN;
      }
      values[at] = time;
      return !Number.isNaN(time);
    };
  },
};

import type { Cell } from '../format/csv-encode.ts';
import { copyCell } from './copy-cell.ts';
import type { CompiledFeatures } from './features.ts';

/** Texts up to this length count one byte a character: exact enough, and cheap. */
const SHORT_TEXT = 1_024;
/** Longest usual text of a number, with its comma. */
const NUMBER_BYTES = 18;

/**
 * Copies rows into cells and adds up about how many bytes they will be: this is on the way of every scored row.
 *
 * Exact enough for a limit: numbers count their longest usual text, doubled quotes are left out. What a slice really
 * takes is known as soon as it is encoded.
 */
export class RowCopier {
  /** About the bytes of the rows that were copied since this was set to 0. */
  bytes = 0;
  readonly #features: CompiledFeatures | undefined;

  /** @param features Declared types and redactions; none when rows are stored as they come. */
  constructor(features: CompiledFeatures | undefined) {
    this.#features = features;
  }

  /**
   * Copies a row of nothing but primitive values.
   *
   * @returns `undefined` when it holds an object: it may be something else than a row.
   */
  copyPrimitives(values: readonly unknown[]): Cell[] | undefined {
    if (this.#features !== undefined) {
      return values.some((value) => typeof value === 'object' && value !== null) ? undefined : this.copy(values);
    }
    const { length } = values;
    const cells = new Array<Cell>(length);
    let bytes = length * NUMBER_BYTES;
    for (let column = 0; column < length; column += 1) {
      const value = values[column];
      if (typeof value === 'string') {
        bytes += value.length <= SHORT_TEXT ? value.length : Buffer.byteLength(value);
      } else if (typeof value !== 'number' && value !== null && !isPrimitive(value)) {
        return undefined;
      }
      cells[column] = value as Cell;
    }
    this.bytes += bytes;
    return cells;
  }

  /**
   * Copies a row, with objects as their JSON text.
   *
   * @param values The values of all features, in their order.
   * @throws InvalidRows when a value cannot be a cell of its column.
   */
  copy(values: ArrayLike<unknown>): Cell[] {
    const cells: Cell[] = [];
    if (this.#features === undefined) {
      for (let column = 0; column < values.length; column += 1) {
        cells.push(this.#counted(copyCell(values[column])));
      }
      return cells;
    }
    const { convert, storedColumns } = this.#features;
    for (const column of storedColumns) {
      cells.push(this.#counted(convert[column]?.(values[column])));
    }
    return cells;
  }

  #counted(cell: Cell): Cell {
    switch (typeof cell) {
      case 'string':
        this.bytes += 1 + (cell.length <= SHORT_TEXT ? cell.length : Buffer.byteLength(cell));
        break;
      case 'number':
        this.bytes += NUMBER_BYTES;
        break;
      case 'bigint':
        this.bytes += 24;
        break;
      case 'boolean':
        this.bytes += 6;
        break;
      default:
        this.bytes += cell instanceof Date ? 25 : 1;
    }
    return cell;
  }
}

function isPrimitive(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean' || typeof value === 'bigint';
}

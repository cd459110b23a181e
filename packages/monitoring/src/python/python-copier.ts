import { types } from 'node:util';
import type { Cell } from '../format/csv-encode.ts';
import type { CompiledFeatures, Feature } from '../rows/features.ts';
import { isFloatArray } from '../rows/input-kinds.ts';
import { RowCopier } from '../rows/row-copier.ts';
import { PythonFloat, pythonFloat, pythonFloat32 } from './python-number.ts';
import { pythonRepr } from './python-repr.ts';
import { pythonTime } from './python-time.ts';

/** Texts up to this length count one byte a character. */
const SHORT_TEXT = 1_024;

/**
 * Copies rows into cells whose text is that of the Python package. What has one text only becomes that text here; what
 * depends on whether the rows are written as a data frame stays a number, a boolean or a date.
 */
export class PythonCopier extends RowCopier {
  /**
   * Whether single-precision floats are written with all digits of a double: the Python package turns rows into objects
   * when it appends the columns of the call to them.
   */
  widensSingles = false;
  readonly #compiled: CompiledFeatures | undefined;
  readonly #types: readonly (Feature['type'] | undefined)[];

  /**
   * @param compiled Declared types and redactions, ready for rows.
   * @param features The same as declared.
   */
  constructor(compiled: CompiledFeatures | undefined, features: readonly Feature[] | undefined) {
    super(compiled);
    this.#compiled = compiled;
    // A hash is a text, whatever it was made of.
    this.#types = (features ?? [])
      .filter(({ redact }) => redact !== 'drop')
      .map(({ type, redact }) => (redact === 'hash' ? undefined : type));
  }

  /** See {@link RowCopier.copyPrimitives}. */
  override copyPrimitives(values: readonly unknown[]): Cell[] | undefined {
    return values.some((value) => typeof value === 'object' && value !== null) ? undefined : this.copy(values);
  }

  /** See {@link RowCopier.copy}. */
  override copy(values: ArrayLike<unknown>): Cell[] {
    const cells: Cell[] = [];
    if (this.#compiled === undefined) {
      const isFloat = isFloatArray(values);
      const isSingle = values instanceof Float32Array;
      for (let column = 0; column < values.length; column += 1) {
        const value = values[column];
        cells.push(this.#count(isFloat ? this.#float(value as number, isSingle) : this.#cellOf(value)));
      }
      return cells;
    }
    const { convert, storedColumns } = this.#compiled;
    for (const [place, column] of storedColumns.entries()) {
      const value = values[column];
      const cell = convert[column]?.(value instanceof Number ? Number(value) : value);
      cells.push(this.#count(this.#typed(cell, this.#types[place])));
    }
    return cells;
  }

  #cellOf(value: unknown): Cell {
    if (typeof value !== 'object' || value === null) {
      if (typeof value === 'function' || typeof value === 'symbol') {
        pythonRepr(value);
      }
      return value as Cell;
    }
    if (value instanceof PythonFloat) {
      return this.#float(Number(value), value.isSingle);
    }
    if (types.isBoxedPrimitive(value)) {
      return this.#cellOf(value.valueOf());
    }
    return value instanceof Date ? new Date(value.getTime()) : pythonRepr(value);
  }

  /** An integral float has a text of its own; all others have that of a number. */
  #float(value: number, isSingle: boolean): Cell {
    if (isSingle && !this.widensSingles) {
      return Number.isNaN(value) ? value : pythonFloat32(value);
    }
    return Number.isSafeInteger(value) ? pythonFloat(value) : value;
  }

  #typed(cell: Cell, type: Feature['type'] | undefined): Cell {
    switch (type) {
      case 'float64':
        return typeof cell === 'number' ? this.#float(cell, false) : cell;
      case 'float32':
        return typeof cell === 'number' ? this.#float(cell, true) : cell;
      case 'timestamp':
        return cell instanceof Date ? `${pythonTime(cell)}+00:00` : cell;
      default:
        return cell;
    }
  }

  #count(cell: Cell): Cell {
    this.bytes +=
      typeof cell !== 'string' ? 20 : 1 + (cell.length > SHORT_TEXT ? Buffer.byteLength(cell) : cell.length);
    return cell;
  }
}

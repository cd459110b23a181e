import type { Cell } from './csv-encode.ts';
import { shortestFloat32 } from './float32.ts';

/**
 * Text of a cell of a `float64` column: the shortest that reads back as the same number, always with a point or an
 * exponent (`5.0`, `1e+21`), so that every reader takes the column for floating point; `-0.0`, `NaN`, `Infinity`.
 *
 * @param cell A number; anything else is empty.
 */
export function encodeFloat64(cell: Cell): string {
  return typeof cell === 'number' ? withPoint(cell) : '';
}

/**
 * Text of a cell of a `float32` column: as {@link encodeFloat64}, but the shortest that reads back as the same
 * single-precision number: `0.1` rather than `0.10000000149011612`.
 *
 * @param cell A number that single precision holds exactly; anything else is empty.
 */
export function encodeFloat32(cell: Cell): string {
  return typeof cell === 'number' ? withPoint(shortestFloat32(cell)) : '';
}

function withPoint(value: number): string {
  if (Object.is(value, -0)) {
    return '-0.0';
  }
  const text = String(value);
  // From 1e21 on integers have an exponent.
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${text}.0` : text;
}

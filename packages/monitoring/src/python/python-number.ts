import { shortestFloat32 } from '../format/float32.ts';

/** From here on Python writes floats with an exponent. */
const MOST_PLAIN = 1e16;
/** Below this too. */
const LEAST_PLAIN = 1e-4;
/** The same for single-precision floats of numpy. */
const MOST_PLAIN_SINGLE = 1e6;

/**
 * Text of a number of which nobody says whether it is an integer or a float: a safe integer is an integer, anything else
 * a float. `-0` is a float too, because Python has no such integer.
 */
export function pythonNumber(value: number): string {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : pythonFloat(value);
}

/** Text of a float as Python prints it: `1.0`, `-0.0`, `1e-07`, `1e+16`, `inf`, `nan`. */
export function pythonFloat(value: number): string {
  return floatText(value, value, MOST_PLAIN);
}

/**
 * Text of a single-precision float as numpy 2 prints it: the shortest that reads back as the same single, with an exponent
 * from `1e+06` on.
 */
export function pythonFloat32(value: number): string {
  const single = Math.fround(value);
  return floatText(single, shortestFloat32(single), MOST_PLAIN_SINGLE);
}

/** `digits` is the number whose shortest text is printed. */
function floatText(value: number, digits: number, mostPlain: number): string {
  const size = Math.abs(value);
  if (size >= LEAST_PLAIN && size < mostPlain) {
    return Number.isInteger(digits) ? `${digits}.0` : String(digits);
  }
  if (size === 0) {
    return Object.is(value, -0) ? '-0.0' : '0.0';
  }
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  }
  // The exponent has two digits at least.
  return digits.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/**
 * A number of an array of floats, where the array itself is not there any more: an integral one would pass for an
 * integer. Otherwise it is used as the number that it is.
 */
export class PythonFloat extends Number {
  /** Whether the array had single precision. */
  readonly isSingle: boolean;

  /**
   * @param value The number.
   * @param isSingle Whether the array had single precision.
   */
  constructor(value: number, isSingle = false) {
    super(value);
    this.isSingle = isSingle;
  }
}

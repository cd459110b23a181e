import { encodeFloat64 } from './number-text.ts';

// Shortest text of a number, written as bytes at once. String(number) and the copying of its characters cost about three
// times as much, and they are most of the work of encoding a row.
//
// The 17 digits of a fraction v are those of v * 10^k. The product is exact here: 10^k is an exact double up to 10^22, and
// the rounding error of a product of doubles is a double itself (Dekker 1971). Every decimal that is nearer to v than half
// the step to the next double reads back as v; of these the shortest is wanted, and of the shortest the nearest. Half a
// step is less than 12 units of the 17th digit, so the nearest multiples of 1, 10 and 100 are all that has to be looked at.
//
// Below a power of two the step is half as long. That makes no difference here: the fractions among them have at most 14
// digits in this range, so they are found exactly.
//
// What this arithmetic cannot decide beyond doubt is left to String: never a guess.

const LEAST_FRACTION = 1e-6;
const MOST_FRACTION = 1e16;
const MOST_INTEGER = 1e9;
/** Far above the error of the arithmetic (about 1e-8 of the 17th digit), and rarely met. */
const DOUBT = 1e-6;

const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;

const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const POWERS_UPPER = POWERS.map(upperHalf);
const POWERS_LOWER = POWERS.map((power) => power - upperHalf(power));

/** For each biased exponent of a fraction: the exponent of ten of its power of two, the next power of ten, half a step. */
const TENS = new Int8Array(2048);
const NEXT_TEN = new Float64Array(2048);
const HALF_STEP = new Float64Array(2048);
for (let exponent = 1000; exponent < 1080; exponent += 1) {
  const least = 2 ** (exponent - 1023);
  const tens = Number(least.toExponential().split('e')[1]);
  TENS[exponent] = tens;
  NEXT_TEN[exponent] = Number(`1e${tens + 1}`);
  HALF_STEP[exponent] = least * 2 ** -53;
}

/** Four digits of 0 to 9999 as they stand in the file, as one number. */
const FOUR_DIGITS = new Uint32Array(10_000);
for (let value = 0; value < 10_000; value += 1) {
  const thousands = (value / 1000) | 0;
  const hundreds = ((value / 100) | 0) % 10;
  const tens = ((value / 10) | 0) % 10;
  FOUR_DIGITS[value] = 0x30303030 + (thousands << 24) + (hundreds << 16) + (tens << 8) + (value % 10);
}

const asNumber = new Float64Array([1]);
const asWords = new Uint32Array(asNumber.buffer);
const UPPER = asWords[1] === 0 ? 0 : 1;

/**
 * Writes what `String(value)` is.
 *
 * @param bytes Where to; 40 bytes must be free, though no number is so long.
 * @param view The same memory.
 * @param at Position of the first byte.
 * @returns Position after the last byte.
 */
export function writeNumber(bytes: Uint8Array, view: DataView, at: number, value: number): number {
  if (value % 1 === 0) {
    return value > -MOST_INTEGER && value < MOST_INTEGER
      ? writeInteger(bytes, at, value)
      : writeAscii(bytes, at, String(value));
  }
  const end = writeFraction(bytes, view, at, value);
  return end === -1 ? writeAscii(bytes, at, String(value)) : end;
}

/**
 * Writes what `encodeFloat64(value)` is.
 *
 * Parameters as those of {@link writeNumber}.
 */
export function writeFloat64(bytes: Uint8Array, view: DataView, at: number, value: number): number {
  if (value % 1 !== 0) {
    return writeNumber(bytes, view, at, value);
  }
  if (!(value > -MOST_INTEGER && value < MOST_INTEGER) || Object.is(value, -0)) {
    return writeAscii(bytes, at, encodeFloat64(value));
  }
  const end = writeInteger(bytes, at, value);
  bytes[end] = DOT;
  bytes[end + 1] = ZERO;
  return end + 2;
}

function writeAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let index = 0; index < text.length; index += 1) {
    bytes[at + index] = text.charCodeAt(index);
  }
  return at + text.length;
}

function writeInteger(bytes: Uint8Array, at: number, value: number): number {
  let rest = Math.abs(value) | 0;
  let end = at;
  if (value < 0) {
    bytes[end] = MINUS;
    end += 1;
  }
  for (let left = rest; left >= 10; left = (left / 10) | 0) {
    end += 1;
  }
  for (let digit = end; ; digit -= 1) {
    const next = (rest / 10) | 0;
    bytes[digit] = ZERO + rest - next * 10;
    if (next === 0) {
      return end + 1;
    }
    rest = next;
  }
}

/** Writes a number that is no integer. @returns Position after the last byte, or -1 when it is left to String. */
function writeFraction(bytes: Uint8Array, view: DataView, start: number, signed: number): number {
  const value = Math.abs(signed);
  if (!(value >= LEAST_FRACTION && value < MOST_FRACTION)) {
    return -1;
  }
  asNumber[0] = value;
  const exponent = (asWords[UPPER] as number) >>> 20;
  const tens = (TENS[exponent] as number) + (value >= (NEXT_TEN[exponent] as number) ? 1 : 0);

  const power = 16 - tens;
  const scale = POWERS[power] as number;
  const halfStep = (HALF_STEP[exponent] as number) * scale;
  const product = value * scale;
  const valueUpper = upperHalf(value);
  const valueLower = value - valueUpper;
  const scaleUpper = POWERS_UPPER[power] as number;
  const scaleLower = POWERS_LOWER[power] as number;
  const error =
    valueUpper * scaleUpper - product + valueUpper * scaleLower + valueLower * scaleUpper + valueLower * scaleLower;

  // As two integers, of nine and eight digits, because a double has only 15.
  let upper = Math.floor(product / 1e8);
  let rest = product - upper * 1e8 + error;
  if (rest < 0) {
    upper -= 1;
    rest += 1e8;
  } else if (rest >= 1e8) {
    upper += 1;
    rest -= 1e8;
  }
  const byOnes = Math.floor(rest + 0.5);
  const byTens = Math.floor(rest * 0.1 + 0.5) * 10;
  const byHundreds = Math.floor(rest * 0.01 + 0.5) * 100;
  const fromOnes = Math.abs(rest - byOnes);
  const fromTens = Math.abs(rest - byTens);
  const fromHundreds = Math.abs(rest - byHundreds);
  if (
    fromOnes > 0.5 - DOUBT ||
    fromTens > 5 - DOUBT ||
    Math.abs(fromTens - halfStep) < DOUBT ||
    Math.abs(fromHundreds - halfStep) < DOUBT
  ) {
    return -1;
  }
  let lower = fromHundreds < halfStep ? byHundreds : fromTens < halfStep ? byTens : byOnes;
  if (lower >= 1e8) {
    lower -= 1e8;
    upper += 1;
  }
  if (upper < 1e8 || upper >= 1e9) {
    return -1;
  }
  return writeDigits(bytes, view, start, signed < 0, upper | 0, lower | 0, tens);
}

/** Writes 17 digits with the point where it belongs, without the zeros at the end. */
function writeDigits(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  isNegative: boolean,
  upper: number,
  lower: number,
  tens: number,
): number {
  let at = start;
  if (isNegative) {
    bytes[at] = MINUS;
    at += 1;
  }
  if (tens < 0) {
    bytes[at] = ZERO;
    bytes[at + 1] = DOT;
    at += 2;
    for (let zeros = tens + 1; zeros < 0; zeros += 1) {
      bytes[at] = ZERO;
      at += 1;
    }
  } else {
    // Room for the point, which the digits before it then move over.
    at += 1;
  }
  const first = (upper / 100_000_000) | 0;
  bytes[at] = ZERO + first;
  writeEightDigits(view, at + 1, upper - first * 100_000_000);
  writeEightDigits(view, at + 9, lower);
  let end = at + 17;
  if (tens >= 0) {
    at -= 1;
    for (let digit = 0; digit <= tens; digit += 1) {
      bytes[at + digit] = bytes[at + digit + 1] as number;
    }
    bytes[at + tens + 1] = DOT;
  }
  while (bytes[end - 1] === ZERO) {
    end -= 1;
  }
  return end;
}

function writeEightDigits(view: DataView, at: number, value: number): void {
  const upper = (value / 10_000) | 0;
  view.setUint32(at, FOUR_DIGITS[upper] as number);
  view.setUint32(at + 4, FOUR_DIGITS[value - upper * 10_000] as number);
}

/** The upper 26 bits of a double's 53: products of such halves are exact. */
function upperHalf(value: number): number {
  const shifted = 134_217_729 * value;
  return shifted - (shifted - value);
}

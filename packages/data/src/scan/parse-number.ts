/** Powers of ten that are exact as doubles. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** The upper half of the bits of each, and the lower one: products of halves are exact. */
const POWERS_HIGH = POWERS.map((power) => highHalf(power));
const POWERS_LOW = POWERS.map((power, index) => power - (POWERS_HIGH[index] as number));
/** Relative error of what is computed with two doubles, with room to spare. */
const DOUBT = 2 ** -96;
const LAST = new Float64Array(1);
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

function highHalf(value: number): number {
  const scaled = 134_217_729 * value;
  return scaled - (scaled - value);
}

/**
 * Reads a usual decimal number from its bytes: `-12.5`, with at most 18 digits that count and no exponent.
 *
 * The value is the double that `Number` gives for the same text. Up to 15 digits that takes one division of two exact
 * numbers, which rounds correctly (Clinger 1990). With more, the digits and the quotient are kept in two doubles each;
 * the sum of the two is the answer unless it is too close to the middle between two doubles to be sure.
 *
 * @param isOwn Whether only a text counts that JavaScript would write for the number, or a whole number with `.0`; then
 *   none of `00123`, `1.50` and `-0` is a number.
 * @returns The number; `NaN` when the text is no such number, or when it takes more to tell.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number, isOwn: boolean): number {
  return readDecimal(bytes, start, end, isOwn, LAST, 0) ? (LAST[0] as number) : Number.NaN;
}

/**
 * The same into an array: a number that a function returns is an object on the heap.
 *
 * @returns Whether it was read.
 */
export function readDecimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  isOwn: boolean,
  target: Float64Array,
  place: number,
): boolean {
  let at = start;
  const isNegative = bytes[at] === MINUS;
  if (isNegative) {
    at += 1;
  }
  const firstDigit = at;
  let upper = 0;
  let lower = 0;
  let digits = 0;
  let code = 0;
  while (at < end) {
    code = (bytes[at] as number) - ZERO;
    if (code < 0 || code > 9) {
      break;
    }
    if (digits < 9) {
      upper = (Math.imul(upper, 10) + code) | 0;
    } else {
      lower = (Math.imul(lower, 10) + code) | 0;
    }
    // A zero in front does not count.
    digits += digits > 0 || code > 0 ? 1 : 0;
    if (digits > 18) {
      return false;
    }
    at += 1;
  }
  const wholeDigits = at - firstDigit;
  if (wholeDigits === 0 || (isOwn && wholeDigits > 1 && bytes[firstDigit] === ZERO)) {
    return false;
  }
  if (at === end) {
    if (digits > 15 || (isOwn && isNegative && digits === 0)) {
      return false;
    }
    const whole = digits <= 9 ? upper : upper * (POWERS[digits - 9] as number) + lower;
    target[place] = isNegative ? -whole : whole;
    return true;
  }
  at += 1;
  const decimals = end - at;
  if (code + ZERO !== POINT || decimals === 0 || decimals > 22) {
    return false;
  }
  if (digits === 0) {
    for (code = 0; at < end && bytes[at] === ZERO; at += 1) {
      // A zero in front does not count.
    }
  }
  const upperEnd = Math.min(end, at + Math.max(0, 9 - digits));
  const lowerEnd = Math.min(end, at + 18 - digits);
  if (lowerEnd < end) {
    return false;
  }
  digits += end - at;
  for (; at < upperEnd; at += 1) {
    code = (bytes[at] as number) - ZERO;
    if (code < 0 || code > 9) {
      return false;
    }
    upper = (Math.imul(upper, 10) + code) | 0;
  }
  for (; at < lowerEnd; at += 1) {
    code = (bytes[at] as number) - ZERO;
    if (code < 0 || code > 9) {
      return false;
    }
    lower = (Math.imul(lower, 10) + code) | 0;
  }
  // The last digit of a number that JavaScript writes is no zero, but for the one of `5.0`.
  if (isOwn && code === 0 && (decimals > 1 || digits > 15)) {
    return false;
  }
  const power = POWERS[decimals] as number;
  let value: number;
  if (digits <= 15) {
    value = (digits <= 9 ? upper : upper * (POWERS[digits - 9] as number) + lower) / power;
  } else {
    divide(upper, lower, digits - 9, decimals, isOwn ? code : -1, target, place);
    value = target[place] as number;
    if (Number.isNaN(value)) {
      return false;
    }
  }
  // JavaScript writes smaller ones with an exponent.
  if (isOwn && value < 1e-6 && digits > 0) {
    return false;
  }
  target[place] = isNegative ? -value : value;
  return true;
}

/**
 * Divides a number of 16 to 18 digits by a power of ten.
 *
 * The result goes into the array; `NaN` when it cannot be told.
 *
 * @param lastDigit Last digit, when the number has to be the shortest that reads as the same double; -1 else.
 */
function divide(
  upper: number,
  lower: number,
  lowerDigits: number,
  decimals: number,
  lastDigit: number,
  target: Float64Array,
  place: number,
): void {
  target[place] = Number.NaN;
  // upper * scale + lower, exactly: the product is below 2^60, so what rounding has left out shows in its lowest bits.
  const scale = POWERS[lowerDigits] as number;
  const product = upper * scale;
  const left = (Math.imul(upper, scale) - (product | 0)) | 0;
  const sum = product + lower;
  const carried = sum - product;
  const rest = left + (product - (sum - carried)) + (lower - carried);
  const high = sum + rest;
  const low = rest - (high - sum);
  // The quotient of the larger part, and that of what the product of both leaves.
  const power = POWERS[decimals] as number;
  const powerHigh = POWERS_HIGH[decimals] as number;
  const powerLow = POWERS_LOW[decimals] as number;
  const first = high / power;
  const firstHigh = highHalf(first);
  const firstLow = first - firstHigh;
  const back = first * power;
  const backLow = firstHigh * powerHigh - back + firstHigh * powerLow + firstLow * powerHigh + firstLow * powerLow;
  const second = (high - back - backLow + low) / power;
  const value = first + second;
  const doubt = value * DOUBT;
  if (first + (second - doubt) !== first + (second + doubt)) {
    return;
  }
  if (lastDigit >= 0) {
    // What the text is more than the double. A text with a digit less must not read as the same double, and no other
    // text of as many digits may be closer to it.
    const off = second - (value - first);
    const unit = 1 / power;
    if (
      value + (off - lastDigit * unit) === value ||
      value + (off + (10 - lastDigit) * unit) === value ||
      Math.abs(off) > 0.499 * unit
    ) {
      return;
    }
  }
  target[place] = value;
}

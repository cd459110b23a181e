const MINUS = 0x2d;
const ZERO = 0x30;
const TWO_32 = 4_294_967_296;
/** Any more digits may be too large to be exact as a double. */
const MOST_DIGITS = 15;

/**
 * Reads a whole number of at most 15 digits from its bytes.
 *
 * @param isOwn Whether only a text counts that JavaScript would write: none of `007` and `-0`.
 * @returns The number; `NaN` when the text is no such number, or is longer.
 */
export function parseInteger(bytes: Uint8Array, start: number, end: number, isOwn: boolean): number {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  if (end - first < 1 || end - first > MOST_DIGITS) {
    return Number.NaN;
  }
  if (isOwn && bytes[first] === ZERO && (isNegative || end - first > 1)) {
    return Number.NaN;
  }
  let value = 0;
  for (let at = first; at < end; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) {
      return Number.NaN;
    }
    value = value * 10 + digit;
  }
  return isNegative ? -value : value;
}

/**
 * Writes a safe integer into an array of 64-bit integers, by its halves: making a bigint of it would take most of the time.
 *
 * @param halves The array, as 32-bit integers.
 * @param at Place in the array of 64-bit integers.
 */
export function writeInteger(halves: Int32Array, at: number, value: number): void {
  // Little end first, as all machines have it that Node runs on.
  halves[2 * at] = value;
  halves[2 * at + 1] = Math.floor(value / TWO_32);
}

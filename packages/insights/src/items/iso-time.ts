/** The second that was written last: most items are of the same one. */
let second = Number.NaN;
/** That second, up to its point. */
let secondText = '';
/** Bytes of a time, with the same second. */
const bytes = new Uint8Array('2000-01-01T00:00:00.000Z'.length);
const ZERO = 0x30;

/**
 * A time as `Date.prototype.toISOString` writes it.
 *
 * @param time Milliseconds since 1970; fractions do not count.
 * @throws RangeError when it is no time.
 * @internal
 */
export function isoTime(time: number): string {
  const milliseconds = millisecondsOf(time);
  return `${secondText}${milliseconds < 10 ? '00' : milliseconds < 100 ? '0' : ''}${milliseconds}Z`;
}

/**
 * The bytes of {@link isoTime}, until it is called again.
 *
 * @param time As there, of a year with four digits.
 * @internal
 */
export function isoTimeBytes(time: number): Uint8Array {
  const milliseconds = millisecondsOf(time);
  const tens = Math.trunc(milliseconds / 10);
  const hundreds = Math.trunc(tens / 10);
  bytes[20] = ZERO + hundreds;
  bytes[21] = ZERO + tens - 10 * hundreds;
  bytes[22] = ZERO + milliseconds - 10 * tens;
  return bytes;
}

/** Milliseconds of the second of a time, which is the last one then. */
function millisecondsOf(time: number): number {
  const whole = Math.trunc(time);
  const secondOfTime = Math.floor(whole / 1000);
  if (secondOfTime !== second) {
    const text = new Date(secondOfTime * 1000).toISOString();
    second = secondOfTime;
    secondText = text.slice(0, -'000Z'.length);
    bytes.set(Buffer.from(text).subarray(0, bytes.length));
  }
  return whole - second * 1000;
}

/** The second that was written last, up to its point: most items are of the same one. */
let last = { second: Number.NaN, text: '' };

/**
 * A time as `Date.prototype.toISOString` writes it.
 *
 * @param time Milliseconds since 1970; fractions do not count.
 * @throws RangeError when it is no time.
 * @internal
 */
export function isoTime(time: number): string {
  const whole = Math.trunc(time);
  const second = Math.floor(whole / 1000);
  if (second !== last.second) {
    last = { second, text: new Date(second * 1000).toISOString().slice(0, -'000Z'.length) };
  }
  const milliseconds = whole - second * 1000;
  return `${last.text}${milliseconds < 10 ? '00' : milliseconds < 100 ? '0' : ''}${milliseconds}Z`;
}

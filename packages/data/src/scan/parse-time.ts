const ZERO = 0x30;
const DAY_MS = 86_400_000;
/** `2026-01-02T03:04:05.006Z`, as JavaScript and the collector write a time. */
const SHAPE = Buffer.from('0000-00-00T00:00:00.000Z');
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads a time as JavaScript writes it.
 *
 * @returns Milliseconds since 1970, UTC; `NaN` when the text is no such time.
 */
export function parseTime(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== SHAPE.length) {
    return Number.NaN;
  }
  for (let index = 0; index < SHAPE.length; index += 1) {
    const code = bytes[start + index] as number;
    const shape = SHAPE[index] as number;
    if (shape === ZERO ? code < ZERO || code > 0x39 : code !== shape) {
      return Number.NaN;
    }
  }
  const year = two(bytes, start) * 100 + two(bytes, start + 2);
  const month = two(bytes, start + 5);
  const day = two(bytes, start + 8);
  const hour = two(bytes, start + 11);
  const minute = two(bytes, start + 14);
  const second = two(bytes, start + 17);
  const milliseconds = two(bytes, start + 20) * 10 + (bytes[start + 22] as number) - ZERO;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const isDay =
    month >= 1 && month <= 12 && day >= 1 && day <= (month === 2 && isLeap ? 29 : (DAYS[month - 1] as number));
  if (!isDay || hour > 23 || minute > 59 || second > 59) {
    return Number.NaN;
  }
  return daysSince1970(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
}

function two(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) - ZERO) * 10 + (bytes[at + 1] as number) - ZERO;
}

/** Days of the Gregorian calendar, counted from the 1st of March, so that a leap day is the last of its year. */
function daysSince1970(year: number, month: number, day: number): number {
  const fromMarch = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const leapDays = Math.floor(fromMarch / 4) - Math.floor(fromMarch / 100) + Math.floor(fromMarch / 400);
  return 365 * fromMarch + leapDays + dayOfYear - 719_468;
}

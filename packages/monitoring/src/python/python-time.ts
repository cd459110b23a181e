/** How far the fraction of a second of times is written. */
export type TimePrecision = 'day' | 'second' | 'millisecond' | 'needed';

const DAY_MS = 86_400_000;

/**
 * Text of a time in UTC as Python prints it: `2024-01-02 03:04:05`, with `.678000` when there is a fraction.
 *
 * @param date The time; `undefined` comes back for an invalid one.
 * @param precision `needed`: as Python's `datetime`; the others as pandas pads a column to the finest unit in use.
 */
export function pythonTime(date: Date, precision: TimePrecision = 'needed'): string | undefined {
  const time = date.getTime();
  if (Number.isNaN(time)) {
    return undefined;
  }
  const iso = date.toISOString();
  const start = iso.indexOf('T');
  const seconds = `${iso.slice(0, start)} ${iso.slice(start + 1, start + 9)}`;
  switch (precision) {
    case 'day':
      return iso.slice(0, start);
    case 'second':
      return seconds;
    case 'millisecond':
      return seconds + iso.slice(-5, -1);
    default:
      return mod(time, 1_000) === 0 ? seconds : `${seconds}${iso.slice(-5, -1)}000`;
  }
}

/** What pandas pads a column of times to: days when all are midnight, else seconds, else milliseconds. */
export function precisionOf(dates: readonly Date[]): TimePrecision {
  const times = dates.map((date) => date.getTime()).filter((time) => !Number.isNaN(time));
  if (times.some((time) => mod(time, 1_000) !== 0)) {
    return 'millisecond';
  }
  return times.every((time) => mod(time, DAY_MS) === 0) ? 'day' : 'second';
}

/**
 * The time of a call as Python's `datetime.utcnow().isoformat()` gives it: microseconds, no zone, no fraction when it is 0.
 *
 * @param time Milliseconds since 1970, with a fraction where the clock has one.
 */
export function pythonTimestamp(time: number): string {
  const microseconds = mod(Math.round(time * 1_000), 1_000_000);
  const seconds = new Date(Math.floor(Math.round(time * 1_000) / 1_000)).toISOString().slice(0, 19);
  return microseconds === 0 ? seconds : `${seconds}.${String(microseconds).padStart(6, '0')}`;
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

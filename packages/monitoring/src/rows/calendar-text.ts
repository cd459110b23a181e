import { types } from 'node:util';

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

// Years with other than four digits have another form of text, which few readers know.
const FIRST_TIME = Date.parse('0000-01-01T00:00:00Z');
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * A day as `yyyy-mm-dd`.
 *
 * @param value A date, of which the UTC day is taken, or such a text.
 * @returns `undefined` when it is neither, or no day of the calendar.
 */
export function toDayText(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return isDay(value) ? value : undefined;
  }
  return toTime(value)?.toISOString().slice(0, 10);
}

/**
 * A point in time, with milliseconds.
 *
 * @param value A date, or ISO 8601 text with a zone; what it has below milliseconds is cut off.
 * @returns A date of its own; `undefined` when it is neither, or outside the years 0 to 9999.
 */
export function toTime(value: unknown): Date | undefined {
  let time = Number.NaN;
  if (types.isDate(value)) {
    time = value.getTime();
  } else if (typeof value === 'string') {
    const day = TIME.exec(value)?.[1];
    time = day !== undefined && isDay(day) ? Date.parse(value) : Number.NaN;
  }
  return time >= FIRST_TIME && time <= LAST_TIME ? new Date(time) : undefined;
}

function isDay(text: string): boolean {
  const [, year, month, day] = (DAY.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) {
    return false;
  }
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = DAYS[month - 1] ?? 0;
  return day >= 1 && day <= (month === 2 && isLeapYear ? 29 : days);
}

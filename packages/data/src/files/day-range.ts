import { ValidationError } from '@azureml-ts/common';
import { dayPrefix, type StreamIdentity, streamPrefix, type UtcDay, utcDay } from '@azureml-ts/monitoring/format';

/** UTC days, both ends included; an end that is left out is open. */
export interface DayRange {
  /** First day. */
  readonly from?: UtcDay | undefined;
  /** Last day. */
  readonly to?: UtcDay | undefined;
}

const DAY_MS = 86_400_000;
/** Longest range that is listed day by day. Above, a request for each month is less work for everybody. */
const MAX_DAYS = 31;
/** Longest range that is listed month by month. */
const MAX_MONTHS = 12;
/** Longest range that is listed year by year. */
const MAX_YEARS = 12;

/**
 * Checks a range of days.
 *
 * @throws ValidationError (`VALIDATION`) when an end is not a day, or the last is before the first.
 */
export function dayRange(from: string | Date | undefined, to: string | Date | undefined): DayRange {
  const range = { from: toDay('from', from), to: toDay('to', to) };
  if (range.from !== undefined && range.to !== undefined && range.to < range.from) {
    throw new ValidationError({ path: 'to', expected: `${range.from} (from) or later`, received: range.to });
  }
  return range;
}

function toDay(path: string, day: string | Date | undefined): UtcDay | undefined {
  if (day === undefined) {
    return undefined;
  }
  const time = day instanceof Date ? day.getTime() : Date.parse(`${day}T00:00:00Z`);
  const text = Number.isNaN(time) ? undefined : utcDay(time);
  if (text === undefined || !/^\d{4}-\d\d-\d\d$/.test(text) || (typeof day === 'string' && day !== text)) {
    throw new ValidationError({ path, expected: 'a UTC day such as 2026-01-31, or a date', received: day });
  }
  return text;
}

/** Tells whether a day is in the range. */
export function isInRange(range: DayRange, day: UtcDay): boolean {
  return (range.from === undefined || day >= range.from) && (range.to === undefined || day <= range.to);
}

/**
 * The folders that hold every file of the range and as little else as possible: days, months, years or the whole stream.
 * No two of them overlap.
 *
 * Files below months and days without a leading zero are found too: for the first nine months and days there is a second
 * spelling to look at.
 */
export function listingPrefixes(stream: StreamIdentity, range: DayRange): string[] {
  const root = streamPrefix(stream);
  if (range.from === undefined || range.to === undefined) {
    return [root];
  }
  const dayCount = (Date.parse(range.to) - Date.parse(range.from)) / DAY_MS + 1;
  if (dayCount <= MAX_DAYS) {
    const days = Array.from({ length: dayCount }, (_, index) => utcDay(Date.parse(range.from ?? '') + index * DAY_MS));
    const months = [...new Set(days.map((day) => day.slice(0, 7)))];
    return [
      ...days.flatMap((day) => [dayPrefix(stream, day), ...short(root, day)]),
      // Below a month without its zero there is normally nothing: one request tells, whatever the day.
      ...months.flatMap((month) => short(root, month)),
    ];
  }
  const [firstYear, lastYear] = [Number(range.from.slice(0, 4)), Number(range.to.slice(0, 4))];
  const firstMonth = firstYear * 12 + Number(range.from.slice(5, 7)) - 1;
  const monthCount = lastYear * 12 + Number(range.to.slice(5, 7)) - firstMonth;
  if (monthCount <= MAX_MONTHS) {
    return Array.from({ length: monthCount }, (_, index) => {
      const year = String(Math.floor((firstMonth + index) / 12)).padStart(4, '0');
      return `${year}-${String(((firstMonth + index) % 12) + 1).padStart(2, '0')}`;
    }).flatMap((month) => [`${root}${month.replace('-', '/')}/`, ...short(root, month)]);
  }
  return lastYear - firstYear < MAX_YEARS
    ? Array.from(
        { length: lastYear - firstYear + 1 },
        (_, index) => `${root}${String(firstYear + index).padStart(4, '0')}/`,
      )
    : [root];
}

/** The other spelling of a month's or day's folder, with its last number cut to one digit, when it starts with zero. */
function short(root: string, date: string): string[] {
  return date.at(-2) === '0' ? [`${root}${date.slice(0, -2).replaceAll('-', '/')}${date.at(-1)}/`] : [];
}

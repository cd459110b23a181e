import { ValidationError } from '@azureml-ts/common';
import { type UtcDay, utcDay } from '@azureml-ts/monitoring/format';

/** UTC days, both ends included; an end that is left out is open. */
export interface DayRange {
  /** First day. */
  readonly from?: UtcDay | undefined;
  /** Last day. */
  readonly to?: UtcDay | undefined;
}

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

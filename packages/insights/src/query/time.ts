import { ValidationError } from '@azureml-ts/common';
import { durationMs } from './kql-text.ts';

/**
 * A point in time: a Date, a duration before now (`90s`, `30m`, `1h`, `7d`), or an ISO 8601 text (`2026-11-01`,
 * `2026-11-01T10:00:00Z`). A text without a time zone is UTC.
 */
export type LogsTime = Date | string;

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?(Z|[+-]\d\d:\d\d)?)?$/i;

/**
 * A point in time as a part of a query.
 *
 * @param time The time; a duration stays one, so that the query can be kept and run again.
 * @param path Name of the option, for the error.
 * @throws {@link ValidationError} `VALIDATION` when it is none.
 * @internal
 */
export function kqlTime(time: LogsTime, path: string): string {
  return typeof time === 'string' && durationMs(time) !== undefined ? `ago(${time})` : kqlDate(dateOf(time, path));
}

/** A Date, or the text of a cell of type `datetime`, as a part of a query. @internal */
export function kqlDate(time: Date | string): string {
  return `datetime(${typeof time === 'string' ? time : time.toISOString()})`;
}

/**
 * A point in time as a Date.
 *
 * @param time The time.
 * @param path Name of the option, for the error.
 * @param now What durations count back from, in milliseconds since 1970.
 * @throws {@link ValidationError} `VALIDATION` when it is none.
 * @internal
 */
export function dateOf(time: LogsTime, path: string, now: number = Date.now()): Date {
  const date = typeof time === 'string' ? parse(time.trim(), now) : time;
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) {
    throw new ValidationError({
      path,
      expected: 'a Date, a duration before now such as 1h or 7d, or a time such as 2026-11-01T10:00:00Z',
      received: time,
    });
  }
  return date;
}

function parse(text: string, now: number): Date | undefined {
  const ago = durationMs(text);
  if (ago !== undefined) {
    return new Date(now - ago);
  }
  const [, day, minute = '00:00', second = '00', fraction = '0', zone = 'Z'] = ISO.exec(text) ?? [];
  if (day === undefined) {
    return undefined;
  }
  const date = new Date(`${day}T${minute}:${second}.${fraction.slice(0, 3)}${zone.toUpperCase()}`);
  // Days that do not exist move into the next month.
  const isReal = !Number.isNaN(date.getTime()) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  return isReal ? date : undefined;
}

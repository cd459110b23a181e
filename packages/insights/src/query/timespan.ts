import type { QueryTimeInterval } from '@azure/monitor-query-logs';
import { ValidationError } from '@azureml-ts/common';
import type { LogsTimespan } from './options.ts';

/**
 * A timespan as the client takes it.
 *
 * @throws {@link ValidationError} `VALIDATION` when it is none.
 * @internal
 */
export function intervalOf(timespan: LogsTimespan | undefined): QueryTimeInterval {
  if (timespan === undefined) {
    // The client insists on one, and sends this as none: the service then looks at all that is kept.
    return { duration: undefined } as unknown as QueryTimeInterval;
  }
  if (typeof timespan === 'string') {
    if (!/^[0-9PTZ:.+\-YMDHSW]+(\/[0-9PTZ:.+\-YMDHSW]+)?$/i.test(timespan)) {
      throw bad(timespan);
    }
    // An interval passes as it is, too.
    return { duration: timespan };
  }
  const { from, to = new Date() } = timespan;
  if (!isTime(from) || !isTime(to)) {
    throw bad(timespan);
  }
  return { startTime: from, endTime: to };
}

function isTime(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

function bad(received: unknown): ValidationError {
  return new ValidationError({
    path: 'timespan',
    expected: '{ from, to } with Dates, or an ISO 8601 duration such as PT1H or P7D',
    received,
  });
}

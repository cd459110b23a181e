import type { LogsQuery } from './query-text.ts';
import {
  type FailureRow,
  failureQuery,
  type RateQueryOptions,
  type RateRow,
  rateQuery,
  type TimeQueryOptions,
  type TimeRow,
  timeQuery,
} from './rate-queries.ts';

/**
 * Writes the query for how many requests came, by time.
 *
 * @param options `since` (default 24 hours), `bin` (default 5 minutes), `by`, ...
 * @returns The query, for {@link queryLogs} or the portal.
 * @throws {@link ValidationError} `VALIDATION` for an option that is none.
 * @example
 * ```ts
 * import { requestRateQuery } from '@azureml-ts/insights';
 *
 * console.log(requestRateQuery({ since: '1d', bin: '1h', by: ['name'] }));
 * ```
 *
 * Source: the request rate of Application Insights; sampled requests count with their `itemCount`.
 */
export function requestRateQuery(options: RateQueryOptions = {}): LogsQuery<RateRow> {
  return rateQuery('requests', options);
}

/**
 * Writes the query for how long requests took, by time: average and percentiles, in milliseconds.
 *
 * @param options As of {@link requestRateQuery}, and `percentiles` (default 50, 95, 99).
 * @returns The query, for {@link queryLogs} or the portal.
 * @throws {@link ValidationError} `VALIDATION` for an option that is none.
 * @example
 * ```ts
 * import { responseTimeQuery } from '@azureml-ts/insights';
 *
 * console.log(responseTimeQuery({ since: '1h', serviceName: 'my-svc', percentiles: [50, 99.9] }));
 * ```
 */
export function responseTimeQuery(options: TimeQueryOptions = {}): LogsQuery<TimeRow> {
  return timeQuery('requests', options);
}

/**
 * Writes the query for how many requests failed, by time.
 *
 * @param options As of {@link requestRateQuery}.
 * @returns The query, for {@link queryLogs} or the portal.
 * @throws {@link ValidationError} `VALIDATION` for an option that is none.
 * @example
 * ```ts
 * import { failureRateQuery } from '@azureml-ts/insights';
 *
 * console.log(failureRateQuery({ since: '1h', by: ['resultCode'] }));
 * ```
 */
export function failureRateQuery(options: RateQueryOptions = {}): LogsQuery<FailureRow> {
  return failureQuery('requests', options);
}

/**
 * Writes the query for how many calls to other services were made, by time.
 *
 * @param options As of {@link requestRateQuery}; `by` also takes `target` and `type`.
 * @returns The query, for {@link queryLogs} or the portal.
 * @throws {@link ValidationError} `VALIDATION` for an option that is none.
 */
export function dependencyRateQuery(options: RateQueryOptions = {}): LogsQuery<RateRow> {
  return rateQuery('dependencies', options);
}

/**
 * Writes the query for how long calls to other services took, by time: average and percentiles, in milliseconds.
 *
 * @param options As of {@link responseTimeQuery}; `by` also takes `target` and `type`.
 * @returns The query, for {@link queryLogs} or the portal.
 * @throws {@link ValidationError} `VALIDATION` for an option that is none.
 */
export function dependencyTimeQuery(options: TimeQueryOptions = {}): LogsQuery<TimeRow> {
  return timeQuery('dependencies', options);
}

/**
 * Writes the query for how many calls to other services failed, by time.
 *
 * @param options As of {@link dependencyRateQuery}.
 * @returns The query, for {@link queryLogs} or the portal.
 * @throws {@link ValidationError} `VALIDATION` for an option that is none.
 */
export function dependencyFailureQuery(options: RateQueryOptions = {}): LogsQuery<FailureRow> {
  return failureQuery('dependencies', options);
}

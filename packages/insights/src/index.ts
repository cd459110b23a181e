/**
 * Printed lines, requests and exceptions of a scoring service, sent to Application Insights.
 *
 * @packageDocumentation
 */
export type { InsightsContext } from './context.ts';
export { startInsights } from './insights.ts';
export type { InsightsProperties } from './items/properties.ts';
export { print } from './print.ts';
export type { LogsColumn } from './query/answer.ts';
export { type ExceptionsQueryOptions, type ExceptionsRow, exceptionsQuery } from './query/exceptions-query.ts';
export type { LogsFilter } from './query/filters.ts';
export { type FollowTracesOptions, followTraces } from './query/follow-traces.ts';
export {
  type InputsAndOutputsQueryOptions,
  type InputsAndOutputsRow,
  inputsAndOutputsQuery,
} from './query/inputs-and-outputs-query.ts';
export { kqlText } from './query/kql-text.ts';
export { type LastTracesOptions, lastTraces } from './query/last-traces.ts';
export type { LogsAccess, LogsClientOptions, LogsTimespan, QueryLogsOptions } from './query/options.ts';
export { type LogsResult, type LogsTable, queryLogs } from './query/query-logs.ts';
export type { LogsQuery, LogsRow } from './query/query-text.ts';
export type {
  FailureRow,
  GroupColumns,
  RateGroup,
  RateQueryOptions,
  RateRow,
  TimeQueryOptions,
  TimeRow,
} from './query/rate-queries.ts';
export { type ReadTracesOptions, readTraces } from './query/read-traces.ts';
export {
  dependencyFailureQuery,
  dependencyRateQuery,
  dependencyTimeQuery,
  failureRateQuery,
  requestRateQuery,
  responseTimeQuery,
} from './query/request-queries.ts';
export type { LogsTime } from './query/time.ts';
export { type TraceCountRow, traceCountQuery } from './query/trace-count-query.ts';
export type { TraceRecord } from './query/trace-record.ts';
export { type TraceFilter, type TracesQueryOptions, type TracesRow, tracesQuery } from './query/traces-query.ts';
export { setTraceSpill } from './spill/joined-spill.ts';
export type { SpilledDocument, SpilledKind, TraceSpill } from './spill/trace-spill.ts';
export type {
  DependencyTelemetry,
  ExceptionTelemetry,
  Insights,
  InsightsChannel,
  InsightsOptions,
  InsightsStats,
  MetricTelemetry,
  RedactedKind,
  RedactTrace,
  RequestTelemetry,
  Severity,
  SpillStats,
  SpoolOptions,
  TelemetryCredential,
  TraceTelemetry,
} from './types.ts';

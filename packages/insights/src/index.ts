/**
 * Printed lines, requests and exceptions of a scoring service, sent to Application Insights.
 *
 * @packageDocumentation
 */
export type { InsightsContext } from './context.ts';
export { startInsights } from './insights.ts';
export type { InsightsProperties } from './items/properties.ts';
export { print } from './print.ts';
export type {
  ExceptionTelemetry,
  Insights,
  InsightsOptions,
  InsightsStats,
  RequestTelemetry,
  Severity,
  TraceTelemetry,
} from './types.ts';

import { StartedInsights } from './started-insights.ts';
import type { Insights, InsightsOptions } from './types.ts';

/**
 * Starts sending to Application Insights: what is printed, requests, exceptions and traces of a scoring service.
 *
 * Items go out in packed batches over connections of their own, at the latest a second later, at the natural end of the
 * process, and on SIGTERM and SIGINT. Nothing here ever throws into, waits in, or keeps alive the program it reports on.
 * A process may start several: the console's lines and {@link print} go to the one that was started last and is not
 * closed.
 *
 * @param options Where to send to and how; with the environment variables set, none is needed.
 * @returns The started telemetry.
 * @throws {@link AzuremlError} `CONNECTION_STRING_MISSING` when no destination is set; `CONNECTION_STRING_INVALID` when
 *   it is no connection string; {@link ValidationError} `VALIDATION` for a limit out of range.
 * @example
 * ```ts
 * import { startInsights } from '@azureml-ts/insights';
 * import { startTelemetryStandIn } from '@azureml-ts/testing';
 *
 * const standIn = await startTelemetryStandIn(); // in production: leave connectionString to the environment
 * const insights = startInsights({ connectionString: standIn.connectionString });
 * console.log({ input: [[1, 2]], output: [3] });
 * await insights.flush();
 * const contents = standIn.items().map((item) => item.properties['Contents']);
 * await insights.close();
 * console.log(contents); // [ '{"input":[[1,2]],"output":[3]}' ]
 * await standIn.close();
 * ```
 *
 * Source: `AML_APP_INSIGHTS_ENABLED` of the reference inference server.
 */
export function startInsights(options: InsightsOptions = {}): Insights {
  return new StartedInsights(options);
}

import type { WaitOptions } from '@azureml-ts/common';
import type { LogsAccess } from './options.ts';
import { partialFailure } from './query-failure.ts';
import { LogsSession } from './session.ts';
import { type TraceRecord, traceRecords } from './trace-record.ts';
import { type TracesQueryOptions, tracesQuery } from './traces-query.ts';

/** Options of {@link lastTraces}. `timeoutMs`: default 180,000. */
export interface LastTracesOptions extends Omit<TracesQueryOptions, 'target'>, LogsAccess, WaitOptions {}

/**
 * Reads the newest traces in one query, and gives them the oldest first.
 *
 * @param target Id of a Log Analytics workspace, or resource id of the component.
 * @param options Which traces (`since`, default 24 hours; `contains`, ...), how many (`limit`, default 100), and how they are
 *   reached.
 * @throws Errors of {@link queryLogs}; `QUERY_PARTIAL` when they do not fit into one answer: {@link readTraces} reads any
 *   number of them.
 * @example
 * ```ts
 * import { lastTraces } from '@azureml-ts/insights';
 * import { startLogsStandIn } from '@azureml-ts/testing';
 *
 * await using logs = await startLogsStandIn();
 * logs.addRows('traces', [{ message: 'STDOUT', customDimensions: { Contents: '{"input":[1,2]}' } }]);
 *
 * const { credential, endpoint, clientOptions } = logs;
 * const [last] = await lastTraces(logs.resourceId, { contains: 'input', limit: 10, credential, endpoint, clientOptions });
 * console.log(last?.contents); // { input: [ 1, 2 ] }
 * ```
 */
export async function lastTraces(target: string, options: LastTracesOptions): Promise<TraceRecord[]> {
  const session = new LogsSession(target, options);
  const { tables, fault, requestId } = await session.query(
    tracesQuery({ ...options, target: session.target.id }),
    undefined,
    options,
  );
  if (fault !== undefined) {
    throw partialFailure(fault, requestId);
  }
  return tables.slice(0, 1).flatMap(traceRecords).reverse();
}

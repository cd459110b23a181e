import type { AzuremlError } from '@azureml-ts/common';
import type { LogsColumn, RawAnswer } from './answer.ts';
import { rowsOf } from './cells.ts';
import type { QueryLogsOptions } from './options.ts';
import { partialFailure } from './query-failure.ts';
import type { LogsQuery, LogsRow } from './query-text.ts';
import { LogsSession } from './session.ts';

/** A table of an answer. */
export interface LogsTable<Row extends object = LogsRow> {
  /** `PrimaryResult` for the first. */
  readonly name: string;
  /** The columns, in order. */
  readonly columns: readonly LogsColumn[];
  /** The rows as objects by column. */
  readonly rows: readonly Row[];
}

/** Answer to a query. */
export interface LogsResult<Row extends object = LogsRow> extends LogsTable<Row> {
  /** All tables: a query of several statements gives several. */
  readonly tables: readonly LogsTable[];
  /** Whether rows are missing. */
  readonly isPartial: boolean;
  /** Why rows are missing: code `QUERY_PARTIAL`. */
  readonly error: AzuremlError | undefined;
  /** Id to quote to support. */
  readonly requestId: string | undefined;
}

/**
 * Runs a query over traces, requests, dependencies and exceptions, or any other table.
 *
 * Rows are objects by column: `datetime` is a Date, `dynamic` is parsed, `real` a number. `long` is a number up to 2^53
 * and a bigint above, with all its digits. `decimal`, `guid` and `timespan` are texts; nothing is `null`.
 *
 * Limits of the service: 500,000 rows and about 100 MB an answer (what is above is left out, and the result is partial),
 * 10 minutes a query, 5 queries at a time and 200 in 30 seconds for one user. Rows come some minutes after the event.
 *
 * @param target Id of a Log Analytics workspace (a GUID), or resource id of the Application Insights component. A
 *   workspace calls the tables `AppTraces`, `AppRequests`, ...: see the option `target` of the ready queries.
 * @param kql The query; the ready queries give typed rows.
 * @param options `credential`, `timespan` (default: all that is kept), `timeoutMs` (default 180,000), `abortSignal`, ...
 * @returns The rows. A partial result does not throw: look at `isPartial`.
 * @throws {@link AzuremlError} `QUERY_INVALID` (with `line` and `column` in `details` where the service tells them),
 *   `AUTHENTICATION_FAILED`, `PERMISSION_DENIED`, `NOT_FOUND`, `THROTTLED`, `SERVICE_FAILED`, `SERVICE_UNREACHABLE`,
 *   `REQUEST_REFUSED`, `INVALID_ANSWER`, `TIMEOUT`, `MONITOR_QUERY_NOT_INSTALLED`; the signal's reason;
 *   {@link ValidationError} `VALIDATION`.
 * @example
 * ```ts
 * import { queryLogs, tracesQuery } from '@azureml-ts/insights';
 * import { startLogsStandIn } from '@azureml-ts/testing';
 *
 * await using logs = await startLogsStandIn();
 * logs.addRows('traces', [{ message: 'STDOUT', customDimensions: { Contents: '{"input":[1,2]}' } }]);
 *
 * const { credential, endpoint, clientOptions } = logs;
 * const query = tracesQuery({ contains: 'input', limit: 10 });
 * const { rows } = await queryLogs(logs.resourceId, query, { credential, endpoint, clientOptions });
 * console.log(rows.map(({ customDimensions }) => customDimensions?.Contents)); // [ '{"input":[1,2]}' ]
 * ```
 *
 * Source: POST /v1/workspaces/{id}/query and /v1/{resourceId}/query of Azure Monitor Logs, through @azure/monitor-query-logs.
 */
export async function queryLogs<Row extends object = LogsRow>(
  target: string,
  kql: LogsQuery<Row> | string,
  options: QueryLogsOptions,
): Promise<LogsResult<Row>> {
  const { timespan, timeoutMs, abortSignal } = options ?? {};
  const session = new LogsSession(target, options);
  return resultOf(await session.query(kql, timespan, { timeoutMs, abortSignal }));
}

function resultOf<Row extends object>({ tables, fault, requestId }: RawAnswer): LogsResult<Row> {
  const read = tables.map(
    (table): LogsTable => ({
      name: table.name,
      columns: table.columns.map(({ name, type }) => ({ name, type })),
      rows: rowsOf<LogsRow>(table),
    }),
  );
  const [first = { name: 'PrimaryResult', columns: [], rows: [] }] = read;
  return {
    ...first,
    rows: first.rows as readonly unknown[] as readonly Row[],
    tables: read,
    isPartial: fault !== undefined,
    error: fault === undefined ? undefined : partialFailure(fault, requestId),
    requestId,
  };
}

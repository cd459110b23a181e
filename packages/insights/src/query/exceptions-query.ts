import { filterLines, type LogsFilter, namesFor, property } from './filters.ts';
import { kqlCount } from './kql-text.ts';
import { MAX_ROWS } from './limits.ts';
import { type LogsQuery, queryOf } from './query-text.ts';
import { projectLine, type TraceFilter, traceLines } from './traces-query.ts';

/** Options of {@link exceptionsQuery}. */
export interface ExceptionsQueryOptions extends LogsFilter, Pick<TraceFilter, 'requestId' | 'severity'> {
  /** Most rows, 1 to 500,000. Default 100. */
  readonly limit?: number | undefined;
}

/** A row of {@link exceptionsQuery}. */
export interface ExceptionsRow {
  /** When it was. */
  readonly timestamp: Date;
  /** Name of the error's class. */
  readonly type: string;
  /** The message. */
  readonly message: string;
  /** Message of the first cause. */
  readonly innermostMessage: string;
  /** Equal failures have the same. */
  readonly problemId: string;
  /** 0 Verbose to 4 Critical. */
  readonly severityLevel: number | null;
  /** The chain of causes with their stacks. */
  readonly details: unknown;
  /** Id of the request. */
  readonly requestId: string;
  /** Trace id of the request. */
  readonly operation_Id: string;
  /** Name of the service. */
  readonly cloud_RoleName: string;
  /** How many items this one stands for, when some were sampled out. */
  readonly itemCount: number;
  /** Id of the item. */
  readonly itemId: string;
}

/**
 * Writes the query for the newest exceptions.
 *
 * @param options Which exceptions. `since` is 24 hours by default, `limit` 100.
 * @returns The query, for {@link queryLogs} or the portal.
 * @throws {@link ValidationError} `VALIDATION` for an option that is none.
 * @example
 * ```ts
 * import { exceptionsQuery } from '@azureml-ts/insights';
 *
 * console.log(exceptionsQuery({ since: '7d', limit: 20 }));
 * ```
 */
export function exceptionsQuery(options: ExceptionsQueryOptions = {}): LogsQuery<ExceptionsRow> {
  const { limit = 100, requestId, severity } = options;
  const names = namesFor(options);
  return queryOf([
    names.exceptions,
    ...filterLines(names, options),
    ...traceLines(names, { requestId, severity }),
    `| top ${kqlCount(limit, 'limit', MAX_ROWS)} by ${names.time} desc`,
    projectLine([
      ['timestamp', names.time],
      ['type', names.exceptionType],
      ['message', names.outerMessage],
      ['innermostMessage', names.innermostMessage],
      ['problemId', names.problemId],
      ['severityLevel', names.severity],
      ['details', names.details],
      ['requestId', property(names, 'Request Id')],
      ['operation_Id', names.operationId],
      ['cloud_RoleName', names.roleName],
      ['itemCount', names.itemCount],
      ['itemId', names.itemId],
    ]),
  ]);
}

import { ValidationError } from '@azureml-ts/common';
import type { Severity } from '../types.ts';
import { anyOf, contains, equals, filterLines, type LogsFilter, namesFor, property } from './filters.ts';
import { kqlCount } from './kql-text.ts';
import { MAX_ROWS } from './limits.ts';
import { type LogsQuery, queryOf } from './query-text.ts';
import type { LogsNames } from './schema.ts';

/** Which traces. */
export interface TraceFilter extends LogsFilter {
  /** Only traces with this text in their message or a property; capitals do not matter. */
  readonly contains?: string | undefined;
  /** Only traces of this request: its request id, the caller's own id, or its operation id. */
  readonly requestId?: string | undefined;
  /** Only traces at least as grave. */
  readonly severity?: Severity | undefined;
}

/** Options of {@link tracesQuery}. */
export interface TracesQueryOptions extends TraceFilter {
  /** Most rows, 1 to 500,000. Default 100. */
  readonly limit?: number | undefined;
}

/** A row of {@link tracesQuery}. */
export interface TracesRow {
  /** When it was. */
  readonly timestamp: Date;
  /** The message. */
  readonly message: string;
  /** 0 `Verbose` to 4 `Critical`. */
  readonly severityLevel: number | null;
  /** Custom properties: `Contents`, `Request Id`, `Service Name`, ... */
  readonly customDimensions: Readonly<Record<string, unknown>> | null;
  /** Trace id of the request. */
  readonly operation_Id: string;
  /** Span id of what caused it. */
  readonly operation_ParentId: string;
  /** Name of the service. */
  readonly cloud_RoleName: string;
  /** Name of the container or machine. */
  readonly cloud_RoleInstance: string;
  /** How many items this one stands for: above 1 when sampled. */
  readonly itemCount: number;
  /** Id of the item. */
  readonly itemId: string;
}

/** Names of the levels, the least grave first. @internal */
export const SEVERITIES: readonly Severity[] = ['Verbose', 'Information', 'Warning', 'Error', 'Critical'];

/**
 * Writes the query for the newest traces: printed lines, and what else was traced.
 *
 * The columns have the same names for a component and for a workspace.
 *
 * @param options Which traces. `since` is 24 hours by default, `limit` 100.
 * @returns The query, for {@link queryLogs} or the portal.
 * @throws {@link ValidationError} `VALIDATION` for a time, a severity, a limit or a target that is none.
 * @example
 * ```ts
 * import { tracesQuery } from '@azureml-ts/insights';
 *
 * console.log(tracesQuery({ contains: 'input', since: '1h', limit: 10 }));
 * ```
 *
 * Source: `traces | where customDimensions contains "input" | limit 10`, the query of the documentation of Azure Machine
 * Learning, which finds what was printed as JSON only by its names.
 */
export function tracesQuery(options: TracesQueryOptions = {}): LogsQuery<TracesRow> {
  const { limit = 100 } = options;
  const names = namesFor(options);
  return queryOf([
    names.traces,
    ...filterLines(names, options),
    ...traceLines(names, options),
    `| top ${kqlCount(limit, 'limit', MAX_ROWS)} by ${names.time} desc`,
    traceColumns(names),
  ]);
}

/** The lines of a query that pick traces. @internal */
export function traceLines(names: LogsNames, { contains: text, requestId, severity }: TraceFilter): string[] {
  return [
    ...(text === undefined
      ? []
      : [
          // The properties as one text have the quotes of a printed JSON escaped: it is looked at by itself, too.
          `| where ${anyOf(
            contains(names.message, text, 'contains'),
            contains(`tostring(${names.properties})`, text, 'contains'),
            contains(property(names, 'Contents'), text, 'contains'),
          )}`,
        ]),
    ...(severity === undefined ? [] : [`| where ${names.severity} >= ${levelOf(severity)}`]),
    ...(requestId === undefined
      ? []
      : [
          `| where ${anyOf(
            equals(property(names, 'Request Id'), requestId, 'requestId'),
            equals(property(names, 'Client Request Id'), requestId, 'requestId'),
            equals(names.operationId, requestId, 'requestId'),
          )}`,
        ]),
  ];
}

/** The line that gives traces the same columns everywhere. @internal */
export function traceColumns(names: LogsNames): string {
  const columns: readonly (readonly [name: string, expression: string])[] = [
    ['timestamp', names.time],
    ['message', names.message],
    ['severityLevel', names.severity],
    ['customDimensions', names.properties],
    ['operation_Id', names.operationId],
    ['operation_ParentId', names.parentId],
    ['cloud_RoleName', names.roleName],
    ['cloud_RoleInstance', names.roleInstance],
    ['itemCount', names.itemCount],
    ['itemId', names.itemId],
  ];
  return projectLine(columns);
}

/** A line that names columns. @internal */
export function projectLine(columns: readonly (readonly [name: string, expression: string])[]): string {
  return `| project ${columns.map(([name, expression]) => (name === expression ? name : `${name} = ${expression}`)).join(', ')}`;
}

function levelOf(severity: Severity): number {
  const level = SEVERITIES.indexOf(severity);
  if (level < 0) {
    throw new ValidationError({ path: 'severity', expected: `one of ${SEVERITIES.join(', ')}`, received: severity });
  }
  return level;
}

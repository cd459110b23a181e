import type { Severity } from '../types.ts';
import type { RawTable } from './answer.ts';
import { columnTexts, rowsOf } from './cells.ts';
import { SEVERITIES, type TracesRow } from './traces-query.ts';

/** A trace as it was read: a printed line, or what else was traced. */
export interface TraceRecord {
  /** When it happened. */
  readonly timestamp: Date;
  /** The same as the service writes it, to a ten-millionth of a second. */
  readonly time: string;
  /** `STDOUT` for a printed line, whose text is in `contents`. */
  readonly message: string;
  /** How grave it is. */
  readonly severity: Severity | undefined;
  /** What was printed: the value of its JSON where it is a list or an object, else its text. */
  readonly contents: unknown;
  /** Request that it belongs to. */
  readonly requestId: string | undefined;
  /** The caller's own id of that request. */
  readonly clientRequestId: string | undefined;
  /** Service that sent it. */
  readonly serviceName: string | undefined;
  /** Custom properties. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Trace id. */
  readonly operationId: string;
  /** Span that it belongs to. */
  readonly parentId: string;
  /** Role of the sender: the service, unless it is called otherwise. */
  readonly roleName: string;
  /** Container or machine. */
  readonly roleInstance: string;
  /** How many items this one stands for: above 1 when sampled. */
  readonly itemCount: number;
  /** Id of the row; empty where the service gives none. */
  readonly itemId: string;
}

/** Reads the rows of a query that ends with `traceColumns`. @internal */
export function traceRecords(table: RawTable): TraceRecord[] {
  const times = columnTexts(table, 'timestamp');
  return rowsOf<TracesRow>(table).map((row, index) => recordOf(row, times[index] ?? ''));
}

function recordOf(row: TracesRow, time: string): TraceRecord {
  const properties = typeof row.customDimensions === 'object' ? (row.customDimensions ?? {}) : {};
  return {
    timestamp: row.timestamp,
    time,
    message: row.message ?? '',
    severity: row.severityLevel === null ? undefined : SEVERITIES[row.severityLevel],
    contents: contentsOf(properties['Contents']),
    requestId: textIn(properties, 'Request Id'),
    clientRequestId: textIn(properties, 'Client Request Id'),
    serviceName: textIn(properties, 'Service Name') ?? (row.cloud_RoleName || undefined),
    properties,
    operationId: row.operation_Id ?? '',
    parentId: row.operation_ParentId ?? '',
    roleName: row.cloud_RoleName ?? '',
    roleInstance: row.cloud_RoleInstance ?? '',
    itemCount: row.itemCount ?? 1,
    itemId: row.itemId ?? '',
  };
}

function textIn(properties: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = properties[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function contentsOf(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) {
    return value;
  }
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** What tells a trace from all others. @internal */
export function traceKey({ itemId, time, operationId, message, properties }: TraceRecord): string {
  return itemId === '' ? JSON.stringify([time, operationId, message, properties]) : itemId;
}

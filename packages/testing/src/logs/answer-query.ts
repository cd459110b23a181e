import { answerText, errorBody, partialFault, queryFaultBody, statusBody } from './answers.ts';
import { KqlError } from './kql/kql-error.ts';
import { type KqlTable, runQuery } from './kql/run.ts';
import type { RowsStore } from './rows-store.ts';
import type { LogsSchema } from './tables.ts';
import { inTimespan } from './timespan.ts';
import type { LogsTokens } from './tokens.ts';

/** An answer as it goes over the wire. @internal */
export interface LogsReply {
  readonly status: number;
  readonly text: string;
  readonly rowCount: number;
}

/** What queries are answered from. @internal */
export interface LogsWorld {
  readonly workspaceId: string;
  readonly resourceId: string;
  readonly store: RowsStore;
  readonly tokens: LogsTokens;
  readonly maxRows: number;
  readonly now: () => Date;
  /** Give only so many rows, and say that some are missing. */
  readonly partialRows: number | undefined;
}

/** A query as it came. @internal */
export interface LogsQueryRequest {
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Answers as the service does. @internal */
export function answerQuery(request: LogsQueryRequest, world: LogsWorld): LogsReply {
  const schema = schemaOf(request.path, world);
  if (schema === undefined || request.method !== 'POST') {
    return failed(404, statusBody(404));
  }
  if (!world.tokens.isKnown(request.headers['authorization'])) {
    return failed(401, statusBody(401));
  }
  const { query, timespan } = bodyOf(request.text);
  if (query === undefined) {
    return failed(400, errorBody('BadArgumentError', 'The request had some invalid properties'));
  }
  try {
    const now = world.now();
    const tableOf = (name: string): KqlTable | undefined => {
      const table = world.store.table(name, schema);
      const column = schema === 'component' ? 'timestamp' : 'TimeGenerated';
      return table?.columns.has(column)
        ? { columns: table.columns, rows: table.rows.filter(inTimespan(timespan, column, now)) }
        : table;
    };
    return answered(
      runQuery(query, tableOf, () => now),
      world,
    );
  } catch (error) {
    if (error instanceof KqlError) {
      return failed(400, queryFaultBody(error));
    }
    if (error instanceof TypeError) {
      return failed(400, errorBody('BadArgumentError', `The request had some invalid properties: ${error.message}`));
    }
    throw error;
  }
}

function answered({ columns, rows }: KqlTable, { maxRows, partialRows }: LogsWorld): LogsReply {
  const limit = Math.min(maxRows, partialRows ?? Number.POSITIVE_INFINITY);
  const given = rows.slice(0, limit);
  const isPartial = partialRows !== undefined || rows.length > maxRows;
  return {
    status: 200,
    text: answerText({ columns, rows: given }, isPartial ? partialFault(limit) : undefined),
    rowCount: given.length,
  };
}

/** Whose names the query uses; `undefined` when there is nothing at the path. */
function schemaOf(path: string, { workspaceId, resourceId }: LogsWorld): LogsSchema | undefined {
  // The client joins an address that ends in a slash with an id that begins with one.
  const [, target = ''] = /^\/v1\/+(.+)\/query$/i.exec(decodeURIComponent(path)) ?? [];
  if (target.toLowerCase() === `workspaces/${workspaceId}`.toLowerCase()) {
    return 'workspace';
  }
  return target.toLowerCase() === resourceId.replace(/^\/+/, '').toLowerCase() ? 'component' : undefined;
}

function bodyOf(text: string): { readonly query?: string; readonly timespan?: string } {
  try {
    const { query, timespan } = (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
    return {
      ...(typeof query === 'string' && query.trim() !== '' ? { query } : {}),
      ...(typeof timespan === 'string' ? { timespan } : {}),
    };
  } catch {
    return {};
  }
}

function failed(status: number, body: object): LogsReply {
  return { status, text: JSON.stringify(body), rowCount: 0 };
}

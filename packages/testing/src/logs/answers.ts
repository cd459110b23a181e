import { randomUUID } from 'node:crypto';
import type { KqlError } from './kql/kql-error.ts';
import type { KqlTable } from './kql/run.ts';
import { cellOf, type KqlType, type Row } from './kql/values.ts';

/** The body of an error, as the service writes it. @internal */
export function errorBody(code: string, message: string, inner?: object): object {
  return {
    error: { message, code, correlationId: randomUUID(), ...(inner === undefined ? {} : { innererror: inner }) },
  };
}

const BY_STATUS: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: ['BadArgumentError', 'The request had some invalid properties'],
  401: ['AuthorizationRequiredError', 'Valid authentication was not provided'],
  403: [
    'InsufficientAccessError',
    'The provided credentials have insufficient access to perform the requested operation',
  ],
  404: ['PathNotFoundError', 'The requested path does not exist'],
  429: ['ThrottledError', 'The request has been throttled'],
  504: ['GatewayTimeout', 'Gateway timeout'],
};

/** The body of an error by its status alone. @internal */
export function statusBody(status: number): object {
  const [code, message] = BY_STATUS[status] ?? ['InternalServerError', 'Internal server error'];
  return errorBody(code, message);
}

/** What the service says of a query that it refuses. @internal */
export function queryFaultBody({ kind, code, message, place }: KqlError): object {
  return errorBody('BadArgumentError', 'The request had some invalid properties', {
    code: kind,
    message: kind === 'SyntaxError' ? 'A recognition error occurred in the query.' : 'A semantic error occurred.',
    innererror: {
      code,
      message,
      ...(place === undefined ? {} : { line: place.line, pos: place.pos, token: place.token }),
    },
  });
}

/** What stands beside rows when some are missing. @internal */
export function partialFault(limit: number): object {
  return {
    code: 'PartialError',
    message: 'There were some errors when processing your query.',
    details: [
      {
        code: 'EngineError',
        message: 'Something went wrong processing your query on the server.',
        innererror: {
          code: '-2133196797',
          message: `The results of this query exceed the set limit of ${limit} records, so not all records were returned (E_QUERY_RESULT_SET_TOO_LARGE, 0x80DA0003).`,
          severity: 2,
          severityName: 'Error',
        },
      },
    ],
  };
}

/** The text of an answer. @internal */
export function answerText({ columns, rows }: KqlTable, fault: object | undefined): string {
  const entries = [...columns];
  const table = {
    name: 'PrimaryResult',
    columns: entries.map(([name, type]) => ({ name, type })),
    rows: rows.map((row: Row) => entries.map(([name, type]) => exact(cellOf(row[name], type), type))),
  };
  return JSON.stringify({ tables: [table], ...(fault === undefined ? {} : { error: fault }) });
}

/** Large integers with all their digits, as the service writes them. */
function exact(value: unknown, type: KqlType): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  return typeof value === 'bigint' && (type === 'long' || type === 'int') ? rawJSON(String(value)) : value;
}

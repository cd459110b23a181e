import { AzuremlError } from '@azureml-ts/common';
import { parseExactly } from './exact-json.ts';

/** A column of an answer. */
export interface LogsColumn {
  /** The name. */
  readonly name: string;
  /** Kusto's type: `string`, `datetime`, `int`, `long`, `real`, `bool`, `dynamic`, `guid`, `decimal` or `timespan`. */
  readonly type: string;
}

/** A table as it came, values as in the JSON. @internal */
export interface RawTable {
  /** The name. */
  readonly name: string;
  readonly columns: readonly LogsColumn[];
  readonly rows: readonly (readonly unknown[])[];
}

/** What the service says went wrong although it gave rows. @internal */
export interface RawFault {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly innererror?: RawFault;
  readonly details?: readonly RawFault[];
  readonly line?: unknown;
  readonly pos?: unknown;
  readonly token?: unknown;
}

/** An answer as it came. @internal */
export interface RawAnswer {
  readonly tables: readonly RawTable[];
  readonly fault: RawFault | undefined;
  /** Id of the request. */
  readonly requestId: string | undefined;
}

/**
 * Reads the body of an answer.
 *
 * @throws {@link AzuremlError} `INVALID_ANSWER` when it is not what the service writes.
 * @internal
 */
export function readAnswer(text: string, requestId: string | undefined): RawAnswer {
  let body: { readonly tables?: unknown; readonly error?: unknown };
  try {
    body = parseExactly(text.replace(/^\uFEFF/, '')) as typeof body;
  } catch (cause) {
    throw invalid('is not JSON', requestId, cause);
  }
  if (!Array.isArray(body?.tables) || !body.tables.every(isTable)) {
    throw invalid('has no tables', requestId);
  }
  const fault = typeof body.error === 'object' && body.error !== null ? (body.error as RawFault) : undefined;
  return { tables: body.tables, fault, requestId };
}

function isTable(value: unknown): value is RawTable {
  const { columns, rows } = (value ?? {}) as Partial<RawTable>;
  return Array.isArray(columns) && Array.isArray(rows);
}

function invalid(what: string, requestId: string | undefined, cause?: unknown): AzuremlError {
  return new AzuremlError(
    'INVALID_ANSWER',
    `The answer to the query ${what}. Check for a proxy or a sign-in page in between; if there is none, try again and quote the request id to support.`,
    { cause, requestId },
  );
}

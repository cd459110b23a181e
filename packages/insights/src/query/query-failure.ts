import {
  AzuremlError,
  endSentence,
  errorMessage,
  isAzuremlError,
  type JsonValue,
  redactSecrets,
} from '@azureml-ts/common';
import type { RawFault } from './answer.ts';

/** An answer that reports a failure. @internal */
export interface FailedAnswer {
  readonly status: number;
  readonly text: string;
  /** Id of the request. */
  readonly requestId: string | undefined;
}

const MAX_QUOTED = 2_000;

const HINTS: Readonly<Record<string, string>> = {
  AUTHENTICATION_FAILED: 'Sign in again (`az login`), or give a credential of the right tenant.',
  PERMISSION_DENIED:
    'Ask for the role "Log Analytics Reader" or "Monitoring Reader" on the component or the workspace; a new role takes some minutes.',
  NOT_FOUND: 'Check the target: the id of a Log Analytics workspace, or the resource id of the component.',
  QUERY_INVALID: 'Correct the query.',
  REQUEST_REFUSED: 'Correct what the message names.',
  SERVICE_FAILED: 'Try again later, or with a shorter timespan; quote the request id to support.',
  THROTTLED: 'Wait, or send fewer queries: the service takes 5 at a time and 200 in 30 seconds from one user.',
};

/**
 * Makes the error for an answer that is no result.
 *
 * @param answer The answer.
 * @param schemaHint What to say when a table is not known.
 * @internal
 */
export function answerFailure(answer: FailedAnswer, schemaHint: string): AzuremlError {
  const { status, requestId } = answer;
  const fault = faultIn(answer.text);
  const code = codeOf(status, fault);
  const inner = innermost(fault);
  const said = inner.message === undefined ? quotable(answer.text) : textOf(inner.message);
  const place = placeOf(inner);
  const facts = [inner.code, place && `line ${place.line}, column ${place.column}`].filter(
    (fact) => typeof fact === 'string',
  );
  const hint = /resolve table/i.test(said) ? schemaHint : HINTS[code];
  return new AzuremlError(
    code,
    `The query failed with status ${status}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}` +
      `${said === '' ? '.' : `: ${endSentence(said)}`} ${hint}`,
    {
      statusCode: status,
      requestId,
      retryable: code === 'THROTTLED' || code === 'SERVICE_FAILED',
      details: detailsOf(fault, place),
    },
  );
}

/** The error of an answer that has rows, but not all. Code `QUERY_PARTIAL`. @internal */
export function partialFailure(fault: RawFault, requestId: string | undefined): AzuremlError {
  const inner = innermost(fault);
  const said = [textOf(fault.message), textOf(inner.message)].filter(
    (text, at, all) => text !== '' && all.indexOf(text) === at,
  );
  return new AzuremlError(
    'QUERY_PARTIAL',
    `The query gave only a part of its rows: ${endSentence(said.join(' '))} Ask for less at a time: fewer rows or columns, a shorter timespan.`,
    { requestId, details: detailsOf(fault, undefined) },
  );
}

/**
 * What to throw for a request without an answer: errors of this project, and what an abort signal gave, as they are.
 *
 * @internal
 */
export function requestFailure(error: unknown): unknown {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  if (isAzuremlError(error) || name === 'AbortError' || name === 'TimeoutError') {
    return error;
  }
  const reason = endSentence(errorMessage(error));
  if (/Authentication|Credential/.test(String(name))) {
    return new AzuremlError(
      'AUTHENTICATION_FAILED',
      `The query got no token: ${reason} ${HINTS['AUTHENTICATION_FAILED']}`,
      {
        cause: error,
      },
    );
  }
  return name === 'RestError'
    ? new AzuremlError(
        'SERVICE_UNREACHABLE',
        `The query got no answer: ${reason} Check the network, the proxy (HTTPS_PROXY) and private endpoints.`,
        { cause: error, retryable: true, details: typeof code === 'string' ? { code } : {} },
      )
    : error;
}

function faultIn(text: string): RawFault {
  try {
    const body = JSON.parse(text) as { readonly error?: unknown } | null;
    return typeof body?.error === 'object' && body.error !== null ? body.error : {};
  } catch {
    return {};
  }
}

/** What is said furthest inside tells the most. */
function innermost(fault: RawFault): RawFault {
  const [detail] = Array.isArray(fault.details) ? fault.details : [];
  const inner = fault.innererror ?? detail;
  return typeof inner === 'object' && inner !== null ? innermost({ message: fault.message, ...inner }) : fault;
}

function codeOf(status: number, fault: RawFault): string {
  switch (status) {
    case 400:
      return ['BadArgumentError', 'SyntaxError', 'SemanticError'].includes(String(fault.code))
        ? 'QUERY_INVALID'
        : 'REQUEST_REFUSED';
    case 401:
      return 'AUTHENTICATION_FAILED';
    case 403:
      return 'PERMISSION_DENIED';
    case 404:
    case 410:
      return 'NOT_FOUND';
    case 429:
      return 'THROTTLED';
    default:
      return status >= 500 ? 'SERVICE_FAILED' : 'REQUEST_REFUSED';
  }
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where in the query: columns count from 0 there, from 1 here. */
function placeOf({ line, pos, message }: RawFault): Place | undefined {
  if (typeof line === 'number' && typeof pos === 'number') {
    return { line, column: pos + 1 };
  }
  const [, inText, at] = /\[(?:line:position=)?(\d+)[,:]\s*(\d+)\]/.exec(String(message)) ?? [];
  return inText === undefined ? undefined : { line: Number(inText), column: Number(at) + 1 };
}

function detailsOf(fault: RawFault, place: Place | undefined): Record<string, JsonValue> {
  const inner = innermost(fault);
  const details = {
    code: fault.code,
    innerCode: inner === fault ? undefined : inner.code,
    message: inner.message,
    line: place?.line,
    column: place?.column,
    token: inner.token,
  };
  return Object.fromEntries(
    Object.entries(details).flatMap(([name, value]): [string, JsonValue][] =>
      typeof value === 'string' ? [[name, textOf(value)]] : typeof value === 'number' ? [[name, value]] : [],
    ),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? redactSecrets(value.slice(0, MAX_QUOTED)) : '';
}

/** A text body; none of a page. */
function quotable(text: string): string {
  const trimmed = text.trim();
  return trimmed.startsWith('<') ? '' : redactSecrets(trimmed.slice(0, MAX_QUOTED));
}

import {
  AzuremlError,
  errorMessage,
  isAzuremlError,
  type JsonValue,
  REDACTED,
  redactSecrets,
} from '@azureml-ts/common';
import { foreignHost } from './foreign-host.ts';

/** What is known of an answer that reports a failure. */
export interface FailedAnswer {
  readonly status: number;
  /** Value of a header, whatever its case. */
  header(name: string): string | undefined;
  /** The body as text. */
  readonly text: string;
  /** Where the request went. */
  readonly url?: string | undefined;
}

/** How a failure is told. */
export interface FailureWords {
  /** What was tried, for example `Reading the online endpoint "svc"`. */
  readonly what: string;
  /** Code and advice for an answer 404. Default `NOT_FOUND`. */
  readonly notFound?: { readonly code: string; readonly hint: string } | undefined;
}

/** What a service says of a failure, taken from its body. */
export interface ServiceFault {
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly target?: string | undefined;
  /** Further faults, as plain JSON. */
  readonly details?: JsonValue | undefined;
}

const MAX_QUOTED = 2_000;
/** Secrets are looked for in this much of an answer before it is cut to what is quoted. */
const MAX_SEARCHED = 50_000;

const HINTS: Readonly<Record<string, string>> = {
  AUTHENTICATION_FAILED: 'Sign in again (`az login`), or give a credential of the right tenant.',
  PERMISSION_DENIED:
    'Ask for the role "AzureML Data Scientist" on the workspace, or one that holds the action named above; a new role takes some minutes.',
  NOT_FOUND: 'Check the subscription, the resource group and the names.',
  CONFLICT: 'Read it again and repeat the call; if an operation is running, wait for its end.',
  THROTTLED: 'Wait, or send fewer requests at a time.',
  REQUEST_REFUSED: 'Correct what the message names.',
  SERVICE_FAILED: 'Try again later; quote the request id to support.',
};

/**
 * Makes the error for an answer with a status that was not asked for.
 *
 * Codes: `AUTHENTICATION_FAILED` (401), `PERMISSION_DENIED` (403), `NOT_FOUND` (404, 410; or the caller's code),
 * `CONFLICT` (409, 412), `THROTTLED` (429), `SERVICE_FAILED` (5xx), `REQUEST_REFUSED` (any other).
 *
 * @param answer The answer.
 * @param words What was tried.
 */
export function answerFailure(answer: FailedAnswer, words: FailureWords): AzuremlError {
  const elsewhere = redirectedTo(answer);
  if (elsewhere !== undefined) {
    return foreignHost(elsewhere, `${words.what} was redirected, which`);
  }
  const fault = readFault(answer.text);
  const isMissing = answer.status === 404 || answer.status === 410;
  const code = isMissing ? (words.notFound?.code ?? 'NOT_FOUND') : codeOf(answer.status);
  const hint = isMissing ? (words.notFound?.hint ?? HINTS['NOT_FOUND']) : HINTS[code];
  const said = fault.message ?? quotable(answer.text);
  const quoted = said === '' ? '' : `: ${endSentence(said.slice(0, MAX_QUOTED))}`;
  const requestId = requestIdOf(answer);
  return new AzuremlError(
    code,
    `${words.what} failed with status ${answer.status}${fault.code === undefined ? '' : ` (${fault.code})`}` +
      `${quoted === '' ? '.' : quoted} ${hint ?? ''}`.trimEnd(),
    {
      statusCode: answer.status,
      requestId,
      retryable: code === 'THROTTLED' || code === 'SERVICE_FAILED',
      details: faultDetails(fault),
    },
  );
}

/**
 * Makes the error for a request that got no usable answer: a credential that gives no token, a broken connection, an
 * answer that is not JSON. Errors of this project, and what an abort signal gave, are passed on as they are.
 *
 * Codes: `AUTHENTICATION_FAILED`, `INVALID_ANSWER`, `SERVICE_UNREACHABLE`.
 */
export function requestFailure(error: unknown, words: FailureWords): unknown {
  if (isAzuremlError(error)) {
    return error;
  }
  const { name, code, response } = (error ?? {}) as { name?: unknown; code?: unknown; response?: TypedResponse | null };
  if (name === 'AbortError' || name === 'TimeoutError') {
    return error;
  }
  // A body that is not JSON is a fault of its own only where the service says that all is well.
  if (response && (code !== 'PARSE_ERROR' || response.status >= 300)) {
    return answerFailure(typedAnswer(response), words);
  }
  const reason = endSentence(errorMessage(error));
  if (code === 'PARSE_ERROR') {
    return new AzuremlError('INVALID_ANSWER', `${words.what} got an answer that is not JSON. ${INVALID_HINT}`, {
      cause: error,
    });
  }
  if (/Authentication|Credential/.test(String(name))) {
    return new AzuremlError(
      'AUTHENTICATION_FAILED',
      `${words.what} got no token: ${reason} ${HINTS['AUTHENTICATION_FAILED']}`,
      { cause: error },
    );
  }
  if (name === 'RestError') {
    return new AzuremlError(
      'SERVICE_UNREACHABLE',
      `${words.what} got no answer: ${reason} Check the network, the proxy (HTTPS_PROXY) and private endpoints.`,
      { cause: error, retryable: true, details: typeof code === 'string' ? { code } : {} },
    );
  }
  return error;
}

/** What to do about an answer that is not what a service of Azure writes. */
export const INVALID_HINT =
  'Check for a proxy or a sign-in page in between; if there is none, try again and quote the request id to support.';

/** Reads the error body of Azure Resource Manager or of the classic service. */
export function readFault(text: string): ServiceFault {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { code: undefined, message: undefined };
  }
  const outer = (body ?? {}) as Record<string, unknown>;
  return faultOf(typeof outer['error'] === 'object' && outer['error'] !== null ? outer['error'] : outer);
}

/** Reads `{code, message, target, details}` wherever it stands; other values give an empty fault. */
export function faultOf(value: unknown): ServiceFault {
  if (typeof value === 'string') {
    return { code: undefined, message: value };
  }
  if (typeof value !== 'object' || value === null) {
    return { code: undefined, message: undefined };
  }
  const { code, message, target, details } = value as Record<string, unknown>;
  return {
    code: typeof code === 'string' ? code : undefined,
    message: typeof message === 'string' ? redactSecrets(message.slice(0, MAX_SEARCHED)) : undefined,
    target: typeof target === 'string' ? target : undefined,
    details: details === undefined || details === null ? undefined : plainJson(details),
  };
}

/** A fault as details of an error. */
export function faultDetails(fault: ServiceFault): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries({
      code: fault.code,
      message: fault.message,
      target: fault.target,
      details: fault.details,
    }).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
}

/** The id to quote to support. */
export function requestIdOf(answer: Pick<FailedAnswer, 'header'>): string | undefined {
  return (
    answer.header('x-ms-request-id') ??
    answer.header('x-ms-correlation-request-id') ??
    answer.header('x-ms-client-request-id') ??
    answer.header('x-request-id')
  );
}

/** A text with a full stop at its end. */
export function endSentence(text: string): string {
  return /[.!?]\s*$/.test(text) ? text.trimEnd() : `${text.trimEnd()}.`;
}

function codeOf(status: number): string {
  switch (status) {
    case 401:
      return 'AUTHENTICATION_FAILED';
    case 403:
      return 'PERMISSION_DENIED';
    case 409:
    case 412:
      return 'CONFLICT';
    case 429:
      return 'THROTTLED';
    default:
      return status >= 500 ? 'SERVICE_FAILED' : 'REQUEST_REFUSED';
  }
}

/** A copy without secrets. Each text by itself: in the JSON text, what hides a secret could eat the quotes around it. */
function plainJson(value: unknown, name = ''): JsonValue {
  if (typeof value === 'string') {
    return isSecretName(name) ? REDACTED : redactSecrets(value.slice(0, MAX_SEARCHED));
  }
  if (Array.isArray(value)) {
    return value.map((item) => plainJson(item, name));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [redactSecrets(key), plainJson(inner, key)]));
  }
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function isSecretName(name: string): boolean {
  return redactSecrets(`${name}=x`) !== `${name}=x`;
}

/** A text body; none of a page. */
function quotable(text: string): string {
  const trimmed = text.trim();
  return trimmed.startsWith('<') ? '' : redactSecrets(trimmed.slice(0, MAX_SEARCHED));
}

/** The foreign host that a redirect leads to. */
function redirectedTo({ status, header, url }: FailedAnswer): string | undefined {
  const location = status >= 300 && status <= 399 ? header('location') : undefined;
  if (location === undefined || !URL.canParse(location, url)) {
    return undefined;
  }
  const target = new URL(location, url);
  return url !== undefined && new URL(url).origin === target.origin ? undefined : target.host;
}

interface TypedResponse {
  readonly request?: { readonly url: string };
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly bodyAsText?: string | null;
}

function typedAnswer({ status, headers, bodyAsText, request }: TypedResponse): FailedAnswer {
  return { status, header: (name) => headers.get(name), text: bodyAsText ?? '', url: request?.url };
}

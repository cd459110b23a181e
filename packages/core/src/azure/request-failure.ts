import { AzuremlError, endSentence, errorMessage, isAzuremlError, redactSecrets } from '@azureml-ts/common';
import { foreignHost } from './foreign-host.ts';
import { retryAfterOf } from './retry-after.ts';
import { faultDetails, masked, quotable, readFault } from './service-fault.ts';

export { faultDetails, faultOf, readFault, type ServiceFault } from './service-fault.ts';

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
  /** Texts that are masked in whatever the service says: values that the request holds. Of 4 characters or more. */
  readonly secrets?: readonly string[] | undefined;
}

const MAX_QUOTED = 2_000;
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
 * `CONFLICT` (409, 412), `THROTTLED` (429), `SERVICE_FAILED` (5xx), `REQUEST_REFUSED` (any other). When the service says
 * when to come back, `details.retryAfterMs` and the message say so.
 *
 * @param answer The answer.
 * @param words What was tried.
 */
export function answerFailure(answer: FailedAnswer, words: FailureWords): AzuremlError {
  const elsewhere = redirectedTo(answer);
  if (elsewhere !== undefined) {
    return foreignHost(elsewhere, `${words.what} was redirected, which`);
  }
  const { secrets } = words;
  const fault = readFault(answer.text, secrets);
  const isMissing = answer.status === 404 || answer.status === 410;
  const code = isMissing ? (words.notFound?.code ?? 'NOT_FOUND') : codeOf(answer.status);
  const hint = isMissing ? (words.notFound?.hint ?? HINTS['NOT_FOUND']) : HINTS[code];
  const said = fault.message ?? quotable(answer.text, secrets);
  const quoted = said === '' ? '' : `: ${endSentence(said.slice(0, MAX_QUOTED))}`;
  const requestId = requestIdOf(answer);
  const asked = code === 'THROTTLED' || answer.status === 503 ? retryAfterOf(answer) : undefined;
  const wait = asked === undefined ? '' : ` The service asks to come back in ${Math.ceil(asked / 1000)} s.`;
  return new AzuremlError(
    code,
    `${words.what} failed with status ${answer.status}${fault.code === undefined ? '' : ` (${fault.code})`}` +
      `${quoted === '' ? '.' : quoted} ${hint ?? ''}`.trimEnd() +
      wait,
    {
      statusCode: answer.status,
      requestId,
      retryable: code === 'THROTTLED' || code === 'SERVICE_FAILED',
      details: { ...faultDetails(fault), ...(asked === undefined ? {} : { retryAfterMs: asked }) },
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
  if (response && response.status >= 300) {
    return answerFailure(typedAnswer(response), words);
  }
  // A body that cannot be read is a fault of its own only where the service says that all is well. The client's error
  // quotes the whole of it, which may be keys, so nothing is passed on.
  if (code === 'PARSE_ERROR' || response) {
    const answer = response ? typedAnswer(response) : undefined;
    return invalidAnswer(words.what, code === 'PARSE_ERROR' ? 'that is not JSON' : 'that is not as specified', answer);
  }
  const reason = endSentence(masked(errorMessage(error), words.secrets));
  const cause = plainCause(error, words.secrets);
  if (/Authentication|Credential/.test(String(name))) {
    return new AzuremlError(
      'AUTHENTICATION_FAILED',
      `${words.what} got no token: ${reason} ${HINTS['AUTHENTICATION_FAILED']}`,
      { cause },
    );
  }
  if (name === 'RestError') {
    return new AzuremlError(
      'SERVICE_UNREACHABLE',
      `${words.what} got no answer: ${reason} Check the network, the proxy (HTTPS_PROXY) and private endpoints.`,
      { cause, retryable: true, details: typeof code === 'string' ? { code } : {} },
    );
  }
  return error;
}

/** What to do about an answer that is not what a service of Azure writes. */
export const INVALID_HINT =
  'Check for a proxy or a sign-in page in between; if there is none, try again and quote the request id to support.';

/**
 * The error of an answer 2xx that is of no use. Code `INVALID_ANSWER`. Nothing of the body is quoted: it may hold keys.
 *
 * @param what What was tried.
 * @param fault What is wrong with the answer, as in `got an answer that is not JSON`.
 * @param answer The answer, when there is one.
 */
export function invalidAnswer(
  what: string,
  fault: string,
  answer?: Pick<FailedAnswer, 'status' | 'header'>,
): AzuremlError {
  return new AzuremlError('INVALID_ANSWER', `${what} got an answer ${fault}. ${INVALID_HINT}`, {
    statusCode: answer?.status,
    requestId: answer === undefined ? undefined : requestIdOf(answer),
  });
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

/** What may be passed on of a client's error, which holds the request with the token or secret, and the answer. */
export function plainCause(error: unknown, secrets?: readonly string[]): Error {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  const cause = new Error(redactSecrets(masked(errorMessage(error), secrets)));
  return Object.assign(cause, { name: String(name) }, typeof code === 'string' ? { code } : {});
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

import { type JsonValue, REDACTED, redactSecrets } from '@azureml-ts/common';
import { WebserviceError } from '../errors.ts';

/** How much of an error answer goes into a message. */
const MAX_QUOTED = 2_000;
const RETRYABLE: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/** What a scoring request was answered. */
export interface ScoringAnswer {
  readonly status: number;
  /** Value of a header, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly content: Buffer;
}

/**
 * The answer of a scoring request as `run()` gives it: JSON parsed, other text as text, anything else (an image, for
 * example) as a Buffer.
 */
export function readAnswer({ header, content }: ScoringAnswer): unknown {
  const contentType = header('content-type');
  if (contentType !== undefined && !/^text\/|json/i.test(contentType)) {
    return content;
  }
  const text = content.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether an answer is the scoring script's own, and not that of what stands before it (sign-in, traffic). */
export function isFromScript({ header }: Pick<ScoringAnswer, 'header'>): boolean {
  return header('x-ms-run-function-failed') !== undefined;
}

/**
 * Makes the error for a status other than 2xx.
 *
 * Codes: `AUTHENTICATION_FAILED` (401) and `PERMISSION_DENIED` (403), unless the scoring script answered them; else
 * `SCORING_FAILED`.
 *
 * Source: the status codes in "Troubleshoot online endpoints": 424 stands for any failure of the model, whose own status is
 * in the header `ms-azureml-model-error-statuscode`.
 *
 * @param name Name of the service.
 * @param answer What it answered.
 * @param secrets Texts that must not be quoted: some services quote the key that they refuse.
 */
export function scoringFailed(name: string, answer: ScoringAnswer, secrets: readonly string[] = []): WebserviceError {
  const { status, header } = answer;
  const hidden = (text: string | undefined) =>
    text === undefined ? undefined : secrets.reduce((left, secret) => left.replaceAll(secret, REDACTED), text);
  const text = hidden(answer.content.toString('utf8')) ?? '';
  const requestId = header('x-request-id') ?? header('x-ms-request-id');
  const said = (serverMessage(text) ?? (text.trimStart().startsWith('<') ? '' : text)).trim().slice(0, MAX_QUOTED);
  const modelStatus = hidden(header('ms-azureml-model-error-statuscode'));
  const modelReason = hidden(header('ms-azureml-model-error-reason'));
  const model =
    modelStatus === undefined ? '' : `, because the model answered ${modelStatus}${inBrackets(modelReason)}`;
  const location = hidden(header('location'));
  const details: Record<string, JsonValue> = {
    body: redactSecrets(text.slice(0, MAX_QUOTED)),
    ...(modelStatus === undefined ? {} : { modelStatusCode: Number(modelStatus) || modelStatus }),
    ...(modelReason === undefined ? {} : { modelErrorReason: modelReason }),
    ...(location === undefined ? {} : { location: redactSecrets(location) }),
  };
  return new WebserviceError(
    codeOf(answer),
    `Service "${name}" answered ${status}${model}${said === '' ? '' : `: ${said.replace(/\.$/, '')}`}` +
      `${requestId === undefined || said.includes(requestId) ? '' : ` (request ${requestId})`}. ` +
      hintOf(answer),
    { statusCode: status, requestId, retryable: RETRYABLE.has(status), details },
  );
}

function codeOf(answer: ScoringAnswer): string {
  if (isFromScript(answer)) {
    return 'SCORING_FAILED';
  }
  return { 401: 'AUTHENTICATION_FAILED', 403: 'PERMISSION_DENIED' }[answer.status] ?? 'SCORING_FAILED';
}

const LOGS = 'See getLogs() for the cause.';

function hintOf(answer: ScoringAnswer): string {
  const { status, header } = answer;
  const runFailed = header('x-ms-run-function-failed')?.toLowerCase() === 'true';
  if (!isFromScript(answer)) {
    switch (status) {
      case 401:
        return 'Its key or token was refused: check how the service is signed in to, and read the service again.';
      case 403:
        return 'The identity that scores needs a role with the right to score on the endpoint.';
      case 404:
        return 'Check the scoring address, and that a deployment gets traffic.';
      case 408:
        return 'Scoring took longer than the service allows: raise its request timeout, or see getLogs().';
      case 413:
        return 'Send less input at once.';
      case 429:
        return 'Wait, or send fewer requests at a time.';
      default:
    }
    if (status >= 300 && status <= 399) {
      return 'The redirect was not followed, because the key would go there too: check the scoring address.';
    }
  }
  return status >= 500 || status === 424 || runFailed ? LOGS : 'Correct the input and call run() again.';
}

function inBrackets(text: string | undefined): string {
  return text === undefined || text === '' ? '' : ` (${text})`;
}

function serverMessage(text: string): string | undefined {
  try {
    const { message, error } = JSON.parse(text);
    const found = message ?? error?.message;
    return typeof found === 'string' ? found : undefined;
  } catch {
    return undefined;
  }
}

import { errorMessage, isAzuremlError, retryAfterMs, statusOf } from '@azureml-ts/common';

/** What is known of a failed append. */
export interface StoreFailure {
  /** Stable name of the cause, for reporting each cause once. */
  readonly cause: string;
  /** In words, without secrets. */
  readonly message: string;
  /** Whether trying again soon makes sense. */
  readonly retryable: boolean;
  /** When the service said how long to wait. */
  readonly retryAfterMs: number | undefined;
}

// Statuses that tell of load or of a passing fault; 408, 502 and 504 are not retried by the storage client itself.
const PASSING = new Set([408, 412, 429, 500, 502, 503, 504]);

/** Reads what the storage client, the file system or the network threw. */
export function describeFailure(error: unknown): StoreFailure {
  const facts = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: unknown;
    name?: unknown;
    retryable?: unknown;
    details?: { errorCode?: unknown };
    response?: { headers?: { get(name: string): string | undefined } };
  };
  const statusCode = statusOf(error);
  // The answer to a HEAD request has no body: its code stands in a header only.
  const code = [facts.code, facts.details?.errorCode].find((name) => typeof name === 'string');
  return {
    cause: code ?? (statusCode === undefined ? String(facts.name ?? 'UNKNOWN') : `HTTP_${statusCode}`),
    // The client's messages repeat the request over many lines; the first says what happened.
    message: `${code === undefined ? '' : `${code}: `}${firstLine(error, statusCode)}${advice(statusCode, code)}`,
    retryable: isAzuremlError(error) ? error.retryable : statusCode === undefined || PASSING.has(statusCode),
    retryAfterMs: retryAfterMs(facts.response?.headers?.get('retry-after')),
  };
}

function firstLine(error: unknown, statusCode: number | undefined): string {
  const isSilent = statusCode !== undefined && error instanceof Error && error.message === '';
  return isSilent ? `the service answered with status ${statusCode}.` : (errorMessage(error).split('\n')[0] ?? '');
}

function advice(statusCode: number | undefined, code: string | undefined): string {
  if (statusCode === 403 || statusCode === 401) {
    return ' Give the identity the role Storage Blob Data Contributor, or check the key in AML_MODEL_DC_STORAGE.';
  }
  if (code === 'ENOTFOUND' || code === 'ECONNREFUSED' || code === 'REQUEST_SEND_ERROR') {
    return ' Check the address in AML_MODEL_DC_STORAGE and that this machine reaches it.';
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'ENOSPC') {
    return ' Check the rights and the free space of the folder.';
  }
  return '';
}

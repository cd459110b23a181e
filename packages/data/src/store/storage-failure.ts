import { AzuremlError, errorMessage, isAzuremlError, statusOf } from '@azureml-ts/common';

/** What was tried when the store failed. */
export interface StorageAttempt {
  /** What could not be done, for example `The file a/b.csv could not be read`. */
  readonly what: string;
  /** Where, without secrets. */
  readonly place: string;
  /** The caller's signal. */
  readonly abortSignal: AbortSignal | undefined;
  /** Whether it was writing or removing; default reading. */
  readonly isWrite?: boolean;
}

/** What to throw for a failure of the store: the caller's own reason when it ended the work, else an error that says what to do. */
export function storageFailure(error: unknown, attempt: StorageAttempt): unknown {
  if (attempt.abortSignal?.aborted) {
    return attempt.abortSignal.reason;
  }
  if (isAzuremlError(error)) {
    return error;
  }
  const status = statusOf(error);
  const code = (error as { code?: unknown } | null)?.code;
  const { isWrite = false } = attempt;
  return new AzuremlError(
    isWrite ? 'STORAGE_WRITE_FAILED' : 'STORAGE_READ_FAILED',
    `${attempt.what} in ${attempt.place}: ${oneLine(errorMessage(error))}. ${isWrite ? writeAdvice(status, code) : advice(status, code)}`,
    {
      cause: error,
      statusCode: status,
      requestId: requestIdOf(error),
      retryable: status === undefined ? !LOCAL.has(String(code)) : status >= 500 || status === 408 || status === 429,
    },
  );
}

const LOCAL = new Set(['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'EEXIST', 'EROFS', 'ENOSPC']);

function advice(status: number | undefined, code: unknown): string {
  if (status === 401 || status === 403) {
    return 'Check the key or signature; a credential needs the role Storage Blob Data Reader on the account or the container.';
  }
  if (status === 404 || status === 412 || code === 'ENOENT') {
    return 'It was removed or replaced while it was being read: read again.';
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return 'Give this user the right to read it.';
  }
  return 'Check that the store can be reached, and read again.';
}

function writeAdvice(status: number | undefined, code: unknown): string {
  if (status === 401 || status === 403) {
    return 'Check the key or signature; a credential needs the role Storage Blob Data Contributor on the account or the container.';
  }
  if (status === 409 && code === 'InvalidBlobType') {
    return 'An append blob is there, which cannot become a block blob: write to another folder, or remove it first.';
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return 'Give this user the right to write there.';
  }
  return code === 'ENOSPC'
    ? 'Make room there, and write again.'
    : 'Check that the place can be reached, and write again.';
}

function oneLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/\.$/, '');
}

function requestIdOf(error: unknown): string | undefined {
  const headers = (error as { response?: { headers?: { get?(name: string): unknown } } } | null)?.response?.headers;
  const id = headers?.get?.('x-ms-request-id');
  return typeof id === 'string' ? id : undefined;
}

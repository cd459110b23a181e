import { AzuremlError, isAzuremlError } from '@azureml-ts/common';

/**
 * The error of a request to the workspace's storage account.
 *
 * @param error What the storage client threw.
 * @param what What was tried.
 * @param place Address of the container.
 * @param abortSignal The caller's: its reason is thrown as it is.
 */
export function storageFailure(
  error: unknown,
  what: string,
  place: string,
  abortSignal: AbortSignal | undefined,
): unknown {
  if (abortSignal?.aborted === true) {
    return abortSignal.reason;
  }
  if (isAzuremlError(error)) {
    return error;
  }
  const { statusCode, code, details } = (error ?? {}) as {
    statusCode?: number;
    code?: string;
    details?: { errorCode?: string };
  };
  const reason = details?.errorCode ?? code ?? (error instanceof Error ? error.name : 'unknown');
  const facts = { cause: undefined, statusCode, details: { reason, container: place } };
  switch (statusCode) {
    case 401:
    case 403:
      return new AzuremlError(
        'STORAGE_PERMISSION_DENIED',
        `${what} was refused by the storage account (${statusCode} ${reason}) at ${place}. ` +
          'Give the account that signs in the role "Storage Blob Data Contributor" on the storage account, and check that the ' +
          'account lets this network in; a new role takes some minutes.',
        facts,
      );
    case 404:
      return new AzuremlError(
        'STORAGE_NOT_FOUND',
        `${what} found nothing (404 ${reason}) at ${place}. Check that the default datastore of the workspace points to a container that is there.`,
        facts,
      );
    default:
      return new AzuremlError(
        'STORAGE_UNREACHABLE',
        `${what} failed (${statusCode ?? 'no answer'}, ${reason}) at ${place}. Try again: an upload goes on where it broke off.`,
        { ...facts, retryable: true },
      );
  }
}

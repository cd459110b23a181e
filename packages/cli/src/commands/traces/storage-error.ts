import { AzuremlError, errorMessage, isAzuremlError, statusOf } from '@azureml-ts/common';

/** Runs work on a file of the place; a failure says which file. What an abort signal gave stays as it is. */
export async function onFile<T>(what: string, place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isAzuremlError(error) || (error as { name?: unknown } | null)?.name === 'AbortError') {
      throw error;
    }
    const statusCode = statusOf(error);
    throw new AzuremlError(
      'STORAGE_FAILED',
      `${what} in ${place}: ${errorMessage(error)}. Check that the place is there and may be written to (for Blob Storage the role "Storage Blob Data Contributor"), and run the command again: complete days are not fetched again.`,
      { cause: error, ...(statusCode === undefined ? {} : { statusCode }) },
    );
  }
}

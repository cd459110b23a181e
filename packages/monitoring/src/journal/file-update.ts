import { AzuremlError, errorMessage, isAzuremlError } from '@azureml-ts/common';
import type { HeldFolder } from './held-folder.ts';
import type { Troubles } from './troubles.ts';

/**
 * Makes an update of a file in a journal folder, and says what became of it.
 *
 * @param folder The folder.
 * @param troubles Told when the disk refuses.
 * @param update The update.
 * @returns `undefined` when it is made; else an error: `JOURNAL_TAKEN` when the folder was taken over,
 *   `JOURNAL_UNAVAILABLE` when the disk refuses.
 */
export function tryUpdate(folder: HeldFolder, troubles: Troubles, update: () => void): AzuremlError | undefined {
  try {
    update();
    troubles.passed('state');
    return undefined;
  } catch (error) {
    if (isTakenError(error)) {
      return error;
    }
    if (!folder.isHeld()) {
      return folder.taken();
    }
    troubles.cannotNote(error);
    return new AzuremlError('JOURNAL_UNAVAILABLE', `${folder.path} cannot be updated: ${errorMessage(error)}`, {
      cause: error,
      retryable: true,
    });
  }
}

/** Whether an error says that another process has taken the folder over. */
export function isTakenError(error: unknown): error is AzuremlError {
  return isAzuremlError(error, 'JOURNAL_TAKEN');
}

import { AzuremlError, type AzuremlErrorOptions } from '@azureml-ts/common';

/** The scoring script does not exist. Code `ENTRY_SCRIPT_NOT_FOUND`. */
export class EntryScriptNotFoundError extends AzuremlError {
  /**
   * @param message Where it was looked for.
   * @param options Cause and details.
   */
  constructor(message: string, options?: AzuremlErrorOptions) {
    super('ENTRY_SCRIPT_NOT_FOUND', message, options);
  }
}

/**
 * The scoring script cannot be loaded, or has no `run`. Code `ENTRY_SCRIPT_INVALID`. `cause` holds what the loader threw,
 * when it threw.
 */
export class EntryScriptInvalidError extends AzuremlError {
  /**
   * @param message What is wrong with the script and how to repair it.
   * @param options Cause and details.
   */
  constructor(message: string, options?: AzuremlErrorOptions) {
    super('ENTRY_SCRIPT_INVALID', message, options);
  }
}

/** `init()` of the scoring script failed. Code `INIT_FAILED`. `cause` holds what it threw. */
export class InitFailedError extends AzuremlError {
  /**
   * @param message Why it failed.
   * @param options Cause and details.
   */
  constructor(message: string, options?: AzuremlErrorOptions) {
    super('INIT_FAILED', message, options);
  }
}

/** Another process listens on the port. Code `PORT_IN_USE`. */
export class PortInUseError extends AzuremlError {
  /**
   * @param message Which port, and what to do.
   * @param options Cause and details.
   */
  constructor(message: string, options?: AzuremlErrorOptions) {
    super('PORT_IN_USE', message, options);
  }
}

import { AzuremlError, type AzuremlErrorOptions } from '@azureml-ts/common';

/** A worker process ended although nobody had asked for it, or had to be ended. Code `WORKER_FAILED`. */
export class WorkerFailedError extends AzuremlError {
  /**
   * @param message Which worker, and how it ended.
   * @param options `details` hold `worker`, `pid`, `exitCode` and `signal`.
   */
  constructor(message: string, options?: AzuremlErrorOptions) {
    super('WORKER_FAILED', message, options);
  }
}

/** Workers failed again and again, so that the server gave up. Code `WORKERS_KEEP_FAILING`. `cause` is the last failure. */
export class WorkersKeepFailingError extends AzuremlError {
  /**
   * @param message How often, and where to look.
   * @param options Cause and details.
   */
  constructor(message: string, options?: AzuremlErrorOptions) {
    super('WORKERS_KEEP_FAILING', message, options);
  }
}

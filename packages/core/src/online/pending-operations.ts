import { isAzuremlError } from '@azureml-ts/common';
import { type LongOperation, type OperationSubject, waitForOperation } from '../azure/long-operation.ts';
import type { WaitForDeploymentOptions } from '../webservice/webservice.ts';

/** An operation that this process began, and what it is about. */
export interface PendingOperation {
  readonly operation: LongOperation;
  readonly subject: OperationSubject;
  /** The deployment that it is about; `undefined` for the endpoint itself. */
  readonly deploymentName: string | undefined;
}

/** Errors after which there is no use in asking again. */
const ENDS = ['DEPLOYMENT_FAILED', 'FOREIGN_HOST', 'INVALID_ANSWER'];

/** The operations that were begun and not waited for yet. */
export class PendingOperations {
  #pending: readonly PendingOperation[] = [];

  /** Whether there are any. */
  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  /** Adds one. */
  add(pending: PendingOperation): void {
    this.#pending = [...this.#pending, pending];
  }

  /**
   * Waits for all, in the order in which they were begun.
   *
   * @param settle Waits for one.
   */
  async settleAll(settle: (pending: PendingOperation) => Promise<void>): Promise<void> {
    for (const pending of this.#pending) {
      await settle(pending);
    }
  }

  /**
   * Waits for one. When it ended, well or not, it is not waited for again; nor when its state cannot be asked for, because
   * the link to it is none, or leads elsewhere.
   *
   * @returns Whether the service still knew it.
   */
  async settle(pending: PendingOperation, options: WaitForDeploymentOptions): Promise<boolean> {
    const forget = () => {
      this.#pending = this.#pending.filter((other) => other !== pending);
    };
    try {
      await waitForOperation(pending.operation, pending.subject, options);
    } catch (error) {
      const isUnknown = isAzuremlError(error, 'OPERATION_NOT_FOUND') || isAzuremlError(error, 'WEBSERVICE_NOT_FOUND');
      if (isUnknown || ENDS.some((code) => isAzuremlError(error, code))) {
        forget();
      }
      if (isUnknown) {
        return false;
      }
      throw error;
    }
    forget();
    return true;
  }
}

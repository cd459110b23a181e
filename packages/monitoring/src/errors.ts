import { AzuremlError, errorMessage, isAzuremlError } from '@azureml-ts/common';

/** Facts of a {@link FlushError}. */
export interface FlushErrorOptions {
  /** Rows that are still kept and will be tried again: by this process, or from the journal by the next. */
  readonly keptRows: number;
  /** Rows that are given up. */
  readonly lostRows: number;
  /** Why, one error for each file that could not be stored. */
  readonly causes: readonly unknown[];
  /** Where the rows should have gone. */
  readonly storage: string;
  /** Where kept rows are, as part of a sentence. Default `in memory and will be tried again`. */
  readonly keptWhere?: string | undefined;
}

/**
 * Rows could not be stored in time. Code `FLUSH_FAILED`; `cause` is the first of {@link FlushError.causes}.
 *
 * Raised by `flush()` (rows are kept and tried again) and by `close()` (rows that the journal has are kept for the next
 * process, the others are given up).
 */
export class FlushError extends AzuremlError {
  /** Rows that are still kept and will be tried again. */
  readonly keptRows: number;
  /** Rows that are given up; counted as `dropped.failed`. */
  readonly lostRows: number;
  /** Why, one error for each file that could not be stored. */
  readonly causes: readonly unknown[];

  /** @param options The rows and the causes. */
  constructor(options: FlushErrorOptions) {
    const { keptRows, lostRows, causes, storage, keptWhere = 'in memory and will be tried again' } = options;
    const reason = causes.length === 0 ? 'the time ran out' : causes.map(errorMessage).join('; ');
    const fates = [
      ...(keptRows > 0 || lostRows === 0 ? [`${keptRows} rows are kept ${keptWhere}`] : []),
      ...(lostRows > 0 ? [`${lostRows} rows are given up: the store did not acknowledge them`] : []),
    ];
    super('FLUSH_FAILED', `Collected rows could not be stored in ${storage}: ${reason}. ${fates.join('; ')}.`, {
      cause: causes[0],
      retryable: lostRows === 0,
      details: { keptRows, lostRows },
    });
    this.keptRows = keptRows;
    this.lostRows = lostRows;
    this.causes = causes;
  }
}

/** Tells whether a value is a {@link FlushError}, whichever copy of the package made it. */
export function isFlushError(value: unknown): value is FlushError {
  return isAzuremlError(value, 'FLUSH_FAILED');
}

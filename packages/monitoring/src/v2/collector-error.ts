import { AzuremlError, isAzuremlError } from '@azureml-ts/common';

/**
 * What can be wrong with a `Collector` or a record.
 *
 * | code | what it means |
 * |---|---|
 * | `NAME_MISSING` | the collector was made without a name; nothing is collected |
 * | `CUSTOM_LOGGING_DISABLED` | collection is off altogether |
 * | `COLLECTION_DISABLED` | this collection is off, others are on |
 * | `CONFIG_FILE_MISSING` | the file that `AZUREML_MDC_CONFIG_PATH` names cannot be read |
 * | `CONFIG_FILE_INVALID` | it holds something else than a configuration |
 * | `PORT_NOT_A_NUMBER` | `AZUREML_MDC_PORT` is no port |
 * | `STORAGE_NOT_CONFIGURED` | `AML_COLLECTOR_STORAGE` cannot be used |
 * | `UNSUPPORTED_DATA_TYPE` | what `collect` was given is no rows |
 * | `INVALID_ROWS` | the rows do not fit the columns, or a value cannot be written |
 * | `NOT_A_CONTEXT` | what `collect` was given as a context is none |
 * | `CONTEXT_TOO_LONG` | the correlation id is longer than the headers of a request to the sidecar can hold |
 * | `QUEUE_FULL` | no room for more records: the receiver is away or slow |
 * | `COLLECTOR_CLOSED` | the record came after `close()` |
 *
 * Others come from the background, once for each cause: `RECORD_REFUSED` (the receiver will never take a record),
 * `SIDECAR_...`, codes of the storage and of the journal. The records are kept then, but for those refused.
 */
export type CollectorErrorCode =
  | 'NAME_MISSING'
  | 'CUSTOM_LOGGING_DISABLED'
  | 'COLLECTION_DISABLED'
  | 'CONFIG_FILE_MISSING'
  | 'CONFIG_FILE_INVALID'
  | 'PORT_NOT_A_NUMBER'
  | 'STORAGE_NOT_CONFIGURED'
  | 'UNSUPPORTED_DATA_TYPE'
  | 'INVALID_ROWS'
  | 'NOT_A_CONTEXT'
  | 'CONTEXT_TOO_LONG'
  | 'QUEUE_FULL'
  | 'COLLECTOR_CLOSED';

const BRAND = Symbol.for('@azureml-ts/monitoring/collector-error');

/** What a `Collector` tells its `onError`: `code` says what it is, `message` what to do. */
export class CollectorError extends AzuremlError {
  /** @internal */
  readonly [BRAND]: true = true;

  /**
   * @param code A {@link CollectorErrorCode}, or the cause of a trouble in the background.
   * @param message What failed, and what to do next.
   * @param cause What is behind it.
   */
  constructor(code: CollectorErrorCode | (string & {}), message: string, cause?: unknown) {
    super(code, message, cause === undefined ? {} : { cause });
    Object.defineProperty(this, BRAND, { enumerable: false });
  }
}

/** Tells whether a value is a {@link CollectorError}, whichever copy of the package made it. */
export function isCollectorError(value: unknown): value is CollectorError {
  return isAzuremlError(value) && (value as { readonly [BRAND]?: unknown })[BRAND] === true;
}

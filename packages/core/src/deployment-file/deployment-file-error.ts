import { AzuremlError, type AzuremlErrorOptions, type JsonValue, redactSecrets } from '@azureml-ts/common';

/** One thing that is wrong in a deployment file. */
export interface DeploymentFileFault {
  /** The key with those around it, for example `data_collector.collections.inputs.sampling_rate`; empty for the whole file. */
  readonly path: string;
  /** Line of the file, from 1; `undefined` for what is missing everywhere. */
  readonly line: number | undefined;
  /** Column in the line, from 1. */
  readonly column: number | undefined;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/**
 * A deployment file cannot be used. Code `DEPLOYMENT_FILE_INVALID`.
 *
 * Every fault is listed at once with its line, in the message, in `faults` and in `details.faults`. Values that came from the
 * environment are not told.
 */
export class DeploymentFileError extends AzuremlError {
  /** The file, as an absolute path. */
  readonly file: string;
  /** Everything that is wrong, in the order of the lines. */
  readonly faults: readonly DeploymentFileFault[];

  /**
   * @param file The file, as an absolute path.
   * @param faults Everything that is wrong; at least one.
   * @param options Cause.
   */
  constructor(file: string, faults: readonly DeploymentFileFault[], options: AzuremlErrorOptions = {}) {
    const safe = faults
      .map((fault) => ({ ...fault, message: redactSecrets(fault.message) }))
      .sort((left, right) => (left.line ?? Number.MAX_VALUE) - (right.line ?? Number.MAX_VALUE));
    const lines = safe.map(({ path, line, message }) => {
      const place = line === undefined ? '' : `line ${line}: `;
      return `\n- ${place}${path === '' ? message : `${path}: ${message}`}`;
    });
    super(
      'DEPLOYMENT_FILE_INVALID',
      `The deployment file ${file} has ${safe.length === 1 ? 'one fault' : `${safe.length} faults`}:${lines.join('')}`,
      {
        ...options,
        details: {
          file,
          faults: safe.map(
            ({ path, line, column, message }): JsonValue => ({
              path,
              line: line ?? null,
              column: column ?? null,
              message,
            }),
          ),
        },
      },
    );
    this.file = file;
    this.faults = safe;
  }
}

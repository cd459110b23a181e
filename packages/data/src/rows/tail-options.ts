import { ValidationError } from '@azureml-ts/common';
import { checkRowsOptions, type RowsOptions } from './rows-options.ts';

/**
 * Options of {@link CollectedData.tail}.
 *
 * Of a file of more than 8 MiB only the end is read, from a row on that is known by its scoring time; the numbers of bad
 * records then count from there.
 */
export interface TailOptions extends Pick<RowsOptions, 'abortSignal' | 'columns' | 'types' | 'onBadRecord' | 'header'> {
  /** How many of the last rows to give, 0 or more. Default 10. */
  readonly last?: number | undefined;
  /**
   * Whether to go on with rows that come later, in the same files and in new ones, until `abortSignal` ends it. Default
   * `false`.
   */
  readonly follow?: boolean | undefined;
  /** Milliseconds between two looks, 100 or more. Default 5,000. */
  readonly intervalMs?: number | undefined;
}

/**
 * Checks options.
 *
 * @throws ValidationError (`VALIDATION`).
 */
export function checkTailOptions(options: TailOptions): void {
  const { last, follow, intervalMs } = options;
  checkRowsOptions(options);
  if (last !== undefined && !(Number.isInteger(last) && last >= 0)) {
    throw new ValidationError({ path: 'last', expected: 'a whole number, 0 or more', received: last });
  }
  if (follow !== undefined && typeof follow !== 'boolean') {
    throw new ValidationError({ path: 'follow', expected: 'true or false', received: follow });
  }
  if (intervalMs !== undefined && !(Number.isFinite(intervalMs) && intervalMs >= 100)) {
    throw new ValidationError({ path: 'intervalMs', expected: 'a number of 100 or more', received: intervalMs });
  }
}

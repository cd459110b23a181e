import { ValidationError } from '@azureml-ts/common';
import { CORRELATION_COLUMNS } from '@azureml-ts/monitoring/format';
import type { BadRecord } from './bad-record.ts';
import { CELL_READERS, type CellType, type CellValue } from './cell-types.ts';

/** Features by name, as they are read when nobody says what they are. */
export type FeatureRow = Record<string, CellValue>;

/** The columns that tie a row to its call: texts as stored, empty where the collector had nothing. */
export interface RowCorrelations {
  /** Id of the `collect` call; inputs and predictions of one request share it. */
  readonly $aml_dc_correlation_id: string;
  /** The caller's own id. */
  readonly $aml_dc_user_correlation_id: string;
  /** When the row was scored, ISO 8601 UTC. */
  readonly $aml_dc_scoring_timestamp: string;
  /** Id of the HTTP request. */
  readonly $aml_request_id: string;
}

/** One row: its features and the columns of its call. `T` is believed, not checked; declare `types` to have them checked. */
export type CollectedRow<T extends object = FeatureRow> = T & RowCorrelations;

/** Options of {@link CollectedData.rows}. */
export interface RowsOptions {
  /** Ends the work: the iteration rejects with the signal's reason. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Most rows to give, 0 or more. Default: all. Files behind the last row are not opened. */
  readonly limit?: number | undefined;
  /**
   * Features to give; default all. The columns of the call always come along. A file that lacks one gives `null` for it.
   */
  readonly columns?: readonly string[] | undefined;
  /**
   * What cells become. Default `infer`, decided for each cell on its own:
   *
   * | text | value |
   * |---|---|
   * | empty | `null` (also for a feature that was an empty text) |
   * | `true`, `false` | boolean |
   * | a number as JavaScript writes it (`5`, `-2.5`, `1e+21`, `NaN`, `Infinity`), or a whole one with `.0` | number |
   * | everything else, also `00123`, `1.50`, dates and integers above 9,007,199,254,740,991 | string |
   *
   * So one column can hold numbers and strings, and an id that looks like a number becomes one. `strings` leaves every
   * cell as its text. An object declares the type of single features (the others are inferred): a cell that is not of it
   * is an error.
   */
  readonly types?: 'infer' | 'strings' | Readonly<Record<string, CellType>> | undefined;
  /**
   * What to do with a record that has too few or too many cells, or a cell that is not of its declared type. Default
   * `throw`. `skip` leaves it out and logs how many a file had; a function is told of each one, which is then left out.
   */
  readonly onBadRecord?: 'throw' | 'skip' | ((bad: BadRecord) => void) | undefined;
}

/**
 * Checks options.
 *
 * @throws ValidationError (`VALIDATION`).
 */
export function checkRowsOptions(options: RowsOptions, path = ''): void {
  const { limit, columns, types, onBadRecord } = options;
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 0)) {
    throw new ValidationError({ path: `${path}limit`, expected: 'a whole number, 0 or more', received: limit });
  }
  if (columns !== undefined && !(Array.isArray(columns) && columns.every((name) => typeof name === 'string'))) {
    throw new ValidationError({ path: `${path}columns`, expected: 'an array of column names', received: columns });
  }
  if (
    onBadRecord !== undefined &&
    onBadRecord !== 'throw' &&
    onBadRecord !== 'skip' &&
    typeof onBadRecord !== 'function'
  ) {
    throw new ValidationError({
      path: `${path}onBadRecord`,
      expected: "'throw', 'skip' or a function",
      received: onBadRecord,
    });
  }
  if (types === undefined || types === 'infer' || types === 'strings') {
    return;
  }
  if (typeof types !== 'object' || types === null) {
    throw new ValidationError({
      path: `${path}types`,
      expected: "'infer', 'strings' or an object of types",
      received: types,
    });
  }
  const known = Object.keys(CELL_READERS);
  for (const [name, type] of Object.entries(types)) {
    if (!known.includes(type)) {
      throw new ValidationError({
        path: `${path}types.${name}`,
        expected: `one of ${known.join(', ')}`,
        received: type,
      });
    }
    if ((CORRELATION_COLUMNS as readonly string[]).includes(name)) {
      throw new ValidationError({
        path: `${path}types.${name}`,
        expected: 'left out: it is always a text',
        received: type,
      });
    }
  }
}

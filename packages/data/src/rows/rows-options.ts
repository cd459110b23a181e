import { ValidationError } from '@azureml-ts/common';
import { checkReadAheadOptions, type ReadAheadOptions } from '../store/read-ahead.ts';
import { CELL_READERS, type CellType, type CellValue } from './cell-types.ts';
import { isCallColumn } from './correlation-columns.ts';
import type { OnBadRecord } from './file-records.ts';
import type { OnSchemaChange } from './schema-change.ts';

/** Features by name, as they are read when nobody says what they are. */
export type FeatureRow = Record<string, CellValue>;

/**
 * The columns that tie a row to its call: texts as stored, empty where the collector had nothing. The first four are in
 * every row; the others only in rows that the Python package wrote.
 */
export interface RowCorrelations {
  /** Id of the `collect` call; inputs and predictions of one request share it. */
  readonly $aml_dc_correlation_id: string;
  /** The caller's own id. Of rows of the Python package: what stands in the correlation id before its UUID. */
  readonly $aml_dc_user_correlation_id: string;
  /** When the row was scored, ISO 8601 UTC. The Python package writes it without `Z`. */
  readonly $aml_dc_scoring_timestamp: string;
  /** Id of the HTTP request. The Python package writes an id of zeros when there was none. */
  readonly $aml_request_id: string;
  /** Minutes that a file of the Python package covers: `1440` or `60`. */
  readonly $aml_dc_boundary?: string;
  /** `<subscription>/<resource group>/<workspace>`. */
  readonly $aml_workspace?: string;
  /** Name of the web service. */
  readonly $aml_service_name?: string;
  /** Name of the model. */
  readonly $aml_model_name?: string;
  /** Version of the model. */
  readonly $aml_model_version?: string;
}

/** One row: its features and the columns of its call. `T` is believed, not checked; declare `types` to have them checked. */
export type CollectedRow<T extends object = FeatureRow> = T & RowCorrelations;

/** What {@link CollectedData.rows} and {@link CollectedData.batches} have in common. */
export interface ReadingOptions extends ReadAheadOptions {
  /** Most rows to give, 0 or more. Default: all. Files behind the last row are not opened. */
  readonly limit?: number | undefined;
  /**
   * Features to give; default all. The columns of the call always come along. A file that lacks one gives `null` for it.
   */
  readonly columns?: readonly string[] | undefined;
  /**
   * What to do with a record that has too few or too many cells, a cell that is not of its declared type, or no line end
   * although the day of its file is over. Default `throw`. `skip` leaves it out and logs how many a file had; a function
   * is told of each one, which is then left out.
   *
   * When a record that is left out has a quote in its first line and line ends behind it (a quote that was never closed
   * swallows what follows), the lines behind the first are looked at one by one: those that have the right number of cells
   * by themselves are rows, the others belong to the bad record.
   */
  readonly onBadRecord?: OnBadRecord | undefined;
  /** What to do when the columns change from file to file; see {@link OnSchemaChange}. */
  readonly onSchemaChange?: OnSchemaChange | undefined;
  /**
   * Whether the files begin with the names of their columns. Default: found out. A file of the Python package without
   * correlation columns may begin with names or with a row; where its names look like values, or its rows like names, say
   * which it is.
   */
  readonly header?: boolean | undefined;
}

/**
 * Options of {@link CollectedData.rows}.
 *
 * Memory stays bounded whatever the size of the files. A download that breaks is taken up where it broke. A row that is
 * just being written (no line end yet) is left for the next time. Files without header have the features `column_1`,
 * `column_2` and so on.
 */
export interface RowsOptions extends ReadingOptions {
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
   * In files of the Python package it is `True` and `False`, `nan`, `inf` and `-inf`, and a number may also be written as
   * Python does (`1e-07`, `1e+16`).
   *
   * So one column can hold numbers and strings, and an id that looks like a number becomes one. `strings` leaves every
   * cell as its text. An object declares the type of single features (the others are inferred): a cell that is not of it
   * is an error. A `date` needs a zone or is a UTC day; one of the Python package without zone is taken for UTC.
   */
  readonly types?: 'infer' | 'strings' | Readonly<Record<string, CellType>> | undefined;
}

/**
 * Checks options.
 *
 * @throws ValidationError (`VALIDATION`).
 */
export function checkRowsOptions(options: RowsOptions, path = ''): void {
  checkReadingOptions(options, path);
  checkTypes(options.types, Object.keys(CELL_READERS), path, isCallColumn);
}

/**
 * Checks what all ways of reading have in common.
 *
 * @throws ValidationError (`VALIDATION`).
 */
export function checkReadingOptions(options: ReadingOptions, path = ''): void {
  const { limit, columns, onBadRecord, onSchemaChange, header } = options;
  checkReadAheadOptions(options, path);
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 0)) {
    throw new ValidationError({ path: `${path}limit`, expected: 'a whole number, 0 or more', received: limit });
  }
  if (columns !== undefined && !(Array.isArray(columns) && columns.every((name) => typeof name === 'string'))) {
    throw new ValidationError({ path: `${path}columns`, expected: 'an array of column names', received: columns });
  }
  checkChoice(`${path}onBadRecord`, onBadRecord, ['throw', 'skip']);
  checkChoice(`${path}onSchemaChange`, onSchemaChange, ['merge', 'error']);
  if (header !== undefined && typeof header !== 'boolean') {
    throw new ValidationError({ path: `${path}header`, expected: 'true or false', received: header });
  }
}

function checkChoice(path: string, value: unknown, words: readonly string[]): void {
  if (value !== undefined && typeof value !== 'function' && !words.includes(value as string)) {
    const expected = `${words.map((word) => `'${word}'`).join(', ')} or a function`;
    throw new ValidationError({ path, expected, received: value });
  }
}

/**
 * Checks declared types.
 *
 * @param isText Tells of a column that is always a text.
 * @throws ValidationError (`VALIDATION`).
 */
export function checkTypes(
  types: unknown,
  known: readonly string[],
  path: string,
  isText: (name: string) => boolean,
): void {
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
  for (const [name, type] of Object.entries(types)) {
    if (!known.includes(type)) {
      throw new ValidationError({
        path: `${path}types.${name}`,
        expected: `one of ${known.join(', ')}`,
        received: type,
      });
    }
    if (isText(name)) {
      throw new ValidationError({
        path: `${path}types.${name}`,
        expected: 'left out: it is always a text',
        received: type,
      });
    }
  }
}

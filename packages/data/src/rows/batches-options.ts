import { ValidationError } from '@azureml-ts/common';
import type { ColumnType } from './column-batch.ts';
import { isCallColumn } from './correlation-columns.ts';
import { checkReadingOptions, checkTypes, type ReadingOptions } from './rows-options.ts';

/** Names of the types that a column can have. */
export const COLUMN_TYPES = ['float64', 'int64', 'boolean', 'timestamp', 'string'] as const satisfies ColumnType[];

/**
 * Options of {@link CollectedData.batches}.
 *
 * Numbers are read from the bytes of the file into typed arrays. Without declared types, they are inferred.
 */
export interface BatchesOptions extends ReadingOptions {
  /**
   * The types of the columns. Default `infer`: what the first rows of a header look like, up to 1 MiB of the first file
   * that has it and of up to 15 files behind it (with `onSchemaChange: 'merge'` the first 64 KiB of every file). A column
   * is
   *
   * | type | when all its cells are |
   * |---|---|
   * | `boolean` | `true` or `false`; `True` or `False` in files of the Python package |
   * | `int64` | whole numbers of up to 64 bits |
   * | `float64` | numbers, not all of them whole; `5.0` is not whole, `NaN` and infinities are numbers |
   * | `string` | anything else: `00123`, `1.50`, times, whole numbers that no double holds among others; or when all are empty |
   *
   * Empty cells are nulls of any type. `strings` leaves every cell as its text. An object declares the types of single
   * columns (the others are inferred), so does what {@link CollectedData.schema} found; a cell that is not of its declared
   * type makes a bad record. `$aml_dc_scoring_timestamp` may be declared `timestamp`; the other columns of the call are
   * always strings. A time without zone is taken for UTC in files of the Python package, and is none in others.
   */
  readonly types?:
    | 'infer'
    | 'strings'
    | Readonly<Record<string, ColumnType>>
    | readonly { readonly name: string; readonly type: ColumnType }[]
    | undefined;
  /**
   * Most rows of a batch, 1 to 1,048,576. Default: as many as have about 256 KiB of columns together, 8,192 at most; larger
   * batches are no faster, and take more memory. A batch never has rows of two files, and ends when the texts of a column
   * have more than 16 MiB.
   */
  readonly batchRows?: number | undefined;
  /**
   * What to do when a cell does not fit the type that was inferred. Default `error`: `COLUMN_TYPE_CHANGED`, which names the
   * cell and says what to declare. `widen`: the batch ends before the row, and those behind it have the wider type, int64
   * becoming float64, and anything else string.
   */
  readonly onTypeChange?: 'error' | 'widen' | undefined;
  /**
   * Whether the memory of a batch is used for the next one: faster, and memory stays flat. A batch is then good until the
   * next one is asked for; its arrays are taken away (their length becomes 0). Default `false`: batches can be kept.
   */
  readonly reuse?: boolean | undefined;
  /** Whether the columns of the call are in the batches. Default `true`. */
  readonly callColumns?: boolean | undefined;
}

const MOST_ROWS = 1_048_576;
const TIMESTAMP = '$aml_dc_scoring_timestamp';

/**
 * Checks options.
 *
 * @throws ValidationError (`VALIDATION`).
 */
export function checkBatchesOptions(options: BatchesOptions, path = ''): void {
  checkReadingOptions(options, path);
  const { batchRows, onTypeChange, callColumns, reuse } = options;
  if (batchRows !== undefined && !(Number.isInteger(batchRows) && batchRows >= 1 && batchRows <= MOST_ROWS)) {
    const expected = `a whole number from 1 to ${MOST_ROWS}`;
    throw new ValidationError({ path: `${path}batchRows`, expected, received: batchRows });
  }
  if (onTypeChange !== undefined && onTypeChange !== 'error' && onTypeChange !== 'widen') {
    throw new ValidationError({
      path: `${path}onTypeChange`,
      expected: "'error' or 'widen'",
      received: onTypeChange,
    });
  }
  for (const [name, value] of Object.entries({ callColumns, reuse })) {
    if (value !== undefined && typeof value !== 'boolean') {
      throw new ValidationError({ path: `${path}${name}`, expected: 'true or false', received: value });
    }
  }
  const declared = typeof options.types === 'object' && options.types !== null ? declaredTypes(options) : options.types;
  const isText = (name: string) => isCallColumn(name) && !(name === TIMESTAMP && isTimestamp(declared, name));
  checkTypes(declared, COLUMN_TYPES, path, isText);
}

function isTimestamp(declared: BatchesOptions['types'], name: string): boolean {
  return (declared as Readonly<Record<string, unknown>>)[name] === 'timestamp';
}

/** The declared types by the name of their column. */
export function declaredTypes({ types }: Pick<BatchesOptions, 'types'>): Readonly<Record<string, ColumnType>> {
  if (Array.isArray(types)) {
    const columns = types as readonly { readonly name: string; readonly type: ColumnType }[];
    return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
  }
  return typeof types === 'object' ? (types as Readonly<Record<string, ColumnType>>) : {};
}

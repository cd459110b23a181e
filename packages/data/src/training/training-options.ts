import { ValidationError } from '@azureml-ts/common';
import { checkChoice } from '../join/join-options.ts';

/** Where a column of a training set comes from: the ids of the call, the left side, the right side, or the label. */
export type TrainingColumnSource = 'call' | 'left' | 'right' | 'label';

/** A column to write. */
export interface TrainingColumn {
  /**
   * Where it comes from. Default: the first of `left`, `right`, `label` and `call` that has it. `call` has `correlationId`,
   * `position`, `userCorrelationId`, `scoringTimestamp` and `requestId`.
   */
  readonly from?: TrainingColumnSource | undefined;
  /** Its name there. */
  readonly name: string;
  /** What it is called in the training set. Default: `name`. */
  readonly as?: string | undefined;
}

/** Options of {@link RowStream.trainingSet}. */
export interface TrainingSetOptions {
  /** `csv` (default), or `parquet` with zstd, which needs the packages parquet-wasm and apache-arrow. */
  readonly format?: 'csv' | 'parquet' | undefined;
  /**
   * Columns in their order, by name or as {@link TrainingColumn}. Default: the features of the left side, then of the right
   * side, then the columns of the label without its id, each in the order in which they first came.
   */
  readonly columns?: readonly (string | TrainingColumn)[] | undefined;
  /** What the column of the label is called. Labels must then have exactly one column besides their id. */
  readonly labelColumn?: string | undefined;
  /** Whether the five columns of the call come first. Default `false`; not together with `columns`. */
  readonly callColumns?: boolean | undefined;
  /**
   * Parts and their shares, which add up to 1, for example `{ train: 0.8, test: 0.2 }`; each part is a file of its own.
   * Default: one file, `data`.
   *
   * The first six bytes of the SHA-256 of the id, read as a fraction of 1, fall into the share of one part: rows of one id
   * stay together, and an id is in the same part in every later set with the same shares.
   */
  readonly split?: Readonly<Record<string, number>> | undefined;
  /**
   * Which id decides: that of the call (default), or the caller's own, so that everything of one patient or customer stays
   * together; rows without it go by that of the call.
   */
  readonly splitBy?: 'correlationId' | 'userCorrelationId' | undefined;
  /** Whether a training set that is there is replaced. Default `false`. */
  readonly overwrite?: boolean | undefined;
  /** Ends the work: the promise rejects with the signal's reason, and what was written is removed. */
  readonly abortSignal?: AbortSignal | undefined;
}

const SOURCES = ['call', 'left', 'right', 'label'];
const PART_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/**
 * Checks options.
 *
 * @throws ValidationError (`VALIDATION`).
 */
export function checkTrainingOptions(options: TrainingSetOptions): void {
  const { format, columns, labelColumn, callColumns, split, splitBy } = options;
  checkChoice('format', format, ['csv', 'parquet']);
  checkChoice('splitBy', splitBy, ['correlationId', 'userCorrelationId']);
  if (labelColumn !== undefined && (typeof labelColumn !== 'string' || labelColumn === '')) {
    throw new ValidationError({ path: 'labelColumn', expected: 'a name', received: labelColumn });
  }
  if (columns !== undefined && !(Array.isArray(columns) && columns.length > 0 && columns.every(isColumn))) {
    throw new ValidationError({
      path: 'columns',
      expected: "names, or { name, from?: 'call' | 'left' | 'right' | 'label', as? }, at least one",
      received: columns,
    });
  }
  if (columns !== undefined && callColumns === true) {
    throw new ValidationError({ path: 'callColumns', expected: 'left out where columns are named', received: true });
  }
  if (split !== undefined) {
    checkSplit(split);
  }
}

function isColumn(column: unknown): boolean {
  if (typeof column === 'string') {
    return column !== '';
  }
  const { from, name, as } = (column ?? {}) as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    name !== '' &&
    (from === undefined || SOURCES.includes(from as string)) &&
    (as === undefined || (typeof as === 'string' && as !== ''))
  );
}

function checkSplit(split: Readonly<Record<string, number>>): void {
  const expected = 'an object of part names and shares above 0 that add up to 1, for example { train: 0.8, test: 0.2 }';
  if (typeof split !== 'object' || split === null) {
    throw new ValidationError({ path: 'split', expected, received: split });
  }
  const shares = Object.values(split);
  const sum = shares.reduce((total, share) => total + share, 0);
  if (!(shares.every((share) => typeof share === 'number' && share > 0) && Math.abs(sum - 1) < 1e-9)) {
    throw new ValidationError({ path: 'split', expected, received: split });
  }
  const wrong = Object.keys(split).find((name) => !PART_NAME.test(name) || name === 'manifest');
  if (wrong !== undefined) {
    throw new ValidationError({
      path: `split.${wrong}`,
      expected: 'a name of a letter and up to 63 letters, digits, dashes and underscores, and not manifest',
      received: wrong,
    });
  }
}

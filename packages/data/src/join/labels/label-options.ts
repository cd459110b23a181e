import { ValidationError } from '@azureml-ts/common';
import type { CollectedData } from '../../collected-data.ts';
import { checkRowsOptions, type RowsOptions } from '../../rows/rows-options.ts';
import { checkChoice, checkFunction, type JoinSideOptions, type RowOrderOptions } from '../join-options.ts';

/** A label: an id and what became known of it, by name. */
export type LabelRecord = Readonly<Record<string, unknown>>;

/**
 * Labels: an array of records, something that gives them one by one, a CSV or JSON Lines file by its path or `file:` URL,
 * or collected rows, for example of the designation `labels`.
 */
export type LabelSource<L extends object = LabelRecord> = Iterable<L> | AsyncIterable<L> | string | URL | CollectedData;

/** Rows or labels that found no other side. */
export interface LabelOrphan {
  /** A row without a label, or a label without a row. */
  readonly side: 'row' | 'label';
  /** The id that was looked for; empty when there is none. */
  readonly id: string;
  /** Id of the row's call; `undefined` for a label. */
  readonly correlationId: string | undefined;
  /** Place of the row within its call; `undefined` for a label. */
  readonly position: number | undefined;
}

/** A label whose id another one has too. */
export interface LabelDuplicate {
  /** The id. */
  readonly id: string;
  /** How many labels have it so far. */
  readonly count: number;
}

/** Options of {@link JoinedRows.joinLabels}. */
export interface JoinLabelsOptions {
  /**
   * What of a label is its id: the name of a column, for example `patient_id`. Default `userCorrelationId`.
   *
   * Of collected labels, `userCorrelationId`, `correlationId` and `requestId` mean what they were collected with. Labels
   * that were collected with the `correlations` of their inputs find them by `correlationId`, row by row of the call.
   */
  readonly on?: string | undefined;
  /**
   * What of a row is compared with it, as text: `userCorrelationId`, `correlationId`, `requestId`, or the name of a
   * feature. Default: `userCorrelationId`, or the same as `on` when that is `correlationId` or `requestId`. Rows may share
   * an id: each gets the label.
   */
  readonly rowId?: string | undefined;
  /** Which rows to give: `inner` (default) those with a label, `left` all; `label` is then `null` where there is none. */
  readonly how?: 'inner' | 'left' | undefined;
  /** Which label counts when several have one id: the `last` (default) or `first` in their order, or none: `error`. */
  readonly duplicates?: 'last' | 'first' | 'error' | undefined;
  /** Columns of the labels to give. Default: all. */
  readonly columns?: readonly string[] | undefined;
  /** What cells of a CSV file or of collected labels become; see {@link RowsOptions.types}. Ids are always texts. */
  readonly types?: RowsOptions['types'];
  /** What a file is. Default: by its ending, `.csv`, `.jsonl` or `.ndjson`. */
  readonly format?: 'csv' | 'jsonl' | undefined;
  /** Told of every row without a label and, at the end, of every label without a row. */
  readonly onOrphan?: ((orphan: LabelOrphan) => void) | undefined;
  /** Told of every label whose id an earlier one has too. */
  readonly onDuplicate?: ((duplicate: LabelDuplicate) => void) | undefined;
  /** Ends the work: the iteration rejects with the signal's reason. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** Options of {@link CollectedData.joinLabels}. */
export interface JoinRowsWithLabelsOptions extends JoinLabelsOptions, RowOrderOptions {
  /** What to read of the rows. Default: every feature, inferred. */
  readonly left?: JoinSideOptions | undefined;
}

/**
 * Checks options.
 *
 * @throws ValidationError (`VALIDATION`).
 */
export function checkLabelOptions(options: JoinLabelsOptions): void {
  for (const name of ['on', 'rowId'] as const) {
    const value: unknown = options[name];
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw new ValidationError({ path: name, expected: 'the name of a column', received: value });
    }
  }
  checkChoice('how', options.how, ['inner', 'left']);
  checkChoice('duplicates', options.duplicates, ['last', 'first', 'error']);
  checkChoice('format', options.format, ['csv', 'jsonl']);
  checkFunction('onOrphan', options.onOrphan);
  checkFunction('onDuplicate', options.onDuplicate);
  checkRowsOptions({ columns: options.columns, types: options.types });
}

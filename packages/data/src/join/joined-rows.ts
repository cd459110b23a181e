import type { FeatureRow } from '../rows/rows-options.ts';
import type { ExportTarget } from '../store/file-sink.ts';
import type { TrainingSetOptions } from '../training/training-options.ts';
import { type TrainingSet, writeTrainingSet } from '../training/training-set.ts';
import type { JoinedRow, JoinSummary } from './join-summary.ts';
import {
  checkLabelOptions,
  type JoinLabelsOptions,
  type LabelRecord,
  type LabelSource,
} from './labels/label-options.ts';
import type { LabelledRow } from './labels/label-rows.ts';
import type { LabelSummary } from './labels/label-summary.ts';
import { checkLabelSource } from './labels/read-labels.ts';
import type { RowRun, RowSource } from './row-source.ts';
import { labelledRows } from './row-sources.ts';
import type { SourceWatch } from './source-watch.ts';

/** Rows that were put together, one by one. Each iteration reads everything anew. */
export interface RowStream<R, S> extends AsyncIterable<R> {
  /** What became of the rows of the latest iteration so far; complete once it has ended. */
  readonly summary: S;
  /**
   * Writes the rows as a training set: one file, or one for each part of a split, and `manifest.json`, which says what they
   * were made of. Equal rows in equal order give equal bytes, whenever they are written.
   *
   * The manifest is written last, and an old one is removed first: where it stands, every file that it names is whole. A
   * set that could not be written whole is removed again. Rows beyond a few thousand wait in the system's temporary
   * folder until all are there, because only then are the types of the columns known.
   *
   * @param target Where to write: a folder or a container; see {@link ExportTarget}.
   * @param options What to write; see {@link TrainingSetOptions}.
   * @returns What was written, and the manifest.
   * @throws ValidationError (`VALIDATION`) at once for bad options; AzuremlError `TRAINING_SET_EMPTY` when there are no
   *   rows, `TRAINING_SET_COLUMN` when a column is missing or two have one name, `FILE_EXISTS` when there is a training
   *   set already and `overwrite` is not given, `STORAGE_WRITE_FAILED`, `TEMPORARY_FOLDER_FAILED`, and what reading the
   *   rows throws.
   */
  trainingSet(target: ExportTarget, options?: TrainingSetOptions): Promise<TrainingSet>;
}

/** Rows of two streams side by side; see {@link CollectedData.join}. */
export interface JoinedRows<T extends object | null = FeatureRow, U extends object | null = FeatureRow>
  extends RowStream<JoinedRow<T, U>, JoinSummary> {
  /**
   * Puts labels to the rows: what became known later, found by the caller's own id. Rows stay in their order.
   *
   * All labels are in memory while the rows are read: some 200 bytes for each, and what their columns take.
   *
   * @param labels Records, a file, or collected rows; see {@link LabelSource}.
   * @param options Which columns are compared, and which rows are given.
   * @throws ValidationError (`VALIDATION`) at once for bad options. While reading, AzuremlError `LABELS_NOT_FOUND`,
   *   `LABELS_NOT_READABLE`, `LABEL_COLUMN_NOT_FOUND`, `LABEL_DUPLICATE`, `COLUMN_NOT_FOUND`, `CSV_BAD_HEADER`,
   *   `CSV_BAD_RECORD`, `JSON_BAD_RECORD`, `CELL_NOT_<TYPE>`, and what the join throws.
   */
  joinLabels<L extends object = LabelRecord>(
    labels: LabelSource<L>,
    options?: JoinLabelsOptions & { readonly how?: 'inner' | undefined },
  ): LabelledRows<T, U, L>;
  /** The same with `how: 'left'`: rows without a label come with `null` in its place. */
  joinLabels<L extends object = LabelRecord>(
    labels: LabelSource<L>,
    options?: JoinLabelsOptions,
  ): LabelledRows<T, U, L | null>;
}

/** Rows with what became known of them later; see {@link JoinedRows.joinLabels}. */
export interface LabelledRows<
  T extends object | null = FeatureRow,
  U extends object | null = FeatureRow,
  L extends object | null = LabelRecord,
> extends RowStream<LabelledRow<T, U, L>, LabelSummary> {}

/** Reads a source as often as it is asked to. */
export class SourceStream<R, S> implements RowStream<R, S> {
  readonly #source: RowSource<R, S>;
  #run: RowRun<R, S>;

  /** @param source Where the rows come from. */
  constructor(source: RowSource<R, S>) {
    this.#source = source;
    this.#run = source.start();
  }

  /** See {@link RowStream.summary}. */
  get summary(): S {
    return this.#run.summary();
  }

  /** Reads everything and gives the rows. */
  [Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    return this.#start().rows;
  }

  /** See {@link RowStream.trainingSet}. */
  trainingSet(target: ExportTarget, options: TrainingSetOptions = {}): Promise<TrainingSet> {
    const { description } = this.#source;
    const start = (watch?: SourceWatch) => this.#start(watch) as RowRun<LabelledRow<object, object, object>, unknown>;
    return writeTrainingSet({ description, start }, target, options);
  }

  #start(watch?: SourceWatch): RowRun<R, S> {
    this.#run = this.#source.start(watch);
    return this.#run;
  }
}

/** Pairs, to which labels can be put. */
export class JoinedStream<T extends object | null, U extends object | null>
  extends SourceStream<JoinedRow<T, U>, JoinSummary>
  implements JoinedRows<T, U>
{
  readonly #pairs: RowSource<JoinedRow<T, U>, JoinSummary>;

  /** @param source Where the pairs come from. */
  constructor(source: RowSource<JoinedRow<T, U>, JoinSummary>) {
    super(source);
    this.#pairs = source;
  }

  /** See {@link JoinedRows.joinLabels}. */
  joinLabels<L extends object>(labels: LabelSource<L>, options: JoinLabelsOptions = {}): LabelledRows<T, U, L> {
    return labelledStream<T, U, L>(this.#pairs, labels, options);
  }
}

/** Puts labels to rows of any source. */
export function labelledStream<T extends object | null, U extends object | null, L extends object>(
  source: RowSource<JoinedRow<T, U>, JoinSummary | null>,
  labels: LabelSource<L>,
  options: JoinLabelsOptions,
): LabelledRows<T, U, L> {
  checkLabelSource(labels);
  checkLabelOptions(options);
  return new SourceStream(labelledRows<T, U, L>(source, labels, options));
}

import type { FeatureRow } from '../rows/rows-options.ts';
import type { ExportTarget } from '../store/export-target.ts';
import type { TrainingSetOptions } from '../training/training-options.ts';
import type { TrainingSet } from '../training/training-set.ts';
import { checkJoinOptions, type JoinOptions, type JoinSideOptions, type RowOrderOptions } from './join-options.ts';
import { joinSideOf } from './join-side.ts';
import { type JoinedRows, JoinedStream, type LabelledRows, labelledStream, SourceStream } from './joined-rows.ts';
import type { JoinRowsWithLabelsOptions, LabelSource } from './labels/label-options.ts';
import { pairedRows, singleRows } from './row-sources.ts';

/** What {@link CollectedData.trainingSet} can be told. */
export type OpenedTrainingOptions = TrainingSetOptions &
  RowOrderOptions & { readonly left?: JoinSideOptions | undefined };

/** Joins opened data with other; see {@link CollectedData.join}. */
export function joinOpened<T extends object, U extends object>(
  data: object,
  other: unknown,
  options: JoinOptions,
): JoinedRows<T | null, U | null> {
  const right = joinSideOf(other, 'other');
  checkJoinOptions(options);
  return new JoinedStream(pairedRows<T, U>(joinSideOf(data, 'this'), right, options));
}

/** Puts labels to the rows of opened data; see {@link CollectedData.joinLabels}. */
export function labelOpened<T extends object, L extends object>(
  data: object,
  labels: LabelSource<L>,
  options: JoinRowsWithLabelsOptions,
): LabelledRows<T, null, L> {
  checkJoinOptions({ left: options.left, orderBy: options.orderBy });
  return labelledStream<T, null, L>(singleRows<T>(joinSideOf(data, 'this'), options), labels, options);
}

/** Writes the rows of opened data; see {@link CollectedData.trainingSet}. */
export function trainOnOpened(
  data: object,
  target: ExportTarget,
  options: OpenedTrainingOptions,
): Promise<TrainingSet> {
  checkJoinOptions({ left: options.left, orderBy: options.orderBy });
  return new SourceStream(singleRows<FeatureRow>(joinSideOf(data, 'this'), options)).trainingSet(target, options);
}

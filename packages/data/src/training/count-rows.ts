import type { JoinSummary } from '../join/join-summary.ts';
import type { LabelSummary } from '../join/labels/label-summary.ts';

/** Counts of a summary. */
export interface RowCounts {
  readonly read: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
}

/**
 * What was read and what was left out.
 *
 * @param summary Of a join, of labelled rows, or `null` for rows of one stream.
 * @param how Which rows the join and the labelling gave.
 * @param written Rows that were written.
 */
export function countRows(
  summary: JoinSummary | LabelSummary | null,
  how: Readonly<Record<string, string | null>>,
  written: number,
): RowCounts {
  const labels = summary !== null && 'labels' in summary ? summary : undefined;
  const join = labels === undefined ? (summary as JoinSummary | null) : labels.join;
  const read: Record<string, number> = {};
  const dropped: Record<string, number> = {};
  if (join === null) {
    read['left'] = labels?.rows ?? written;
  } else {
    read['left'] = join.leftRows;
    read['right'] = join.rightRows;
    dropped['leftOnly'] = how['how'] === 'inner' ? join.leftOnly : 0;
    dropped['rightOnly'] = how['how'] === 'outer' ? 0 : join.rightOnly;
    dropped['duplicateRows'] = join.duplicateRows;
  }
  if (labels !== undefined) {
    read['labels'] = labels.labels;
    dropped['rowsWithoutLabel'] = how['labelsHow'] === 'left' ? 0 : labels.rowsWithoutLabel;
    dropped['labelsWithoutRow'] = labels.labelsWithoutRow;
    dropped['labelsWithoutId'] = labels.labelsWithoutId;
    dropped['duplicateLabels'] = labels.duplicateLabels;
  }
  return { read, dropped };
}

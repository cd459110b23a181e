import { harmlessLine } from '@azureml-ts/common';
import type { JoinSummary, LabelSummary } from '@azureml-ts/data';

/** Ids that a line names. */
const MAX_IDS = 10;

/** How many rows and labels have no partner. */
export function countOrphans(summary: JoinSummary | LabelSummary | null): number {
  const { join, labels } = partsOf(summary);
  return (
    (join === null ? 0 : join.leftOnly + join.rightOnly) +
    (labels === null ? 0 : labels.rowsWithoutLabel + labels.labelsWithoutRow)
  );
}

/** What became of rows and labels, line by line. */
export function joinReport(summary: JoinSummary | LabelSummary | null): string[] {
  const { join, labels } = partsOf(summary);
  return [...(join === null ? [] : joinLines(join)), ...(labels === null ? [] : labelLines(labels))].map(harmlessLine);
}

function partsOf(summary: JoinSummary | LabelSummary | null): {
  join: JoinSummary | null;
  labels: LabelSummary | null;
} {
  if (summary === null) {
    return { join: null, labels: null };
  }
  return 'labels' in summary ? { join: summary.join, labels: summary } : { join: summary, labels: null };
}

function joinLines({ ids, ...counts }: JoinSummary): string[] {
  return [
    `${counts.matched} pairs of ${counts.leftRows} rows on the left and ${counts.rightRows} on the right.`,
    ...line(counts.leftOnly, 'rows of the left without a right one', ids.leftOnly),
    ...line(counts.rightOnly, 'rows of the right without a left one', ids.rightOnly),
    ...line(counts.unequalCalls, 'calls with more rows on one side', ids.unequalCalls),
    ...line(counts.duplicateRows, 'rows left out because the id of their call came before', ids.duplicateCalls),
  ];
}

function labelLines({ ids, ...counts }: LabelSummary): string[] {
  return [
    `${counts.labelled} of ${counts.rows} rows got one of ${counts.labels} labels.`,
    ...line(counts.rowsWithoutLabel, 'rows without a label', ids.rowsWithoutLabel),
    ...line(counts.labelsWithoutRow, 'labels without a row', ids.labelsWithoutRow),
    ...line(counts.labelsWithoutId, 'labels without an id', []),
    ...line(counts.duplicateLabels, 'labels left out because another one has their id', ids.duplicateLabels),
  ];
}

function line(count: number, what: string, ids: readonly string[]): string[] {
  if (count === 0) {
    return [];
  }
  const named = ids.slice(0, MAX_IDS).map((id) => (id === '' ? '(no id)' : id));
  const more = ids.length > MAX_IDS ? ', ...' : '';
  return [`${count} ${what}${named.length === 0 ? '' : `: ${named.join(', ')}${more}`}.`];
}
